/**
 * One cluster's history replayed at speed 0 to one reader over server-sent events, with and without the cluster in each
 * frame, against bare Yoga on express that streams a constant frame of the same selection.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { spawnServer } from '../test/support/server.ts';
import { median, medianRatio, print, takeTurns } from './support/figure.ts';
import { fillLedger } from './support/history.ts';
import { open, requestText } from './support/http-load.ts';

const EVENTS = Number(process.env['MUSTERBOOK_BENCH_EVENTS'] ?? 200_000);
const ROUNDS = 5;
const SHAPE = { seed: 11, events: EVENTS, clusters: 20, days: 90, late: { little: 0.1, much: 0.005 } };

const EVENT = 'cursor at event { position type subject occurredAt data }';
const CLUSTER = `cluster {
  id term electing leader { id }
  nodes { id role liveness following { id } since }
  jobs { id state node { id } }
}`;
const SELECTIONS = [
  ['replay.events', EVENT],
  ['replay.cluster', `${EVENT} ${CLUSTER}`],
] as const;

interface Told {
  readonly frames: number;
  readonly ms: number;
  readonly bytes: number;
}

/** Reads a subscription to its end. Counts frames; keeps one of them where asked to. */
async function read(port: number, query: string, keep: ((frame: string) => void) | null = null): Promise<Told> {
  const socket = await open(port);
  const done = Promise.withResolvers<void>();
  const begun = performance.now();
  let [frames, bytes, rest] = [0, 0, ''];
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    bytes += chunk.length;
    const text = rest + chunk;
    // What may be cut in two is looked at again.
    rest = text.slice(text.lastIndexOf('\n\n') + 1);
    const whole = text.slice(0, text.length - rest.length);
    for (let at = whole.indexOf('event: next'); at >= 0; at = whole.indexOf('event: next', at + 11)) frames += 1;
    if (keep !== null) for (const [, frame] of whole.matchAll(/^data: (\{.*)$/gm)) keep(frame ?? '');
    if (text.includes('event: complete')) done.resolve();
  });
  socket.on('close', () => done.reject(new Error('the stream broke off')));
  socket.write(requestText(port, JSON.stringify({ query }), 'text/event-stream'));
  await done.promise;
  socket.removeAllListeners('close');
  socket.destroy();
  return { frames, bytes, ms: performance.now() - begun };
}

async function ask<Answer>(port: number, query: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Answer }).data;
}

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), thread: 'here' });
await fillLedger(ledger, SHAPE);
await ledger.close();
const server = await spawnServer({ data: folder });
const peer = fork(join(import.meta.dirname, 'support', 'replay-peer-process.ts'), { stdio: 'inherit' });
try {
  const [{ port: peerPort }] = (await once(peer, 'message')) as [{ port: number }];
  while ((await fetch(`${server.url}/readyz`)).status !== 200) await delay(50);
  const { clusters, events } = await ask<{
    clusters: { nodes: { id: string }[] };
    events: { nodes: { recordedAt: string }[] };
  }>(server.port, '{ clusters(first: 1) { nodes { id } } events(last: 1) { nodes { recordedAt } } }');
  const range = `clusterId: "${clusters.nodes[0]?.id}", from: "2025-12-31T00:00:00Z", to: "${events.nodes[0]?.recordedAt}"`;
  for (const [name, selection] of SELECTIONS) {
    const query = `subscription { replay(${range}, speed: 0) { ${selection} } }`;
    const frames: string[] = [];
    const { bytes } = await read(server.port, query, (frame) => frames.push(frame));
    const count = frames.length;
    // The peer's constant frame is one of middling size.
    const constant = frames.toSorted((a, b) => a.length - b.length)[Math.floor(count / 2)] ?? '{}';
    peer.send(JSON.parse(constant).data.replay);
    await once(peer, 'message');
    const constantly = `subscription { replay(count: ${count}) { ${selection} } }`;
    const measured = (port: number, text: string) => async () => {
      const { frames: units, ms } = await read(port, text);
      if (units !== count) throw new Error(`${name}: ${units} frames of ${count}`);
      return { units, ms };
    };
    const rates = await takeTurns(
      [
        { name: 'ours', run: measured(server.port, query) },
        { name: 'yoga', run: measured(peerPort, constantly) },
      ],
      ROUNDS,
    );
    const [ours = [], theirs = []] = [rates.get('ours'), rates.get('yoga')];
    print({
      name,
      value: median(ours),
      unit: 'frames/s',
      peer: median(theirs),
      ratio: medianRatio(ours, theirs),
      target: 0.8,
      note: `${count} frames of ${Math.round(bytes / count)} bytes, from the request to the last; ${EVENTS} events, ${SHAPE.clusters} clusters, 0.5 % late; seed ${SHAPE.seed}`,
    });
  }
} finally {
  peer.kill('SIGKILL');
  await server.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
