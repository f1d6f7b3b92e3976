import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoldEvent } from '../../../schemas/event.ts';
import type { Position, StreamName } from '../../../schemas/ids.ts';
import type { LedgerReader, Retraction } from '../../../src/ledger/port.ts';
import type { LateEvent, LedgerScan } from '../../../src/ledger/scan.ts';
import { Holding } from '../../../src/project/anew/holding.ts';

const SECOND = 1_000_000;
const [A, B] = ['cluster-a', 'cluster-b'] as [StreamName, StreamName];

/** Position p is recorded at second p. */
function event(position: number, stream: StreamName): FoldEvent {
  return { position, stream, recordedAt: position * SECOND, type: 'NodeJoined' } as FoldEvent;
}

interface Told {
  readonly late?: readonly {
    readonly position: number;
    readonly stream: StreamName;
    readonly happenedAtSecond: number;
  }[];
  readonly retractions?: readonly { readonly position: number; readonly target: number; readonly stream: StreamName }[];
}

function holding({ late = [], retractions = [] }: Told): Holding {
  const events = late.map(({ position, stream, happenedAtSecond }) => ({
    ...{ position, stream, effectiveAt: happenedAtSecond * SECOND },
  })) as unknown as readonly LateEvent[];
  const isLateBy = ({ position, effectiveAt }: LateEvent, moreThan: number) =>
    position * SECOND - effectiveAt > moreThan;
  const scan: Pick<LedgerScan, 'late'> = {
    late: ({ moreThan, limit }) => events.filter((event) => isLateBy(event, moreThan)).slice(0, limit),
  };
  const reader = { readRetractions: async () => retractions as readonly Retraction[] } as unknown as LedgerReader;
  return new Holding({ scan: scan as LedgerScan, reader, share: { of: 1, from: 0, to: 1 }, upTo: 1_000 as Position });
}

/** Pages of three positions, odd ones of stream a, even ones of b: what each lets through. */
async function passed(held: Holding, pages: number): Promise<number[][]> {
  const through: number[][] = [];
  for (let page = 0; page < pages; page += 1) {
    const positions = [1, 2, 3].map((place) => page * 3 + place);
    const events = positions.map((position) => event(position, position % 2 === 1 ? A : B));
    const free = await held.pass(events, (page * 3 + 3) as Position);
    through.push(free.map(({ position }) => position));
  }
  return through;
}

test('events wait from where a late one of their stream stands until it has come', async () => {
  const held = holding({ late: [{ position: 9, stream: A, happenedAtSecond: 4 }] });
  assert.deepEqual(await passed(held, 4), [
    [2, 1, 3],
    [4, 6],
    [8, 5, 7, 9],
    [10, 11, 12],
  ]);
});

test('events wait from one that is taken back until that is said', async () => {
  const held = holding({ retractions: [{ position: 8, target: 2, stream: B }] });
  assert.deepEqual(await passed(held, 3), [[1, 3], [5], [7, 9, 2, 4, 6, 8]]);
});

test('where waits overlap, each lets go of what stands before the next', async () => {
  const held = holding({
    late: [
      { position: 5, stream: A, happenedAtSecond: 2 },
      { position: 11, stream: A, happenedAtSecond: 4 },
    ],
  });
  assert.deepEqual(await passed(held, 4), [[2, 1], [4, 6, 3], [8], [10, 12, 5, 7, 9, 11]]);
});

test('where a source says everything some seconds late, what is late by more is still waited for', async () => {
  const slow = Array.from({ length: 60 }, (_, index) => ({
    ...{ position: index + 20, stream: B, happenedAtSecond: index + 15 },
  }));
  const late = [{ position: 14, stream: A, happenedAtSecond: 2 }, ...slow];
  assert.deepEqual(await passed(holding({ late }), 5), [[2, 1], [4, 6], [8], [10, 12], [14, 3, 5, 7, 9, 11, 13, 15]]);
});

test('an old history that was brought in at once, late but in order, waits for nothing', async () => {
  const many = Array.from({ length: 60 }, (_, index) => ({ position: index + 2, stream: A, happenedAtSecond: 0 }));
  assert.deepEqual(await passed(holding({ late: many }), 2), [
    [1, 2, 3],
    [4, 5, 6],
  ]);
});
