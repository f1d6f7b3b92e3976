/**
 * Appends through the port, durable, against the same inserts with the same hashing in a bare loop, against one fsync per
 * event, and against emmett-sqlite. The bare loop has its texts made beforehand, looks nothing up and counts nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NewId, uuidV4, uuidV7 } from '../src/clock.ts';
import type { AppendRequest, Ledger } from '../src/ledger/port.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { newAssignment, newRequest } from './support/assignments.ts';
import { openBareRows, type Texts, textsOf } from './support/bare-rows.ts';
import { type EmmettPeer, emmettPeer } from './support/emmett.ts';
import { type Contender, median, medianRatio, print, skip, takeTurns } from './support/figure.ts';

const ROUNDS = 7;
/** Events in a round: in batches, one by one from many callers, one by one with an fsync each, by the peer. */
const BATCHED = 20_000;
const SINGLE = 6_400;
const FSYNCED = 800;
const PEER = 5_000;
/** Calls under way at once: what a door that reads a large file keeps going. */
const CALLS_UNDER_WAY = 6;

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
const opened: Ledger[] = [];

async function openLedger(name: string): Promise<Ledger> {
  const ledger = await openSqliteLedger({ path: join(folder, `${name}.sqlite`), thread: 'worker' });
  opened.push(ledger);
  return ledger;
}

/** Calls of `size` one-event requests, `CALLS_UNDER_WAY` at once. */
async function batches(name: string, size: number, newId: NewId): Promise<Contender> {
  const ledger = await openLedger(name);
  let calls: AppendRequest[][] = [];
  const prepareCall = (): AppendRequest[] => Array.from({ length: size }, () => newRequest(newId));
  return {
    name,
    prepare: () => {
      calls = Array.from({ length: BATCHED / size }, prepareCall);
    },
    run: async () => {
      await inParallel(CALLS_UNDER_WAY, async () => {
        for (let call = calls.pop(); call; call = calls.pop()) await ledger.append(call);
      });
      return BATCHED;
    },
  };
}

/** Callers that each append one event, wait for it, and append the next. */
async function singles(name: string, callers: number): Promise<Contender> {
  const ledger = await openLedger(name);
  let requests: AppendRequest[] = [];
  return {
    name,
    prepare: () => {
      requests = Array.from({ length: SINGLE }, () => newRequest(uuidV7));
    },
    run: async () => {
      await inParallel(callers, async () => {
        for (let request = requests.pop(); request; request = requests.pop()) await ledger.append([request]);
      });
      return SINGLE;
    },
  };
}

async function inParallel(callers: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: callers }, work));
}

/** The ledger's insert and hash, and nothing else, in transactions of `size`. */
function bareLoop(name: string, size: number, count: number, newId: NewId): Contender {
  const rows = openBareRows(join(folder, `${name}.sqlite`), { hashes: true });
  let prepared: Texts[] = [];
  return {
    name,
    prepare: () => {
      prepared = Array.from({ length: count }, () => textsOf(newAssignment(newId)));
    },
    run: () => {
      for (let done = 0; done < count; done += size) rows.insert(prepared.slice(done, done + size));
      return count;
    },
  };
}

interface Comparison {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  readonly against: 'limit' | 'peer';
  readonly target?: number;
  readonly note?: string;
}

/** Lets contenders take turns and prints how they compare. */
async function compare(contenders: readonly Contender[], comparisons: readonly Comparison[]): Promise<void> {
  const rates = await takeTurns(contenders, ROUNDS);
  for (const { name, ours, theirs, against, target, note } of comparisons) {
    const [mine, other] = [rates.get(ours) ?? [], rates.get(theirs) ?? []];
    const figure = {
      name,
      value: median(mine),
      unit: 'events/s',
      [against]: median(other),
      ratio: medianRatio(mine, other),
    };
    print({ ...figure, ...(target !== undefined && { target }), ...(note !== undefined && { note }) });
  }
}

async function measure(peer: EmmettPeer | null): Promise<void> {
  const note = `${CALLS_UNDER_WAY} calls under way`;
  const againstPeer = 'append, batches of 500, against emmett-sqlite';
  const [port, bare, random] = ['port', 'bare', 'append, batches of 500, random ids'];
  await compare(
    [await batches(port, 500, uuidV7), bareLoop(bare, 500, BATCHED, uuidV7), ...(peer ? [peer] : [])],
    [
      { name: 'append, batches of 500', ours: port, theirs: bare, against: 'limit', target: 0.75, note },
      ...(peer
        ? [{ name: againstPeer, ours: port, theirs: peer.name, against: 'peer', target: 3, note } as const]
        : []),
    ],
  );
  if (!peer) skip(againstPeer, 'bench/peers is not installed: npm ci --prefix bench/peers');
  await compare(
    [await batches('port, random ids', 500, uuidV4), bareLoop('bare, random ids', 500, BATCHED, uuidV4)],
    [{ name: random, ours: 'port, random ids', theirs: 'bare, random ids', against: 'limit', note }],
  );
  const callers = await singles('64 callers', 64);
  const [by64, byOne] = [bareLoop('bare, 64', 64, SINGLE, uuidV7), bareLoop('bare, one by one', 1, FSYNCED, uuidV7)];
  await compare(
    [callers, by64, byOne],
    [
      {
        name: 'append, 64 callers one event each',
        ours: callers.name,
        theirs: by64.name,
        against: 'limit',
        target: 0.6,
      },
      {
        name: 'append, 64 callers, against one fsync per event',
        ours: callers.name,
        theirs: byOne.name,
        against: 'limit',
        target: 6,
      },
    ],
  );
}

const peer = emmettPeer(join(folder, 'emmett.sqlite'), { batches: PEER / 500, size: 500 });
try {
  await measure(peer);
} finally {
  peer?.close();
  for (const ledger of opened) await ledger.close();
  rmSync(folder, { recursive: true, force: true });
}
