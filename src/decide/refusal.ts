/** Why a command is not done: a value, never an exception. The four kinds are union members of every mutation's answer. */
import type { Position } from '../../schemas/ids.ts';

export interface UnknownSubject {
  readonly refusal: 'UnknownSubject';
  readonly code: string;
  readonly message: string;
  /** The id that nothing is known under. */
  readonly id: string;
}
export interface IllegalTransition {
  readonly refusal: 'IllegalTransition';
  readonly code: string;
  readonly message: string;
  /** The state that the command does not fit; null where there is none. */
  readonly from: string | null;
}
export interface RevisionConflict {
  readonly refusal: 'RevisionConflict';
  readonly code: string;
  readonly message: string;
  readonly position: Position;
}
export interface InvalidInput {
  readonly refusal: 'InvalidInput';
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the command's input. */
  readonly path: string;
}
export type Refusal = UnknownSubject | IllegalTransition | RevisionConflict | InvalidInput;

export type SubjectKind = 'incident' | 'component' | 'maintenance' | 'update' | 'action_item' | 'event';

export function unknownSubject(kind: SubjectKind, id: string): UnknownSubject {
  const named = kind === 'action_item' ? 'action item' : kind;
  return {
    refusal: 'UnknownSubject',
    code: `UNKNOWN_${kind.toUpperCase()}`,
    message: `The ledger knows no ${named} ${JSON.stringify(id)}`,
    id,
  };
}

export function illegalTransition(message: string, from: string | null): IllegalTransition {
  return { refusal: 'IllegalTransition', code: 'ILLEGAL_TRANSITION', message, from };
}

export function invalidInput(path: string, message: string, code = 'INVALID_INPUT'): InvalidInput {
  return { refusal: 'InvalidInput', code, message: `${path.slice(1) || 'input'} ${message}`, path };
}

export function revisionConflict(position: Position): RevisionConflict {
  return {
    refusal: 'RevisionConflict',
    code: 'REVISION_CONFLICT',
    message: 'Someone else changed it meanwhile, again and again: look at it as it is now and try again',
    position,
  };
}
