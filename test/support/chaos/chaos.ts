/**
 * Load on replicas while the store, a replica, the broker or a line is killed or cut at random, round after round; then
 * what must hold: nothing acknowledged is lost, nothing doubled, chains verify, all replicas end with the same digests.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { chanceFrom } from '../random.ts';
import { runMusterbook } from '../server.ts';
import { assembleCast, type Cast, type CastOptions, OUT, type Replica } from './cast.ts';
import { type Load, startLoad } from './load.ts';
import { recordedOut } from './recorded-out.ts';

export interface ChaosOptions extends CastOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface ChaosResult {
  readonly acknowledged: number;
  readonly recorded: number;
  /** From the end of the load until all replicas stood at one position with all that was acknowledged, in ms. */
  readonly settledMs: number;
}

const SETTLE_MS_MAX = 120_000;
const LOOK_MS = 200;

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { rounds, seed, log } = options;
  const chance = chanceFrom(seed);
  const cast = await assembleCast(options);
  try {
    const load = startLoad(cast, chanceFrom(seed + 1));
    let kinds: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await delay(300 + chance.below(700));
      const blows = blowsOn(cast, chance.below(cast.replicas.length));
      // Each kind once before any comes again: a few rounds are to meet all of them.
      if (kinds.length === 0) kinds = blows.map((_, kind) => kind);
      const [kind = 0] = kinds.splice(chance.below(kinds.length), 1);
      const blow = blows[kind] as Blow;
      log(`round ${round}: ${blow.name}`);
      await blow.strike();
      await delay(chance.below(600));
      await blow.mend();
    }
    await load.end();
    const started = performance.now();
    const recorded = await settled(cast, load);
    const settledMs = performance.now() - started;
    await assertWhole(cast, load, recorded);
    return { acknowledged: load.acknowledged.size, recorded: recorded.length, settledMs };
  } finally {
    await cast.end();
  }
}

interface Blow {
  readonly name: string;
  strike(): unknown;
  mend(): unknown;
}

function blowsOn({ store, broker, replicas }: Cast, which: number): readonly Blow[] {
  const replica = replicas[which] as Replica;
  const { name, line } = replica;
  const blows: Blow[] = [
    { name: 'the store is killed', strike: () => store.kill(), mend: () => store.start() },
    { name: `${name} is killed`, strike: () => replica.kill(), mend: () => replica.start() },
    { name: `${name} is cut off for a moment`, strike: () => line.cut(), mend: () => {} },
    { name: `${name} is severed from the store`, strike: () => line.sever(), mend: () => line.mend() },
  ];
  if (broker) blows.push({ name: 'the broker is killed', strike: () => broker.kill(), mend: () => broker.start() });
  return blows;
}

/** Waits until every replica has everything acknowledged, at one position, and gives what they have. */
async function settled(cast: Cast, { acknowledged }: Load): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLE_MS_MAX;
  let state: unknown = null;
  for (;;) {
    const stands = await Promise.all(cast.replicas.map(standOf));
    state = stands;
    const [first] = stands;
    const isOne = stands.every((stand) => stand !== null && stand.views === stand.head && stand.head === first?.head);
    if (isOne) {
      const recorded = await keysRecorded(cast.replicas[0] as Replica);
      const known = new Set(recorded);
      const missing = [...acknowledged].filter((key) => !known.has(key));
      if (missing.length === 0) return recorded;
      // What Kafka acknowledged may still be on its way; what a replica acknowledged may not.
      state = { stands, missing: missing.length, first: missing.slice(0, 5) };
    }
    assert.ok(performance.now() < deadline, `the replicas did not settle: ${JSON.stringify(state)}`);
    await delay(LOOK_MS);
  }
}

interface Stand {
  readonly head: string;
  readonly views: string;
  readonly links: unknown;
}

async function standOf({ url }: Replica): Promise<Stand | null> {
  try {
    const { ledger } = (await ask(
      url,
      '{ ledger { head projections { position } links { name state fault { code message } } } }',
    )) as {
      ledger: { head: string; projections: { position: string }[]; links: unknown };
    };
    const slowest = ledger.projections
      .map(({ position }) => Number(position))
      .reduce((low, each) => Math.min(low, each));
    return { head: ledger.head, views: String(slowest), links: ledger.links };
  } catch {
    return null;
  }
}

async function ask(url: string | null, query: string): Promise<unknown> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  });
  const { data, errors } = (await answer.json()) as { data: unknown; errors?: unknown };
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

async function keysRecorded({ url }: Replica): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/export.jsonl`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { source, id } = JSON.parse(line) as { source: string; id: string };
      return `${source} ${id}`;
    });
}

async function assertWhole(cast: Cast, load: Load, recorded: readonly string[]): Promise<void> {
  assert.ok(load.acknowledged.size > 0, 'nothing was acknowledged');
  assert.equal(new Set(recorded).size, recorded.length, 'an event was recorded twice');
  const digests = await Promise.all(
    cast.replicas.map(({ url }) => ask(url, '{ ledger { head digest projections { name position digest } } }')),
  );
  for (const each of digests.slice(1)) assert.deepEqual(each, digests[0], 'replicas differ');
  if (cast.broker) await assertAllOut(cast, recorded);
  const [first] = cast.replicas;
  assert.ok(first);
  await Promise.all(cast.replicas.map((replica) => replica.kill()));
  const env = { MUSTERBOOK_DATA: first.data, MUSTERBOOK_STORE: `esdb://127.0.0.1:${cast.store.port}?tls=false` };
  for (const command of [['verify'], ['rebuild', '--verify']]) {
    const { exit, stdout, stderr } = await runMusterbook([...command, '-o', 'json'], { env });
    assert.equal(exit, 0, stdout + stderr);
  }
}

/** What went out by Kafka is the record, each event once and each stream in order. */
async function assertAllOut({ broker }: Cast, recorded: readonly string[]): Promise<void> {
  if (!broker) return;
  const out = await recordedOut(broker, { topic: OUT, count: recorded.length, withinMs: SETTLE_MS_MAX });
  assert.deepEqual(out.keys.toSorted(), recorded.toSorted(), 'what went out is not what was recorded');
  assert.deepEqual(out.misplaced, [], 'a stream went out in another order');
}
