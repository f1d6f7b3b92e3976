/** The one door: whoever appends comes through here. Validate, judge or decide, append with retry, keep what is refused. */
import type { Command } from '../../schemas/commands.ts';
import type { Position } from '../../schemas/ids.ts';

export type Role = 'read' | 'ingest' | 'operate' | 'admin';
export type DoorName = 'http' | 'graphql' | 'import' | 'kafka';

/** Who is calling and what they may do; made once per request by the door they came through. */
export interface Caller {
  /** The token's name; null without tokens. */
  readonly name: string | null;
  /** CloudEvents auth context: `unauthenticated` without tokens, else `service_account`. */
  readonly authType: string;
  readonly roles: ReadonlySet<Role>;
  readonly door: DoorName;
}

/** A record as it came: either the text of one CloudEvent in JSON, or a value that was parsed already. */
export type IncomingRecord = { readonly text: string } | { readonly value: unknown };

export interface Rejected {
  /** Place in the call's records, from 0. */
  readonly index: number;
  readonly id: string | null;
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the record. */
  readonly path: string | null;
}

export interface FactsResult {
  readonly appended: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejected[];
  /** The highest position among those appended or already known; the head's where there are none. */
  readonly position: Position;
}

export type Refusal =
  | { readonly refusal: 'UnknownSubject'; readonly code: string; readonly message: string; readonly id: string }
  | { readonly refusal: 'IllegalTransition'; readonly code: string; readonly message: string; readonly from: string | null }
  | { readonly refusal: 'RevisionConflict'; readonly code: string; readonly message: string; readonly position: Position }
  | { readonly refusal: 'InvalidInput'; readonly code: string; readonly message: string; readonly path: string };

export interface CommandDone {
  /** Subject of the stream that the command went to. */
  readonly subject: string;
  /** Position of the command's (last) event. */
  readonly position: Position;
  /** For retractions: the event that was retracted. */
  readonly retracted: Position | null;
}
export type CommandResult = ({ readonly kind: 'done' } & CommandDone) | ({ readonly kind: 'refused' } & Refusal);

export interface Accept {
  /** Facts, each judged by itself, appended durably before the promise resolves. Throws operating errors only; `MusterbookError.facts.partial` then holds the FactsResult so far. */
  facts(records: readonly IncomingRecord[], caller: Caller): Promise<FactsResult>;
  /** A command, decided against the state of its stream; refusals are values. */
  command(command: Command, caller: Caller): Promise<CommandResult>;
}
