/**
 * What docs/scale.md reckons with: bytes of an event and of a state, the states of 1,000 clusters of 1,000 nodes held at
 * once, and how fast views of large clusters are written when their events come mixed.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { cluster } from '../projections/cluster/cluster.ts';
import { PROJECTIONS } from '../projections/list.ts';
import type { AnyFoldEvent } from '../schemas/event.ts';
import type { Position } from '../schemas/ids.ts';
import type { Micros } from '../schemas/time.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { openSqliteReader } from '../src/ledger/sqlite/reader.ts';
import { Projector } from '../src/project/projector.ts';
import { openSqliteStore } from '../src/project/sqlite/store.ts';
import { median, print } from './support/figure.ts';
import { restoreArrivals, START } from './support/history.ts';
import { comingUp, comingUpEvents, type LargeShape, largeHistory } from './support/large-clusters.ts';

const SEED = 5;
const MB = 1e6;
/** Held at once, in this process. */
const HELD = { seed: SEED, clusters: 1_000, nodes: 1_000, jobs: 1_000, churn: 0 };
/** Through a ledger file and into views: the same count of events spread over ever more, or over ever larger clusters. */
const CHURN = 20_000;
const SHAPES: readonly LargeShape[] = [
  { seed: SEED, clusters: 1_000, nodes: 20, jobs: 20, churn: CHURN },
  { seed: SEED, clusters: 10, nodes: 1_000, jobs: 1_000, churn: CHURN },
  { seed: SEED, clusters: 50, nodes: 1_000, jobs: 1_000, churn: CHURN },
  { seed: SEED, clusters: 200, nodes: 1_000, jobs: 1_000, churn: CHURN },
  // The whole: four million events to come up, several minutes and 2 GB of disk.
  ...(process.env['MUSTERBOOK_BENCH_SCALE'] === 'whole' ? [{ ...HELD, churn: CHURN }] : []),
];

// The states held at once are more than a process may have by default on a small machine.
setFlagsFromString('--max-old-space-size=8192');
held();
for (const shape of SHAPES) await throughViews(shape);

function held(): void {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const states = [];
  let textBytes = 0;
  const parseMs: number[] = [];
  const begun = performance.now();
  for (let index = 0; index < HELD.clusters; index += 1) {
    const state = stateOf(`cluster-${index}`);
    states.push(state);
    if (index % 50 !== 0) continue;
    const text = JSON.stringify(state);
    textBytes = text.length;
    const parsing = performance.now();
    JSON.parse(text);
    parseMs.push(performance.now() - parsing);
  }
  const ms = performance.now() - begun;
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed - before;
  const nodes = states.length * HELD.nodes;
  const says = `${HELD.clusters} clusters of ${HELD.nodes} nodes and ${HELD.jobs} jobs`;
  print({ name: 'scale.held', value: heap / MB, unit: 'MB', note: `heap of the states of ${says}` });
  print({ name: 'scale.heldPerNode', value: heap / nodes, unit: 'bytes', note: 'with its one job, parsed' });
  print({
    name: 'scale.stateText',
    value: textBytes,
    unit: 'bytes',
    note: 'of one cluster, as it is kept in views.sqlite',
  });
  print({ name: 'scale.stateParse', value: median(parseMs), unit: 'ms', note: 'JSON.parse of one' });
  const folded = comingUpEvents(HELD) / (ms / 1_000);
  print({ name: 'scale.foldOnly', value: folded, unit: 'events/s', note: 'the fold alone, one thread' });
}

function stateOf(id: string) {
  let state = cluster.initial(id);
  let position = 0;
  for (const { type, data } of comingUp(HELD)) {
    position += 1;
    const at = (START + position) as Micros;
    const event = {
      ...{ type, data, position: position as Position, subject: id, source: '/collector', effectiveAt: at },
      ...{ occurredAt: at, recordedAt: at, id: `e${position}`, stream: `cluster-${id}`, revision: position - 1 },
    } as unknown as AnyFoldEvent;
    state = cluster.fold(state, event);
  }
  return state;
}

async function throughViews(shape: LargeShape): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
  try {
    const [ledgerPath, viewsPath] = [join(folder, 'ledger.sqlite'), join(folder, 'views.sqlite')];
    const first = comingUpEvents(shape);
    const history = largeHistory(shape)[Symbol.iterator]();
    const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
    const filling = performance.now();
    await restoreArrivals(ledger, take(history, first));
    const fillRate = (first * 1_000) / (performance.now() - filling);
    const upRate = await project(ledgerPath, viewsPath);
    await restoreArrivals(ledger, take(history, shape.churn));
    const churnRate = await project(ledgerPath, viewsPath);
    await ledger.close();
    const viewsBytes = statSync(viewsPath).size;
    const eventBytes = statSync(ledgerPath).size / (first + shape.churn);
    const key = `${shape.clusters}x${shape.nodes}`;
    const note = `${shape.clusters} clusters of ${shape.nodes} nodes and ${shape.jobs} jobs`;
    print({ name: `scale.comesUp.${key}`, value: upRate, unit: 'events/s', note: `views from nothing: ${note}` });
    const mixed = `${shape.churn} events of clusters by chance: ${note}`;
    print({ name: `scale.churn.${key}`, value: churnRate, unit: 'events/s', note: mixed });
    print({ name: `scale.views.${key}`, value: viewsBytes / MB, unit: 'MB', note: `with checkpoints: ${note}` });
    print({ name: `scale.event.${key}`, value: eventBytes, unit: 'bytes', note: 'of ledger.sqlite for an event' });
    print({ name: `scale.fill.${key}`, value: fillRate, unit: 'events/s', note: 'into ledger.sqlite by restore' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Brings the views up from where they stand; gives the rate. */
async function project(ledgerPath: string, viewsPath: string): Promise<number> {
  const reader = openSqliteReader(ledgerPath);
  const store = openSqliteStore(viewsPath);
  const projector = await Projector.open({ projections: PROJECTIONS, reader, store, onProgress() {} });
  const [from, begun] = [projector.position(), performance.now()];
  await projector.run();
  const rate = ((projector.position() - from) * 1_000) / (performance.now() - begun);
  const stopped = projector.statuses().find(({ error }) => error !== null);
  store.close();
  await reader.close();
  if (stopped) throw new Error(stopped.error ?? stopped.name);
  return rate;
}

/** The next so many, the rest left where it is. */
function* take<Item>(from: Iterator<Item>, count: number): Iterable<Item> {
  for (let taken = 0; taken < count; taken += 1) {
    const { value, done } = from.next();
    if (done) return;
    yield value;
  }
}
