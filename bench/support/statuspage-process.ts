/** One server of the benchmark `statuspage`: ours, or express that sends a constant. Says its port to its parent. */
import express from 'express';
import { PROJECTIONS } from '../../projections/list.ts';
import { recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import { createAccept } from '../../src/accept/create.ts';
import { systemClock, uuidV7 } from '../../src/clock.ts';
import { exportPages } from '../../src/egress/export.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { startProjecting } from '../../src/project/start.ts';
import { ROLES } from '../../src/serve/auth.ts';
import { startServer } from '../../src/serve/server.ts';
import { statusStory } from './status-story.ts';

const [serving, ...bodies] = process.argv.slice(2);
const port = serving === 'express' ? await startExpress(bodies.map(Number)) : await startOurs(serving === 'changing');
process.send?.({ port });

/** Constants of these sizes in bytes, each at its number: `/0`, `/1`. */
async function startExpress(sizes: readonly number[]): Promise<number> {
  const app = express();
  for (const [index, size] of sizes.entries()) {
    const body = 'x'.repeat(size);
    app.get(`/${index}`, (_request, response) => {
      response.type('html').send(body);
    });
  }
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  return (server.address() as { readonly port: number }).port;
}

/** `changing`: ten times a second something that the page shows. */
async function startOurs(isChanging: boolean): Promise<number> {
  const ledger = openMemoryLedger();
  const { views } = await startProjecting({ ledger, projections: PROJECTIONS, keep: 'memory', onTrouble: fail });
  const accept = createAccept({ ledger, clock: systemClock, newId: uuidV7, source: 'musterbook' });
  const caller = { name: null, authType: 'unauthenticated', roles: new Set(ROLES), door: 'http' } as const;
  const tell = (events: readonly object[]) =>
    accept.facts(
      events.map((event) => ({ value: { specversion: '1.0', id: uuidV7(), source: '/bench', ...event } })),
      caller,
    );
  const { position, rejected } = await tell(statusStory(Date.now()));
  if (rejected.length > 0) fail(rejected[0]);
  await views.reached(position, 60_000);
  const server = await startServer({
    ...{ views, ledger, accept, clock: systemClock, newId: uuidV7, store: 'memory', tokens: null, publicUrl: null },
    ...{ host: '127.0.0.1', port: 0, routes: [], log: { info: () => {}, warn: () => {}, error: fail } },
    exported: { line: recordedLine, pages: (query) => exportPages(ledger, query) },
  });
  let turn = 0;
  const change = (): void => {
    turn += 1;
    const status = turn % 2 === 0 ? 'operational' : 'degraded_performance';
    tell([{ type: 'ComponentStatusChanged', subject: 'c0', data: { status } }]).catch(fail);
  };
  if (isChanging) setInterval(change, 100);
  return server.port;
}

function fail(error: unknown): never {
  process.stderr.write(`${String(error)} ${JSON.stringify(error)}\n`);
  process.exit(1);
}
