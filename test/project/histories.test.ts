import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PROJECTIONS } from '../../projections/list.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { compareRebuild } from '../../src/project/compare.ts';
import { projectHere } from '../../src/project/here.ts';
import { memoryStore } from '../../src/project/memory/store.ts';
import { Projector } from '../../src/project/projector.ts';
import type { Store } from '../../src/project/store.ts';
import type { Views } from '../../src/project/views.ts';
import { foldSet } from '../support/fold.ts';
import { historyOf } from '../support/histories.ts';
import { restorable } from '../support/restorable.ts';

/** Ids that a careless fold would trip over. */
function withAwkwardIds(events: readonly AnyFoldEvent[]): AnyFoldEvent[] {
  const names = new Map([
    ['n0', '__proto__'],
    ['n1', 'constructor'],
    ['n2', '10'],
    ['n3', '2'],
    ['web-1', '__proto__'],
    ['web-2', 'toString'],
    ['batch-1', '7'],
    ['web', 'valueOf'],
    ['api', '__proto__'],
    ['site', '1'],
    ['u1', '__proto__'],
    ['u2', '3'],
    ['o1', '__proto__'],
    ['o2', '0'],
    ['orders', '__proto__'],
    ['i0', '__proto__'],
  ]);
  return events.map((event) => ({
    ...event,
    data: JSON.parse(JSON.stringify(event.data), (_, value: unknown) =>
      typeof value === 'string' ? (names.get(value) ?? value) : value,
    ),
  }));
}

function states(store: Store): [string, string][] {
  const all: [string, string][] = [];
  for (const { slot, name } of store.reader.slots()) {
    for (const { key, text, position, sort, tags } of store.reader.rows(slot, { limit: 1_000 })) {
      all.push([`${name} ${key}`, JSON.stringify([text, position, sort, tags])]);
    }
  }
  return all;
}

async function assertPlain(store: Store, events: readonly AnyFoldEvent[]): Promise<void> {
  for (const { slot, name } of store.reader.slots()) {
    const projection = PROJECTIONS.find((each) => each.name === name);
    assert.ok(projection);
    for (const { key, text } of store.reader.rows(slot, { limit: 1_000 })) {
      assert.equal(text, JSON.stringify(foldSet(projection, events, key)), `${name} ${key}`);
    }
  }
}

const shapes = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  events: fc.integer({ min: 1, max: 120 }),
  pageEvents: fc.integer({ min: 1, max: 40 }),
  pieces: fc.integer({ min: 1, max: 6 }),
  awkward: fc.boolean(),
});

test('every projection, folded live in any pieces, equals its rebuild and the plain fold, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async ({ seed, events, pageEvents, pieces, awkward }) => {
      const told = historyOf({ seed, events });
      const history = awkward ? withAwkwardIds(told) : told;
      const ledger = openMemoryLedger();
      const store = memoryStore();
      const options = { projections: PROJECTIONS, reader: ledger, onProgress() {}, pageEvents };
      let projector = await Projector.open({ ...options, store });
      const size = Math.ceil(history.length / pieces);
      for (let start = 0; start < history.length; start += size) {
        await ledger.restore(history.slice(start, start + size).map(restorable));
        // Every other time as after a restart: from what is written alone.
        if ((start / size) % 2 === 1) projector = await Projector.open({ ...options, store });
        await projector.run();
      }
      assert.deepEqual(
        projector.statuses().map(({ error }) => error),
        PROJECTIONS.map(() => null),
      );
      await assertPlain(store, history);
      const compared = await compareRebuild({ reader: ledger, store: store.reader, projections: PROJECTIONS });
      assert.equal(compared.length, PROJECTIONS.length);
      assert.ok(compared.every(({ differentCount }) => differentCount === 0));
      const fresh = memoryStore();
      await (await Projector.open({ ...options, store: fresh, pageEvents: 10_000 })).run();
      assert.deepEqual(states(store), states(fresh), 'in one piece');
    }),
    { numRuns: 120 },
  );
});

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) frozen(member);
    Object.freeze(value);
  }
  return value;
}

test('no fold changes an event: what is at hand is folded again and again', () => {
  fc.assert(
    fc.property(shapes, ({ seed, events }) => {
      const history = historyOf({ seed, events }).map(frozen);
      for (const projection of PROJECTIONS) {
        const keys = projection.keyed === 'whole' ? [''] : new Set(history.map(({ subject }) => subject));
        for (const key of keys) {
          const once = JSON.stringify(foldSet(projection, history, key));
          assert.equal(JSON.stringify(foldSet(projection, history, key)), once, `${projection.name} ${key}`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('every projection at any position is the fold of the events at or below it', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat({ max: 120 }), async ({ seed, events }, where) => {
      const history = historyOf({ seed, events });
      const ledger = openMemoryLedger();
      await ledger.restore(history.map(restorable));
      const { views, close } = await projectHere({ ledger, projections: PROJECTIONS, onTrouble: assert.ifError });
      assert.ok(await views.reached(history.length as Position, 10_000));
      const position = Math.min(where, history.length) as Position;
      const set = history.filter((event) => event.position <= position);
      for (const projection of PROJECTIONS) {
        for (const { key, state } of await views.at(position).list(projection, { limit: 1_000 })) {
          assert.equal(
            JSON.stringify(state),
            JSON.stringify(foldSet(projection, set, key)),
            `${projection.name} ${key}`,
          );
        }
      }
      await close();
    }),
    { numRuns: 40 },
  );
});

test('every projection at any moment is the fold of its set, on histories restored in pieces with duplicates between', async () => {
  const moment = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: -0.1, max: 1.1, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(shapes, fc.array(moment, { minLength: 3, maxLength: 8 }), async (shape, moments) => {
      const { seed, events, pageEvents, pieces } = shape;
      const history = historyOf({ seed, events });
      const ledger = openMemoryLedger();
      const projecting = await projectHere({
        ...{ ledger, projections: PROJECTIONS, onTrouble: assert.ifError, pageEvents },
        checkpointEventsMin: 3,
      });
      const { views } = projecting;
      const size = Math.ceil(history.length / pieces);
      for (let start = 0; start < history.length; start += size) {
        await ledger.restore(history.slice(start, start + size).map(restorable));
        for (const event of history.slice(start, start + Math.min(size, 2))) {
          const { event: again, actor } = restorable(event);
          const asked = [{ stream: event.stream, expected: 'any' as const, events: [again], actor }];
          assert.equal((await ledger.append(asked))[0]?.kind, 'duplicate');
        }
        assert.ok(await views.reached(Math.min(history.length, start + size) as Position, 10_000));
      }
      const times = history.map(({ effectiveAt }) => effectiveAt);
      const [earliest, latest] = [Math.min(...times), Math.max(...times)];
      for (const [share, when] of moments) {
        const position = Math.round(share * history.length) as Position;
        const happenedAt = Math.round(earliest + when * (latest - earliest)) as Micros;
        await holdsAt(views, history, { position, happenedAt });
      }
      await projecting.close();
    }),
    { numRuns: 60 },
  );
});

/** Of every key that the history names, whether it was known then or not. */
async function holdsAt(
  views: Views,
  history: readonly AnyFoldEvent[],
  { position, happenedAt }: { readonly position: Position; readonly happenedAt: Micros },
): Promise<void> {
  const reader = views.at(position, happenedAt);
  const known = history.filter((event) => event.position <= position);
  const happened = known.filter((event) => event.type === 'EventRetracted' || event.effectiveAt <= happenedAt);
  for (const projection of PROJECTIONS) {
    const set = projection.keepsValidTime ? known : happened;
    const own = history.filter(({ category }) => projection.categories.includes(category));
    const keys = projection.keyed === 'whole' ? [''] : [...new Set(own.map(({ subject }) => subject))];
    for (const key of keys) {
      const view = await reader.get(projection, key);
      const isNamed = set.some(
        (event) =>
          projection.types.includes(event.type) &&
          projection.categories.includes(event.category) &&
          (projection.keyed === 'whole' || event.subject === key),
      );
      const expected = isNamed ? JSON.stringify(foldSet(projection, set, key)) : undefined;
      const at = `${projection.name} ${key} at ${position}, ${happenedAt}`;
      assert.equal(view === null ? undefined : JSON.stringify(view.state), expected, at);
    }
  }
}
