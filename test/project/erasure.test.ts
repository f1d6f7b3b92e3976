// Holds E3 of docs/invariants.md.
/** Erased events in views: gone at every position, from every state that held them, also where a projection has stopped. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Projection } from '../../projections/projection.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, streamName } from '../../schemas/ids.ts';
import { MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { projectHere } from '../../src/project/here.ts';
import { memoryStore } from '../../src/project/memory/store.ts';
import { type Progress, Projector } from '../../src/project/projector.ts';
import { openSqliteStore } from '../../src/project/sqlite/store.ts';
import { startProjecting } from '../../src/project/start.ts';
import type { Publication, ViewReader } from '../../src/project/views.ts';
import { filesWith } from '../support/bytes.ts';
import { STORY_START } from '../support/events.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { arbitrarySteps, chain, type Journal, journal, plainViews, startTelling, type Telling, TOYS } from './toys.ts';

/** Appends the erasure of the event at a position; retractions stay, as the ledger has it. */
async function erase({ ledger }: Telling, position: number): Promise<Position> {
  const named = await ledger.eventAt(position as Position);
  assert.ok(named);
  const data = { eventSource: named.source, eventId: named.id, reason: 'a password', erase: true };
  const id = `erasure-${position}-${(await ledger.head()).position}`;
  const event = { ...named, id, type: 'EventRetracted', time: null, extensions: {}, data } as NewEvent;
  const actor = { authType: 'unauthenticated', authId: null };
  await ledger.append([{ stream: named.stream, expected: 'any', events: [event], actor }]);
  return (await ledger.head()).position;
}

async function viewsOf(reader: ViewReader): Promise<Map<string, string>> {
  const views = new Map<string, string>();
  for (const projection of TOYS) {
    for (const { key, state } of await reader.list(projection, { limit: 1_000 }))
      views.set(`${projection.name} ${key}`, JSON.stringify(state));
  }
  return views;
}

const sorted = (views: ReadonlyMap<string, string>) => [...views].sort(([a], [b]) => (a < b ? -1 : 1));

test('after erasures at(p) is the fold from zero of what is left, for every p, whatever was asked before', async () => {
  const share = fc.double({ min: 0, max: 0.999, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      arbitrarySteps,
      fc.array(share, { minLength: 1, maxLength: 5 }),
      arbitrarySteps,
      fc.boolean(),
      async (before, shares, after, asksBefore) => {
        const telling = startTelling();
        const { ledger } = telling;
        const options = { ledger, projections: TOYS, onTrouble: assert.ifError, checkpointEventsMin: 3 };
        const projecting = await projectHere(options);
        const { views } = projecting;
        await telling.tell(before);
        assert.ok(await views.reached(before.length as Position, 5_000));
        const everywhere = async (check: boolean): Promise<void> => {
          const { position: head } = await telling.ledger.head();
          for (let position = 0; position <= head; position += 1) {
            const seconds = (position * 37) % 200;
            for (const happenedAt of [null, STORY_START + seconds * MICROS_PER_SECOND]) {
              const found = sorted(await viewsOf(views.at(position as Position, happenedAt as Micros | null)));
              const plain = await plainViews(telling, position, happenedAt ?? undefined);
              if (check) assert.deepEqual(found, sorted(plain), `at ${position}, ${happenedAt}`);
            }
          }
        };
        if (asksBefore) await everywhere(false);
        for (const each of shares) {
          const position = await erase(telling, 1 + Math.floor(each * before.length));
          assert.ok(await views.scrubbed(position, 5_000));
        }
        await everywhere(true);
        await telling.tell(after);
        assert.ok(await views.reached((await telling.ledger.head()).position, 5_000));
        await everywhere(true);
        await projecting.close();
      },
    ),
    { numRuns: 40 },
  );
});

test('no fold is given an erased event, also where the retraction that erased it is read later than others that are late', async () => {
  const strict: Projection<Journal> = {
    ...journal,
    fold(state, event) {
      assert.ok(!event.erased, `event ${event.position} is erased`);
      return journal.fold(state, event);
    },
  };
  const telling = startTelling();
  const inTime = { subject: 0, kind: 'lost', lateBy: 0, pause: 1, of: 0 } as const;
  const late = (lateBy: number) => ({ ...inTime, lateBy });
  await telling.tell([inTime, inTime, inTime, late(2), inTime, late(3), inTime, late(5), inTime, late(4)]);
  await erase(telling, 6);
  for (const pageEvents of [1, 3]) {
    const store = memoryStore();
    const options = { projections: [strict] as readonly Projection<unknown>[], reader: telling.ledger, store };
    const projector = await Projector.open({ ...options, onProgress() {}, pageEvents });
    await projector.run();
    assert.deepEqual(
      projector.statuses().map(({ error }) => error),
      [null],
    );
    const [row] = store.reader.rows(store.reader.slots()[0]?.slot ?? 0, { limit: 9 });
    assert.equal(row?.text, (await plainViews(telling)).get('journal subject-0'));
  }
});

test('a publication tells that something was erased, once', async () => {
  const telling = startTelling();
  const { views, close } = await projectHere({ ledger: telling.ledger, projections: TOYS, onTrouble: assert.ifError });
  const told: Publication[] = [];
  views.onPublish((publication) => void told.push(publication));
  const step = { subject: 0, kind: 'lost', lateBy: 0, pause: 1, of: 0 } as const;
  await telling.tell([step, step]);
  assert.ok(await views.reached(2 as Position, 5_000));
  assert.ok(await views.scrubbed(await erase(telling, 1), 5_000));
  await telling.tell([step]);
  assert.ok(await views.scrubbed(4 as Position, 5_000));
  assert.deepEqual(
    told.filter(({ erased }) => erased).map(({ position }) => position),
    [3],
  );
  await close();
});

test('while views are folded elsewhere nothing counts as gone: what is taken over may hold it', async () => {
  const telling = startTelling();
  const { ledger } = telling;
  const told: Progress[] = [];
  const onProgress = (progress: Progress) => void told.push(progress);
  const projector = await Projector.open({ projections: TOYS, reader: ledger, store: memoryStore(), onProgress });
  const step = { subject: 0, kind: 'lost', lateBy: 0, pause: 1, of: 0 } as const;
  await telling.tell([step, step]);
  await projector.run();
  assert.equal(told.at(-1)?.scrubbedUpTo, 2);
  projector.leave(new Set(['journal']));
  const erased = await erase(telling, 1);
  await projector.run();
  assert.deepEqual([told.at(-1)?.publication.position, told.at(-1)?.scrubbedUpTo], [erased, 2]);
  projector.leave(new Set());
  projector.reset();
  await projector.run();
  assert.equal(told.at(-1)?.scrubbedUpTo, erased);
});

test('what is erased while threads rebuild is gone once it is said to be, and stays so', async (context) => {
  const folder = temporaryFolder(context);
  const ledgerPath = join(folder, 'ledger.sqlite');
  let ticks = STORY_START as number;
  const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here', clock: () => ticks++ as Micros });
  const telling = startTelling(() => ledger);
  const secret = 'hunter2';
  for (let index = 0; index < 400; index += 1) {
    const data = { nodeId: index % 40 === 0 ? `${secret}-${index}` : `n${index}` };
    const envelope = {
      id: `e${index}`,
      source: '/toys',
      time: null,
      notBefore: null,
      synthetic: false,
      extensions: {},
    };
    const event = { ...envelope, type: 'HeartbeatLost', subject: `subject-${index % 3}`, data } as NewEvent;
    const actor = { authType: 'unauthenticated', authId: null };
    await ledger.append([{ stream: streamName('cluster', event.subject), expected: 'any', events: [event], actor }]);
  }
  const module = new URL('./toys.ts', import.meta.url).href;
  const rebuilds = { threads: 2, threadsFromEvents: 1 };
  const projecting = await startProjecting({
    ...{ ledger, projections: TOYS, onTrouble: assert.ifError },
    keep: { folder, ledgerPath, module, rebuilds },
  });
  const { views } = projecting;
  assert.ok(await views.reached(400 as Position, 30_000));
  for (let index = 0; index < 120; index += 40) {
    const rebuilt = projecting.rebuild();
    const position = await erase(telling, index + 1);
    await ledger.scrub();
    assert.ok(await views.scrubbed(position, 30_000));
    assert.deepEqual(filesWith(folder, `${secret}-${index}`), []);
    await rebuilt;
    assert.deepEqual(filesWith(folder, `${secret}-${index}`), []);
  }
  await projecting.close();
  await ledger.close();
});

test('a projection that stopped answers nothing any more: it could not fold the event out', async (context) => {
  const folder = temporaryFolder(context);
  const telling = startTelling();
  let isStopping = true;
  const fragile: Projection<Journal> = {
    ...journal,
    name: 'fragile',
    fold(state, event) {
      if (isStopping && event.position === 3) throw new Error('no such thing');
      return journal.fold(state, event);
    },
  };
  const projections = [fragile, journal, chain] as readonly Projection<unknown>[];
  const start = () =>
    projectHere({
      ...{ ledger: telling.ledger, projections, onTrouble: assert.ifError },
      store: openSqliteStore(join(folder, 'views.sqlite')),
    });
  const first = await start();
  const step = { subject: 0, kind: 'lost', lateBy: 0, pause: 1, of: 0 } as const;
  await telling.tell([step, step]);
  assert.ok(await first.views.reached(2 as Position, 5_000));
  await telling.tell([step, step]);
  assert.ok(await first.views.reached(4 as Position, 5_000));
  assert.deepEqual(first.views.now().get(fragile, 'subject-0')?.state.positions, [1, 2]);
  const secret = 'node-0-0';
  assert.ok(filesWith(folder, secret).length > 0);
  // The other events of this word too, so that nothing else holds it.
  for (const position of [1, 4]) assert.ok(await first.views.scrubbed(await erase(telling, position), 5_000));
  assert.deepEqual(filesWith(folder, secret), []);
  assert.equal(first.views.now().get(fragile, 'subject-0'), null);
  assert.deepEqual(first.views.now().get(journal, 'subject-0')?.state.positions, [2, 3]);
  await first.close();
  isStopping = false;
  const again = await start();
  assert.ok(await again.views.reached(6 as Position, 5_000));
  assert.deepEqual(again.views.now().get(fragile, 'subject-0')?.state.positions, [2, 3]);
  await again.close();
});
