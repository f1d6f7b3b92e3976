/**
 * A ledger whose record lies elsewhere, in small: a ledger in memory stands for the store, all is read from a mirror at
 * positions with gaps. What a store's adapter adds (a network, other writers) is not here.
 */
import type { Position } from '../../../schemas/ids.ts';
import type { Clock } from '../../../src/clock.ts';
import { MusterbookError } from '../../../src/errors.ts';
import { follow } from '../../../src/ledger/follow.ts';
import { Listeners } from '../../../src/ledger/listeners.ts';
import { openMemoryLedger } from '../../../src/ledger/memory/ledger.ts';
import type { Mirror } from '../../../src/ledger/mirror.ts';
import type { AppendOutcome, AppendRequest, Ledger } from '../../../src/ledger/port.ts';
import { openMirror } from '../../../src/ledger/sqlite/mirror.ts';
import { batch, mirrored, shifted } from './mirrored.ts';

/** Gives the store's outcomes at the record's positions. */
function placedElsewhere(outcome: AppendOutcome): AppendOutcome {
  switch (outcome.kind) {
    case 'appended':
    case 'duplicate':
      return { ...outcome, positions: outcome.positions.map(shifted) };
    case 'id-reused':
      return { ...outcome, existing: shifted(outcome.existing) };
    case 'wrong-revision':
      return outcome;
  }
}

/** The requests in order, each that erases apart from those before it. */
function runsOf(requests: readonly AppendRequest[]): readonly (readonly AppendRequest[])[] {
  const runs: AppendRequest[][] = [[]];
  for (const request of requests) {
    const erases = request.events.some(({ data }) => (data as { erase?: boolean }).erase === true);
    if (erases) runs.push([request]);
    else runs.at(-1)?.push(request);
  }
  return runs.filter((run) => run.length > 0);
}

export interface MirroredLedgerOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly thread: 'here' | 'worker';
  /** What stands for the store; absent: a new one. It outlives the ledger. */
  readonly store?: Ledger;
}

export async function openMirroredLedger({ path, clock, thread, store }: MirroredLedgerOptions): Promise<Ledger> {
  const record = store ?? openMemoryLedger({ clock });
  const mirror = await openMirror({ path, thread });
  const listeners = new Listeners();
  let taken = 0 as Position;
  let known = 0;
  let turn: Promise<void> = Promise.resolve();

  const takeAll = async (isRestored: boolean): Promise<void> => {
    const events = await record.readAllRecorded({ after: taken, limit: 100_000 });
    const kept = (await record.rejections({ limit: 100_000 })).rejections.filter(({ seq }) => seq > known);
    const rejections = kept.toReversed().map((rejection) => ({ ...rejection, seq: rejection.seq - 1 }));
    taken = events.at(-1)?.position ?? taken;
    known = kept[0]?.seq ?? known;
    const seen = (await mirror.head()).position;
    await mirror.take(
      batch(
        events.map((event) => ({ ...mirrored(event), isRestored })),
        { rejections },
      ),
    );
    const { position } = await mirror.head();
    if (position > seen) listeners.call(position);
  };
  const underWay = new Set<Promise<unknown>>();
  const through = <T>(work: () => Promise<T>, isRestored = false): Promise<T> => {
    const done = (async () => {
      const result = await work();
      turn = turn.then(() => takeAll(isRestored));
      await turn;
      return result;
    })().finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };
  let isClosed = false;
  const ledger = ledgerOf(mirror, {
    append: async (requests) => {
      if (isClosed) throw new MusterbookError('LEDGER_CLOSED', 'The ledger is closed');
      // A store blanks nothing: what one request erases is copied before.
      const outcomes: AppendOutcome[] = [];
      for (const run of runsOf(requests)) outcomes.push(...(await through(() => record.append(run))));
      return outcomes.map(placedElsewhere);
    },
    follow: (query) => follow(ledger, query),
    restore: async (events) => (await through(() => record.restore(events), true)).map(placedElsewhere),
    keepRejections: (rejections) => through(() => record.keepRejections(rejections)),
    onAppend: (listener) => listeners.add(listener),
    close: async () => {
      isClosed = true;
      // The store goes on: only this way to it is closed.
      if (store === undefined) await record.close();
      await Promise.allSettled(underWay);
      await turn;
      await mirror.close();
    },
  });
  return ledger;
}

type Own = Pick<Ledger, 'append' | 'restore' | 'keepRejections' | 'follow' | 'onAppend' | 'close'>;

function ledgerOf(mirror: Mirror, own: Own): Ledger {
  return {
    ...own,
    scrub: () => mirror.scrub(),
    rejections: (query) => mirror.rejections(query),
    head: () => mirror.head(),
    readAll: (query) => mirror.readAll(query),
    readStream: (stream, query) => mirror.readStream(stream, query),
    readAllRecorded: (query) => mirror.readAllRecorded(query),
    readStreamRecorded: (stream, query) => mirror.readStreamRecorded(stream, query),
    readAllStored: (query) => mirror.readAllStored(query),
    readPlaces: (stream, query) => mirror.readPlaces(stream, query),
    eventAt: (position) => mirror.eventAt(position),
    eventsAt: (positions) => mirror.eventsAt(positions),
    eventByKey: (key, within) => mirror.eventByKey(key, within),
    streamHead: (stream) => mirror.streamHead(stream),
    digestAt: (query) => mirror.digestAt(query),
    retractedBy: (position) => mirror.retractedBy(position),
    retractedAmong: (positions, upTo) => mirror.retractedAmong(positions, upTo),
    readRetractions: (query) => mirror.readRetractions(query),
  };
}
