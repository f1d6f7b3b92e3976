/**
 * The test server as a process of its own, for benchmarks and for tests that kill it: `node process.ts [--port N] [--file PATH]`. Prints
 * `{"port":N}` once it listens. With a file, what it acknowledged is there again after a kill. A line on its stdin cuts all connections;
 * it ends when its stdin does, so that it does not outlive who started it.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openJournal } from './journal.ts';
import { EventStoreServer } from './server.ts';
import { Store } from './store.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, file: { type: 'string' } } });
const store = values.file === undefined ? new Store() : new Store(openJournal(values.file));
const server = new EventStoreServer({ store, port: Number(values.port) });
await server.start();
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
createInterface(process.stdin)
  .on('line', () => server.dropConnections())
  .on('close', () => process.exit());
