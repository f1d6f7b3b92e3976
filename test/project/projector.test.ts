// Holds P5 of docs/invariants.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { compareRebuild } from '../../src/project/compare.ts';
import { projectHere } from '../../src/project/here.ts';
import { memoryStore } from '../../src/project/memory/store.ts';
import { type Progress, Projector } from '../../src/project/projector.ts';
import type { Store } from '../../src/project/store.ts';
import { chain, journal, ranks, type Step, startTelling, TOYS } from './toys.ts';

const lost = (subject: number): Step => ({ subject, kind: 'lost', lateBy: 0, pause: 1, of: 0 });
const trouble = assert.ifError;

/** Of each projection, the keys whose kept state is not what a fold from zero gives. */
async function differences(reader: Ledger, store: Store, projections: readonly Projection<unknown>[]) {
  const compared = await compareRebuild({ reader, store: store.reader, projections });
  return Object.fromEntries(compared.map(({ projection, different }) => [projection, different.toSorted()]));
}

/** Cannot take the event at a position. */
function poisonedAt(position: number): Projection<unknown> {
  return {
    ...journal,
    name: 'poisoned',
    fold(state, event) {
      const folded = journal.fold(state as never, event);
      if (event.position === position) throw new Error('it does not go down');
      return folded;
    },
  };
}

test('an event that a fold cannot take stops that projection alone, visibly, and its views keep what they had', async () => {
  const { ledger, tell } = startTelling();
  const poisoned = poisonedAt(5);
  const { views, close } = await projectHere({
    ledger,
    projections: [poisoned, journal] as Projection<unknown>[],
    onTrouble: trouble,
  });
  await tell([lost(0), lost(1), lost(0)]);
  assert.ok(await views.reached(3 as Position, 5_000));
  await tell([lost(0), lost(0), lost(1)]);
  assert.ok(await views.reached(6 as Position, 5_000));
  const [stopped, running] = views.statuses();
  assert.equal(stopped?.state, 'STOPPED');
  assert.match(
    stopped?.error ?? '',
    /projection poisoned .*event 5 \(HeartbeatLost of cluster-subject-0\): it does not go down/,
  );
  assert.equal(running?.state, 'LIVE');
  assert.deepEqual(views.now().get(journal, 'subject-0')?.state.positions, [1, 3, 4, 5]);
  const kept = views.now().get(poisoned as typeof journal, 'subject-0')?.state.positions ?? [];
  assert.ok(!kept.includes(5) && kept.includes(3));
  await close();
});

test('a stopped projection is tried again after a restart, and goes on where it stopped', async () => {
  const { ledger, tell } = startTelling();
  const store = memoryStore();
  const cured = { ...poisonedAt(0) };
  await tell([lost(0), lost(1), lost(0), lost(1)]);
  const first = await Projector.open({
    projections: [poisonedAt(3), journal] as Projection<unknown>[],
    reader: ledger,
    store,
    onProgress() {},
  });
  await first.run();
  assert.equal(first.position(), 4);
  const second = await Projector.open({
    projections: [cured, journal] as Projection<unknown>[],
    reader: ledger,
    store,
    onProgress() {},
  });
  assert.equal(second.position(), 0);
  await second.run();
  assert.deepEqual(
    second.statuses().map(({ state }) => state),
    ['LIVE', 'LIVE'],
  );
  assert.equal(second.position(), 4);
  assert.deepEqual(await differences(ledger, store, [cured, journal] as Projection<unknown>[]), {
    poisoned: [],
    journal: [],
  });
});

function answering(store: Store, name: string) {
  const slot = store.reader.slots().find((each) => each.name === name && each.answering);
  return slot && { version: slot.version, rows: store.reader.rows(slot.slot, { limit: 100 }).map(({ text }) => text) };
}

test('a new version is built beside the old one, which answers until the new one has caught up', async () => {
  const { ledger, tell } = startTelling();
  const store = memoryStore();
  await tell([lost(0), lost(1), lost(0), lost(0)]);
  await (await Projector.open({ projections: TOYS, reader: ledger, store, onProgress() {} })).run();
  const old = answering(store, 'journal');
  assert.equal(old?.version, 1);
  const next = { ...journal, version: 2, initial: (key: string) => ({ key, positions: [0], words: {} }) };
  const seen: Progress[] = [];
  const answers: unknown[] = [];
  const projector = await Projector.open({
    projections: [next, ranks, chain] as Projection<unknown>[],
    reader: ledger,
    store,
    onProgress: (progress) => void seen.push(progress),
    pageEvents: 1,
    stopwatch: (() => {
      let now = 0;
      // Every page takes seconds, so that each is written.
      return () => (now += 10_000);
    })(),
    breathe: async () => void answers.push(answering(store, 'journal')),
  });
  assert.deepEqual(
    projector.statuses().map(({ state, version }) => [state, version]),
    [
      ['REBUILDING', 2],
      ['LIVE', 1],
      ['LIVE', 1],
    ],
  );
  assert.equal(projector.position(), 4, 'the old one answers');
  await projector.run();
  assert.deepEqual(answers.slice(0, 4), [old, old, old, old], 'until it has caught up');
  assert.deepEqual(answering(store, 'journal'), {
    version: 2,
    rows: [
      '{"key":"subject-1","positions":[0,2],"words":{"node-1-1":2}}',
      '{"key":"subject-0","positions":[0,1,3,4],"words":{"node-0-0":4,"node-0-2":3}}',
    ],
  });
  assert.equal(store.reader.slots().length, 3, 'the old one is gone');
  assert.equal(seen.at(-1)?.publication.keys, 'all');
  assert.deepEqual(
    projector.statuses().map(({ state }) => state),
    ['LIVE', 'LIVE', 'LIVE'],
  );
});

test('a build that was interrupted goes on where it was', async () => {
  const { ledger, tell } = startTelling();
  const store = memoryStore();
  await tell([lost(0), lost(1), lost(0), lost(0)]);
  await (await Projector.open({ projections: TOYS, reader: ledger, store, onProgress() {} })).run();
  const next = [{ ...journal, version: 2 }, ranks, chain] as Projection<unknown>[];
  const stop = new AbortController();
  let clock = 0;
  let pages = 0;
  const options = {
    projections: next,
    reader: ledger,
    store,
    onProgress() {},
    pageEvents: 1,
    stopwatch: () => (clock += 10_000),
  };
  const breathe = async () => {
    if (++pages > 3) stop.abort();
  };
  await (await Projector.open({ ...options, breathe })).run(stop.signal);
  const half = store.reader.slots().find(({ version }) => version === 2);
  assert.ok(half && half.position > 0 && half.position < 4 && !half.answering);
  const projector = await Projector.open(options);
  await projector.run();
  assert.deepEqual(await differences(ledger, store, next), { journal: [], ranks: [], chain: [] });
  assert.equal(answering(store, 'journal')?.version, 2);
});

test('views of another ledger are not taken for this one’s', async () => {
  const store = memoryStore();
  const one = startTelling();
  await one.tell([lost(0), lost(0), lost(0)]);
  await (await Projector.open({ projections: TOYS, reader: one.ledger, store, onProgress() {} })).run();
  const other = startTelling();
  await other.tell([lost(1), lost(1)]);
  const projector = await Projector.open({ projections: TOYS, reader: other.ledger, store, onProgress() {} });
  assert.equal(projector.position(), 0);
  await projector.run();
  assert.deepEqual(await differences(other.ledger, store, TOYS), { journal: [], ranks: [], chain: [] });
});

test('a projection that is no longer listed leaves nothing behind', async () => {
  const { ledger, tell } = startTelling();
  const store = memoryStore();
  await tell([lost(0)]);
  await (await Projector.open({ projections: TOYS, reader: ledger, store, onProgress() {} })).run();
  await (
    await Projector.open({ projections: [chain] as Projection<unknown>[], reader: ledger, store, onProgress() {} })
  ).run();
  assert.deepEqual(
    store.reader.slots().map(({ name }) => name),
    ['chain'],
  );
});

test('a rebuild that differs from what is kept is told by key', async () => {
  const { ledger, tell } = startTelling();
  const store = memoryStore();
  await tell([lost(0), lost(1)]);
  await (await Projector.open({ projections: TOYS, reader: ledger, store, onProgress() {} })).run();
  const changed = {
    ...journal,
    fold: (state: never, event: never) => ({ ...journal.fold(state, event), words: {} }),
  } as Projection<unknown>;
  const differing = await differences(ledger, store, [changed, ranks] as Projection<unknown>[]);
  assert.deepEqual(differing, { journal: ['subject-0', 'subject-1'], ranks: [] });
});

test('an operating error is told and projecting goes on after it', async () => {
  const { ledger, tell } = startTelling();
  const store = memoryStore();
  let failures = 1;
  const failing: Store = {
    ...store,
    commit(commit) {
      if (commit.rows.length > 0 && failures-- > 0) throw new Error('the disk is full');
      store.commit(commit);
    },
  };
  const told: unknown[] = [];
  const { views, close } = await projectHere({
    ledger,
    projections: TOYS,
    store: failing,
    onTrouble: (error) => void told.push(error),
  });
  await tell([lost(0), lost(1), lost(0)]);
  assert.ok(await views.reached(3 as Position, 5_000));
  assert.match(String(told[0]), /the disk is full/);
  assert.deepEqual(await differences(ledger, store, TOYS), { journal: [], ranks: [], chain: [] });
  await close();
});

test('rebuilding a projection that there is not is refused', async () => {
  const { ledger } = startTelling();
  const projecting = await projectHere({ ledger, projections: TOYS, onTrouble: trouble });
  await assert.rejects(projecting.rebuild('nothing'), /there is no projection nothing/);
  await projecting.rebuild('chain');
  await projecting.close();
});

test('a projection without live views does not pass for one that equals its rebuild', async () => {
  const { ledger, tell } = startTelling();
  await tell([lost(0)]);
  const store = memoryStore();
  const { close } = await projectHere({ ledger, store, projections: [journal], onTrouble: trouble });
  await close();
  assert.deepEqual(await differences(ledger, store, [journal, ranks]), { journal: [], ranks: ['not built'] });
});

test('what others build while nothing answers is catching up, beside views it is being rebuilt', async () => {
  const { tell, ledger } = startTelling();
  await tell([lost(0), lost(1)]);
  const store = memoryStore();
  const projector = await Projector.open({ projections: TOYS, reader: ledger, store, onProgress() {} });
  const names = new Set(TOYS.map(({ name }) => name));
  const states = () => [...new Set(projector.statuses().map(({ state }) => state))];
  projector.leave(names);
  assert.deepEqual(states(), ['CATCHING_UP']);
  projector.leave(new Set());
  await projector.run();
  assert.deepEqual(states(), ['LIVE']);
  projector.leave(names);
  assert.deepEqual(states(), ['REBUILDING']);
});
