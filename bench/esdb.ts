/**
 * The ledger in an EventStoreDB against the bare client that makes the same calls to the same server, a process of its own: the
 * test server, which keeps its log in memory. So the figures say what our side adds, not how fast a store is.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, START, streamNameFilter } from '@eventstore/db-client';
import { streamName } from '../schemas/ids.ts';
import type { Micros } from '../schemas/time.ts';
import { uuidV7 } from '../src/clock.ts';
import { FIRST_PREVIOUS } from '../src/ledger/chain.ts';
import { chain, planAppend, prepare } from '../src/ledger/eventstoredb/judging.ts';
import { type EventStoreLedger, openEventStoreLedger } from '../src/ledger/eventstoredb/ledger.ts';
import type { AppendRequest } from '../src/ledger/port.ts';
import { spawnEventStore } from '../test/support/eventstoredb/spawned.ts';
import { newRequest } from './support/assignments.ts';
import { type Contender, median, medianRatio, print, takeTurns } from './support/figure.ts';

const ROUNDS = 3;
/** Appends of one event in a round, from so many callers, each with a stream of its own. */
const APPENDS = 1_280;
const CALLERS = 64;
/** Events in a round that go in by calls of so many, each call to one stream. */
const BATCHED = 3_200;
const CALL = 50;

const server = await spawnEventStore();
const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
const bare = EventStoreDBClient.connectionString(server.connectionString);
const opened: EventStoreLedger[] = [];
let mirrors = 0;

async function open(prefix: string): Promise<EventStoreLedger> {
  mirrors += 1;
  const mirrorPath = join(folder, `mirror-${mirrors}.sqlite`);
  const ledger = await openEventStoreLedger({ url: server.connectionString, prefix, mirrorPath, thread: 'worker' });
  opened.push(ledger);
  return ledger;
}

/** A request's events, all for one stream. */
function requestTo(subject: string, count: number): AppendRequest {
  const requests = Array.from({ length: count }, () => newRequest(uuidV7));
  const [first] = requests as [AppendRequest];
  const events = requests.flatMap(({ events: each }) => each.map((event) => ({ ...event, subject })));
  return { ...first, stream: streamName('cluster', subject), expected: 'any', events };
}

/** What the ledger would send for a request, made beforehand, as the client takes it. */
function clientEvents(request: AppendRequest) {
  const plan = planAppend([prepare(request, 1 as Micros)], new Map(), -1);
  const events = chain(plan, request.stream, { previous: FIRST_PREVIOUS, notBefore: 0 });
  return events.map(({ id, type, content, metadata }) =>
    jsonEvent({ id, type, data: 'json' in content ? (content.json as Record<string, unknown>) : {}, metadata }),
  );
}

/** Each caller appends to a stream of its own, `turns` times, one after another. */
async function everyCaller(turns: number, append: (caller: number, turn: number) => Promise<unknown>): Promise<void> {
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let turn = 0; turn < turns; turn += 1) await append(caller, turn);
  });
  await Promise.all(callers);
}

/** Appends of `size` events: ours, and the same calls of the bare client: at exact revisions, all of it followed. */
async function appending(name: string, turns: number, size: number) {
  const ledger = await open(`${name}.`);
  let requests: AppendRequest[][] = [];
  let round = 0;
  const make = () =>
    Array.from({ length: CALLERS }, (_, caller) =>
      Array.from({ length: turns }, () => requestTo(`c${round}-${caller}`, size)),
    );
  const ours = {
    name: `${name}.ours`,
    prepare: () => {
      round += 1;
      requests = make();
    },
    run: async () => {
      await everyCaller(turns, async (caller, turn) => ledger.append([requests[caller]?.[turn] as AppendRequest]));
      return turns * CALLERS;
    },
  };
  let batches: ReturnType<typeof clientEvents>[][] = [];
  let prefix = '';
  const theirs = {
    name: `${name}.bare`,
    prepare: () => {
      prefix = `bare-${randomUUID()}-`;
      batches = make().map((each) => each.map(clientEvents));
    },
    run: async () => {
      const followed = readBare(prefix, turns * size * CALLERS);
      await everyCaller(turns, async (caller, turn) => {
        const expectedRevision = turn === 0 ? ('no_stream' as const) : BigInt(turn * size - 1);
        await bare.appendToStream(`${prefix}${caller}`, batches[caller]?.[turn] ?? [], { expectedRevision });
      });
      await followed;
      return turns * CALLERS;
    },
  };
  return { ledger, contenders: [ours, theirs] };
}

async function readBare(prefix: string, count: number): Promise<number> {
  const filter = streamNameFilter({ prefixes: [prefix] });
  const subscription = bare.subscribeToAll({ fromPosition: START, filter });
  let read = 0;
  for await (const { event } of subscription) {
    if (event) read += 1;
    if (read === count) break;
  }
  await subscription.unsubscribe();
  return read;
}

/** A new replica that follows from the start, until it has caught up. */
async function follow(prefix: string, count: number): Promise<number> {
  const replica = await open(prefix);
  await replica.caughtUp();
  const { events } = await replica.head();
  await replica.close();
  if (events < count) throw new Error(`${events} of ${count} events were followed`);
  return count;
}

/** Processor time of this process, all threads, by contender and round, in µs a unit: it hangs less on what else the machine does. */
const spent = new Map<string, number[]>();

function measured({ name, prepare, run }: Contender): Contender {
  const measure = async () => {
    const before = process.cpuUsage();
    const units = (await run()) as number;
    const { user, system } = process.cpuUsage(before);
    spent.set(name, [...(spent.get(name) ?? []), (user + system) / units]);
    return units;
  };
  return { name, ...(prepare && { prepare }), run: measure };
}

/** `perUnit`: events of a unit that was measured. */
function reportCpu(name: string, contenders: readonly [string, string], perUnit = 1): void {
  // The first round warms everything up.
  const [ours = 0, theirs = 0] = contenders.map((each) => median((spent.get(each) ?? []).slice(1)) / perUnit);
  const note = `ours ${ours.toFixed(0)}, bare ${theirs.toFixed(0)}; all threads, the mirror's too, without the server`;
  print({ name: `${name}.cpu`, value: ours - theirs, unit: 'µs of processor more', note });
}

function report(name: string, unit: string, rates: readonly (readonly number[])[], note: string): void {
  const [ours = [], theirs = []] = rates;
  print({ name, value: median(ours), unit, peer: median(theirs), ratio: medianRatio(ours, theirs), note });
  const overhead = ours.map((rate, round) => 1e6 / rate - 1e6 / (theirs[round] ?? Number.NaN));
  print({ name: `${name}.overhead`, value: median(overhead), unit: `µs per ${unit.split('/')[0]?.replace(/s$/, '')}` });
}

try {
  const single = await appending('single', APPENDS / CALLERS, 1);
  const batched = await appending('batched', BATCHED / CALL / CALLERS, CALL);
  const rates = await takeTurns([...single.contenders, ...batched.contenders].map(measured), ROUNDS);
  const of = (name: string) => rates.get(name) ?? [];
  const callers = `${CALLERS} callers, each its stream; the bare client appends and follows, and judges, hashes and mirrors nothing`;
  report('esdb.append', 'appends/s', [of('single.ours'), of('single.bare')], `one event each; ${callers}`);
  const perEvent = (each: readonly number[]) => each.map((rate) => rate * CALL);
  report(
    'esdb.appendBatched',
    'events/s',
    [perEvent(of('batched.ours')), perEvent(of('batched.bare'))],
    `${CALL} events each; ${callers}`,
  );
  print({
    name: 'esdb.inFlight',
    value: single.ledger.status().counts['appends_at_once'] ?? 0,
    unit: 'appends',
    target: 20,
  });
  reportCpu('esdb.append', ['single.ours', 'single.bare']);
  reportCpu('esdb.appendBatched', ['batched.ours', 'batched.bare'], CALL);
  const { events } = await single.ledger.head();
  const reading = await takeTurns(
    [
      { name: 'ours', run: () => follow('single.', events) },
      { name: 'bare', run: () => readBare('single.', events) },
    ].map(measured),
    ROUNDS,
  );
  const note = `${events} events by a subscription to $all; ours verifies each hash and writes it into the mirror`;
  report('esdb.read', 'events/s', [reading.get('ours') ?? [], reading.get('bare') ?? []], note);
  reportCpu('esdb.read', ['ours', 'bare']);
} finally {
  for (const ledger of opened) await ledger.close();
  await bare.dispose();
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
}
// The bare client keeps its connection open.
process.exit();
