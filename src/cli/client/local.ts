/** A client of the ledger under DATA: the same documents, run in this process. */

import { notFoundFailure } from '../failure.ts';
import type { FactsAnswer } from '../runtime.ts';
import { readAnswer } from './answer.ts';
import type { Client, StatusFile } from './client.ts';

export interface LocalParts {
  readonly place: string;
  readonly graph: {
    run(document: string, variables: Readonly<Record<string, unknown>>): Promise<string>;
    watch(document: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): AsyncIterable<string>;
  };
  exportLines(query: { readonly after: number; readonly stream: string | null }): AsyncIterable<string>;
  takeFacts(lines: readonly string[]): Promise<FactsAnswer>;
  statusFile(path: string): Promise<StatusFile | null>;
  close(): Promise<void>;
}

export function localClient({ place, graph, exportLines, takeFacts, statusFile, close }: LocalParts): Client {
  return {
    place,
    async ask<Answer>(document: string, variables = {}) {
      return readAnswer<Answer>(JSON.parse(await graph.run(document, variables)));
    },
    async *watch<Change>({ document, field, variables }: Parameters<Client['watch']>[0], signal: AbortSignal) {
      for await (const json of graph.watch(document, variables, signal)) {
        const change = readAnswer<Record<string, Change>>(JSON.parse(json))[field];
        if (change !== undefined) yield change;
      }
    },
    exportLines,
    takeFacts,
    async statusFile(path) {
      const file = await statusFile(path);
      if (file === null) throw notFoundFailure(`file ${path} of the status page`);
      return file;
    },
    close,
  };
}
