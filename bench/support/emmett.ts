/** The peer: emmett's event store on SQLite, from `bench/peers` where that is installed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface EmmettStore {
  appendToStream(stream: string, events: readonly { readonly type: string; readonly data: object }[]): Promise<unknown>;
}

/** null where the peers are not installed (`npm ci` in bench/peers). */
export async function openEmmett(fileName: string): Promise<EmmettStore | null> {
  const folder = join(import.meta.dirname, '..', 'peers', 'node_modules', '@event-driven-io', 'emmett-sqlite');
  if (!existsSync(folder)) return null;
  const module = (await import(pathToFileURL(join(folder, 'dist', 'index.js')).href)) as {
    getSQLiteEventStore(options: { readonly fileName: string }): EmmettStore;
  };
  return module.getSQLiteEventStore({ fileName });
}
