/** What became of a command, and what its author can do about it. Pure. */
import type { Failure } from '../api/ask.ts';
import type { FormSpec } from './forms.ts';

/** The answer of a mutation: a payload, or a member of the schema's union that implements `Refusal`. */
export interface CommandAnswer {
  readonly __typename: string;
  readonly position?: string;
  readonly incident?: { readonly id: string };
  readonly code?: string;
  readonly message?: string;
  readonly path?: string;
  readonly from?: string | null;
}

export interface Refused {
  /** Beside which field it stands; null: it is about the whole. */
  readonly field: string | null;
  readonly code: string;
  readonly message: string;
  /** What to do; empty where the message says it. */
  readonly advice: string;
  /** Whether the same may be sent again as it is. */
  readonly canRetry: boolean;
}

export function mutationText({ mutation }: FormSpec): string {
  const input = mutation[0]?.toUpperCase() + mutation.slice(1);
  return `mutation Command($input: ${input}Input!) {
  ${mutation}(input: $input) {
    __typename
    ... on IncidentPayload { position incident { id } }
    ... on Refusal { code message }
    ... on IllegalTransition { from }
    ... on InvalidInput { path }
  }
}`;
}

/** Null where the command was done. */
export function refusalIn(answer: CommandAnswer, spec: FormSpec): Refused | null {
  const { code = '', message = '', path, from } = answer;
  switch (answer.__typename) {
    case 'IncidentPayload':
      return null;
    case 'InvalidInput':
      return { field: fieldAt(spec, path ?? ''), code, message, advice: 'Change it and send again.', canRetry: false };
    case 'IllegalTransition':
      return { field: statusField(spec), code, message, advice: transitionAdvice(from ?? null), canRetry: false };
    case 'RevisionConflict':
      return { field: null, code, message, advice: 'Nothing was recorded.', canRetry: true };
    default: {
      const field = code === 'UNKNOWN_COMPONENT' ? fieldAt(spec, '/components') : null;
      return { field, code, message, advice: 'It may have been taken back meanwhile.', canRetry: false };
    }
  }
}

/** A command that no decider has seen, or whose answer did not arrive. */
export function refusalOf({ kind, code, message }: Failure, spec: FormSpec): Refused {
  switch (kind) {
    case 'unreachable': {
      const advice = 'What you wrote is kept. Sending it again records it once, even if it did arrive.';
      return { field: null, code: 'UNREACHABLE', message: 'The server did not answer.', advice, canRetry: true };
    }
    case 'forbidden':
      return { field: null, code, message, advice: NEEDS_OPERATE, canRetry: false };
    case 'signed-out':
      return { field: null, code, message, advice: 'What you wrote is kept until you are back.', canRetry: true };
    case 'refused': {
      // graphql-js names the place of a value that it cannot take: `at "input.at"`.
      const field = fieldAt(spec, `/${/"input\.(\w+)/.exec(message)?.[1] ?? ''}`);
      return {
        field,
        code,
        message,
        advice: field === null ? 'What you wrote is kept.' : '',
        canRetry: field === null,
      };
    }
  }
}

export const NEEDS_OPERATE = 'It takes a token with the role operate.';

function fieldAt({ fields }: FormSpec, path: string): string | null {
  const name = path.split('/')[1];
  return fields.find((field) => field.name === name)?.name ?? null;
}

function statusField({ fields }: FormSpec): string | null {
  return fields.find(({ name }) => name === 'status')?.name ?? null;
}

function transitionAdvice(from: string | null): string {
  if (from === null) return 'Look at where it stands now.';
  return `It is ${from.replaceAll('_', ' ')} now, at the time this is dated.`;
}
