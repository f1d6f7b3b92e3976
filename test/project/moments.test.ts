// Holds P3 of docs/invariants.md.
/** Any moment answered through checkpoints is the fold from zero of its set: on every kind of history, at every kind of moment. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { type Position, streamName } from '../../schemas/ids.ts';
import { MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import { projectHere } from '../../src/project/here.ts';
import { memoryStore } from '../../src/project/memory/store.ts';
import { BEFORE_ALL, comparePlaces } from '../../src/project/place.ts';
import { openSqliteStore } from '../../src/project/sqlite/store.ts';
import type { Store } from '../../src/project/store.ts';
import type { Views } from '../../src/project/views.ts';
import { STORY_START } from '../support/events.ts';
import { foldable } from '../support/fold.ts';
import { allEvents, arbitrarySteps, journal, plainViews, type Step, startTelling, type Telling, TOYS } from './toys.ts';

const KEYS = ['', 'subject-0', 'subject-1', 'subject-2'];

/** Tells a history in pieces to views whose checkpoints are kept after every few events, so that many of them are overtaken. */
async function live(pieces: readonly (readonly Step[])[], store: Store) {
  const telling = startTelling();
  const projecting = await projectHere({
    ledger: telling.ledger,
    projections: TOYS,
    onTrouble: assert.ifError,
    store,
    checkpointEventsMin: 2,
    pageEvents: 5,
  });
  let told = 0;
  for (const piece of pieces) {
    await telling.tell(piece);
    told += piece.length;
    assert.equal(await projecting.views.reached(told as Position, 5_000), true);
  }
  return { telling, projecting, told };
}

async function holds(views: Views, telling: Telling, [position, happenedAt]: readonly [number, number]): Promise<void> {
  const reader = views.at(position as Position, happenedAt as Micros);
  const plain = await plainViews(telling, position, happenedAt);
  for (const projection of TOYS) {
    for (const key of KEYS) {
      const view = await reader.get(projection, key);
      const expected = plain.get(`${projection.name} ${key}`);
      const at = `${projection.name} ${key} at ${position}, ${happenedAt}`;
      assert.equal(view === null ? undefined : JSON.stringify(view.state), expected, at);
      if (view !== null) assert.ok(view.position <= position, at);
    }
  }
}

/** Positions and times in any order: an answer must not depend on what was asked before. */
const arbitraryMoments = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.integer({ min: -1_100, max: 150 })), {
  minLength: 5,
  maxLength: 12,
});

for (const kind of ['memory', 'sqlite'] as const) {
  test(`a moment equals the fold from zero of its set, with views kept in ${kind}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitrarySteps, { minLength: 1, maxLength: 4 }),
        arbitraryMoments,
        async (pieces, moments) => {
          const { telling, projecting, told } = await live(pieces, storeOf(kind, t));
          for (const [share, seconds] of moments) {
            const happenedAt = STORY_START + seconds * MICROS_PER_SECOND;
            await holds(projecting.views, telling, [share % (told + 1), happenedAt]);
          }
          await projecting.close();
        },
      ),
      { numRuns: kind === 'memory' ? 150 : 30 },
    );
  });
}

function storeOf(kind: 'memory' | 'sqlite', t: TestContext): Store {
  if (kind === 'memory') return memoryStore();
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return openSqliteStore(join(folder, 'views.sqlite'));
}

test('a list of a moment holds what carried the tag then', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySteps, arbitraryMoments, async (steps, moments) => {
      const { telling, projecting, told } = await live([steps], memoryStore());
      for (const [share, seconds] of moments) {
        const [position, happenedAt] = [share % (told + 1), STORY_START + seconds * MICROS_PER_SECOND];
        const plain = await plainViews(telling, position, happenedAt);
        const expected = [...plain]
          .filter(([name, text]) => name.startsWith('journal ') && JSON.parse(text).positions.length % 2 === 0)
          .map(([name]) => name.slice('journal '.length));
        const reader = projecting.views.at(position as Position, happenedAt as Micros);
        const listed = await reader.list(journal, { allTags: ['even'], limit: 100 });
        assert.deepEqual(listed.map(({ key }) => key).sort(), expected.sort());
      }
      await projecting.close();
    }),
    { numRuns: 60 },
  );
});

test('facts of a stream come in fold order, each once, between the places asked for', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitrarySteps, { minLength: 1, maxLength: 3 }),
      arbitraryMoments,
      fc.boolean(),
      async (pieces, moments, isKept) => {
        const { telling, projecting, told } = await live(pieces, memoryStore());
        const events = await allEvents(telling.ledger);
        for (const [share, seconds] of moments) {
          const upTo = share % (told + 1);
          const until = STORY_START + seconds * MICROS_PER_SECOND;
          const known = events.filter(({ position }) => position <= upTo);
          const places = [BEFORE_ALL, ...known, { effectiveAt: until - 20 * MICROS_PER_SECOND, position: Infinity }];
          const after = places[share % places.length] ?? BEFORE_ALL;
          // What no projection of its own name keeps is found by reading.
          const stream = streamName(isKept ? 'cluster' : 'incident', `subject-${share % 3}`);
          const expected = foldable(known).filter(
            (fact) => fact.stream === stream && fact.effectiveAt <= until && comparePlaces(fact, after) > 0,
          );
          const found: number[] = [];
          const asked = { stream, upTo: upTo as Position, after, until: until as Micros };
          for await (const page of projecting.views.facts(asked)) found.push(...page.map(({ position }) => position));
          assert.deepEqual(
            found,
            expected.map(({ position }) => position),
          );
        }
        await projecting.close();
      },
    ),
    { numRuns: 100 },
  );
});
