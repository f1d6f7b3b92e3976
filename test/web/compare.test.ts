/** Moments as they stand in addresses, and differences as rows. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMPARISON } from '../../src/web/compare/query.ts';
import { diffRows } from '../../src/web/compare/rows.ts';
import { typedTime } from '../../src/web/ui/instant.ts';
import { markOf, markText, markWords, momentInput } from '../../src/web/ui/mark.ts';
import { restored } from '../serve/restored.ts';
import { serve } from '../serve/serving.ts';

describe('times as people type them', () => {
  test('are read with and without zone, seconds and fraction', () => {
    const read = [
      ['2022-12-13 20:10', '2022-12-13T20:10:00Z'],
      ['2022-12-13T20:10:03Z', '2022-12-13T20:10:03Z'],
      [' 2022-12-13  9:05:03.123456 UTC', '2022-12-13T09:05:03.123456Z'],
      ['2022-12-13 01:10:03.5+02:00', '2022-12-12T23:10:03.5Z'],
      ['2022-12-13', '2022-12-13T00:00:00Z'],
    ] as const;
    for (const [typed, time] of read) assert.equal(typedTime(typed), time, typed);
  });

  test('are refused where they name no instant', () => {
    for (const typed of [
      '',
      'now',
      '20:10',
      '2022-13-01',
      '2022-02-30',
      '2022-12-13 25:00',
      '13.12.2022',
      '2022-12-13 20:10 x',
    ]) {
      assert.equal(typedTime(typed), null, typed);
    }
  });
});

describe('moments in addresses', () => {
  const T = '2022-12-13T20:10:00Z';
  const MARKS = [
    ['4711', { position: '4711' }, { position: '4711' }],
    [T, { happenedAt: T }, { happenedAt: T }],
    [`known:${T}`, { knownAt: T }, { knownAt: T }],
    [`${T},known:${T}`, { happenedAt: T, knownAt: T }, { bitemporal: { happenedAt: T, knownAt: T } }],
  ] as const;

  test('are read as they are written', () => {
    for (const [text, mark, input] of MARKS) {
      assert.deepEqual(markOf(text), mark);
      assert.equal(markText(mark), text);
      assert.deepEqual(momentInput(mark), input);
    }
    assert.deepEqual(markOf(' position: 12 '), { position: '12' });
    assert.deepEqual(markOf('2022-12-13 20:10, known: 2022-12-13 20:10'), MARKS[3][1]);
  });

  test('the present is none, and what cannot be read is told from it', () => {
    assert.deepEqual(markOf(''), {});
    assert.deepEqual(markOf('now'), {});
    assert.equal(momentInput({}), null);
    for (const text of ['yesterday', 'known:', 'known:soon', `${T} or so`]) assert.equal(markOf(text), null, text);
    assert.equal(markWords({}, String), 'now');
    assert.equal(markWords({ happenedAt: 'x', knownAt: 'y' }, String), 'true at x, known at y');
  });
});

describe('differences as rows', () => {
  const ID = 'spreedly-orchestration';

  test('of the Spreedly incident: who no longer follows, and which jobs were moved, each with its causes', async (t) => {
    const { ask } = await restored(t, 'spreedly-2022-12-13');
    const a = { happenedAt: '2022-12-13T20:00:00Z' };
    const b = { happenedAt: '2022-12-13T20:14:00Z' };
    const { data, errors } = await ask(COMPARISON, { id: ID, a, b });
    assert.deepEqual(errors, []);
    const rows = diffRows(data.topologyDiff);
    const of = (id: string, what: string) => rows.find((row) => row.id === id && row.what === what);
    const follows = of('orch-4', 'follows');
    assert.deepEqual([follows?.before, follows?.after], ['orch-1, term 7', 'nobody']);
    assert.deepEqual(
      follows?.causes.map(({ type, position }) => [type, position]),
      [['io.musterbook.FollowerDetached', '49']],
    );
    const job = of('core-api-1', 'job');
    assert.deepEqual([job?.before, job?.after], ['running on orch-2', 'assigned on orch-3']);
    assert.equal(job?.causes.length, 2);
    assert.ok(rows.every(({ causes, before, after }) => causes.length > 0 && before !== after));
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);

    const same = await ask(COMPARISON, { id: ID, a, b: a });
    assert.deepEqual(diffRows(same.data.topologyDiff), []);
  });

  test('a node that joined, one that changed, a new leader with its term, a scope of its own', async (t) => {
    const serving = await serve(t);
    await serving.tell(
      ['NodeJoined', 'web', { nodeId: 'a', zone: 'z1' }, 1],
      ['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 2],
      ['NodeJoined', 'web', { nodeId: 'b', zone: 'z1' }, 10],
      ['NodeJoined', 'web', { nodeId: 'a', zone: 'z2', labels: { rack: '7' } }, 11],
      ['LeaderElected', 'web', { leaderId: 'b', term: 2 }, 12],
      ['LeaderElected', 'web', { scope: 'shard-1', leaderId: 'a', term: 4 }, 13],
      ['HeartbeatLost', 'web', { nodeId: 'a' }, 14],
    );
    const at = (minute: number) => ({ happenedAt: new Date(Date.UTC(2022, 11, 13, 20, minute)).toISOString() });
    const { data, errors } = await serving.ask(COMPARISON, { id: 'web', a: at(5), b: at(20) });
    assert.deepEqual(errors, []);
    const rows = diffRows(data.topologyDiff).map(({ kind, id, what, before, after }) => [
      kind,
      id,
      what,
      before,
      after,
    ]);
    const has = (...row: readonly string[]): void =>
      assert.ok(
        rows.some((each) => each.join('|') === row.join('|')),
        `${row.join('|')} in ${JSON.stringify(rows)}`,
      );
    has('leader', '', 'leader', 'a, term 1', 'b, term 2');
    has('scope', 'shard-1', 'leader', 'nobody', 'a, term 4');
    has('node', 'a', 'liveness', 'alive', 'lost');
    has('node', 'a', 'zone', 'z1', 'z2');
    has('node', 'a', 'labels', '–', '{"rack":"7"}');
    assert.ok(
      rows.some(
        ([kind, id, what, before]) => kind === 'node' && id === 'b' && what === 'node' && before === 'not known',
      ),
    );
    // The leader's row has the term already.
    assert.ok(!rows.some(([kind]) => kind === 'term'));
  });
});
