/** What a GraphQL answer means to a command. */
import { CommandFailure, exitOfCode } from '../failure.ts';

interface GraphAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

/** The data of an answer. Throws its first error as a failure with the code it carries. */
export function readAnswer<Data>(answer: unknown): Data {
  const { data, errors } = answer as GraphAnswer;
  const first = errors?.[0];
  if (!first) return data as Data;
  const code = first.extensions?.['code'];
  const hint = first.extensions?.['hint'];
  const named = typeof code === 'string' ? code : 'ERROR';
  throw new CommandFailure(exitOfCode(named), {
    code: named,
    message: first.message,
    hint: typeof hint === 'string' ? hint : null,
  });
}
