/** One way to read and to command, whether a server answers or this process does from the ledger's files. */
import type { FactsAnswer } from '../runtime.ts';

export type Variables = Readonly<Record<string, unknown>>;

export interface Client {
  /** What is talked to, for people: a URL or a folder. */
  readonly place: string;
  /** A query or a mutation. Throws a `CommandFailure` with the answer's code. */
  ask<Answer>(document: string, variables?: Variables): Promise<Answer>;
  /**
   * A subscription, payload by payload, until the signal. `Change` carries a cursor; where the connection breaks it is
   * taken up again after the last one, with no gap and no duplicate.
   */
  watch<Change>(subscription: Subscription, signal: AbortSignal): AsyncIterable<Change>;
  /** Lines of the export, many at a time, line ends included. */
  exportLines(query: { readonly after: number; readonly stream: string | null }): AsyncIterable<string | Uint8Array>;
  /** A file of the status page, by its path and query on the server. Fails with `NOT_FOUND` where there is none. */
  statusFile(path: string): Promise<StatusFile>;
  /** Appends facts: CloudEvents as JSON, one a line. */
  takeFacts(lines: readonly string[]): Promise<FactsAnswer>;
  close(): Promise<void>;
}

export interface StatusFile {
  /** Its media type. */
  readonly type: string;
  readonly body: Uint8Array;
  /** Of the record that it was made from; null where the server does not say. */
  readonly position: string | null;
}

export interface Subscription {
  readonly document: string;
  /** The subscription's root field; its `cursor` is what a reader resumes from by the variable `$after`. */
  readonly field: string;
  readonly variables: Variables;
  /** True where the server's `complete` is its end; else it is taken up again. */
  readonly ends?: true;
  /** Variables beside `after` that it is to be taken up again with, of its last payload. */
  readonly resumeWith?: (change: never) => Variables;
}
