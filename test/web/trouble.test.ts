import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OverviewCluster } from '../../src/web/overview/query.ts';
import { byTrouble, inOrder, judge, matching } from '../../src/web/overview/trouble.ts';

type Node = OverviewCluster['nodes'][number];
const voter = (role: string, liveness = 'ALIVE', followed = 'LEADER'): Node => ({
  role,
  liveness,
  kind: 'voter',
  following: role === 'FOLLOWER' ? { role: followed } : null,
});
const claim = (id: string, more: object = {}) => ({
  scope: null,
  node: { id },
  contested: false,
  stale: false,
  ...more,
});

/** A cluster of three that is led and followed, changed as told. */
function cluster(changes: Partial<OverviewCluster> = {}): OverviewCluster {
  return {
    id: 'web',
    leader: { id: 'n1', name: null },
    term: 7,
    electing: false,
    scopes: [],
    leaders: [claim('n1')],
    elections: [{ startedAt: '2022-12-13T20:00:00Z' }],
    nodes: [voter('LEADER'), voter('FOLLOWER'), voter('FOLLOWER')],
    jobs: [],
    jobGroups: [],
    incidents: [],
    anomalies: [],
    maintenances: [],
    completeness: { complete: true },
    asOf: null,
    ...changes,
  };
}

const judgements: readonly [
  what: string,
  changes: Partial<OverviewCluster>,
  level: string,
  words: readonly string[],
][] = [
  ['led and followed', {}, 'ok', []],
  ['nobody leads', { leader: null, leaders: [] }, 'bad', ['no leader']],
  ['an election is under way', { leader: null, leaders: [], electing: true }, 'bad', ['electing']],
  ['it was never said to elect', { leader: null, leaders: [], elections: [], nodes: [] }, 'ok', []],
  [
    'one scope of two is not led',
    { scopes: ['a', 'b'], leader: null, leaders: [claim('n1', { scope: 'a' })] },
    'bad',
    ['nobody leads b'],
  ],
  [
    'both claims of a term are open',
    { leaders: [claim('n1', { contested: true }), claim('n2', { contested: true })] },
    'bad',
    ['2 leaders in one term'],
  ],
  ['the other claim of a contested term has ended', { leaders: [claim('n1', { contested: true })] }, 'ok', []],
  [
    'two scopes, each contested once',
    {
      scopes: ['a', 'b'],
      leaders: [claim('n1', { scope: 'a', contested: true }), claim('n1', { scope: 'b', contested: true })],
    },
    'ok',
    [],
  ],
  [
    'a minority has fallen away',
    { nodes: [voter('LEADER'), ...Array(3).fill(voter('FOLLOWER')), voter('UNKNOWN')] },
    'warn',
    ['3 of 4 follow'],
  ],
  [
    'half of them have fallen away',
    { nodes: [voter('LEADER'), voter('FOLLOWER'), voter('UNKNOWN'), voter('UNKNOWN')] },
    'bad',
    ['1 of 3 follow'],
  ],
  [
    'one still follows who led before',
    { nodes: [voter('LEADER'), voter('FOLLOWER'), voter('FOLLOWER', 'ALIVE', 'UNKNOWN'), voter('FOLLOWER')] },
    'warn',
    ['2 of 3 follow'],
  ],
  [
    'a follower that is lost follows no more',
    { nodes: [voter('LEADER'), voter('FOLLOWER', 'LOST'), voter('FOLLOWER')] },
    'warn',
    ['1 of 2 follow', '1 node lost'],
  ],
  [
    'nobody hears of the followers just now',
    { nodes: [voter('LEADER', 'UNKNOWN'), voter('FOLLOWER', 'UNKNOWN')], completeness: { complete: false } },
    'unknown',
    ['2 nodes unknown', 'a collector is silent'],
  ],
  ['who has left is not missed', { nodes: [voter('LEADER'), voter('FOLLOWER'), voter('UNKNOWN', 'LEFT')] }, 'ok', []],
  [
    'nobody ever reported who follows',
    {
      nodes: [
        { role: 'LEADER', liveness: 'ALIVE', kind: null, following: null },
        { role: 'UNKNOWN', liveness: 'ALIVE', kind: null, following: null },
      ],
    },
    'ok',
    [],
  ],
  [
    'a critical job is down',
    {
      jobs: [
        { state: 'ORPHANED', critical: true },
        { state: 'FAILED', critical: false },
      ],
    },
    'bad',
    ['1 critical job down', '1 job down'],
  ],
  [
    'jobs are on their way',
    {
      jobs: [
        { state: 'SUBMITTED', critical: true },
        { state: 'ASSIGNED', critical: false },
      ],
    },
    'ok',
    [],
  ],
  [
    'a group has too few',
    {
      jobGroups: [
        { wanted: 3, running: 2 },
        { wanted: null, running: 0 },
      ],
    },
    'warn',
    ['1 job group short'],
  ],
  ['a minor incident', { incidents: [{ id: 'i', title: 't', impact: 'minor' }] }, 'warn', ['1 open incident']],
  [
    'a major one among two',
    {
      incidents: [
        { id: 'i', title: 't', impact: null },
        { id: 'j', title: 't', impact: 'major' },
      ],
    },
    'bad',
    ['2 open incidents'],
  ],
  ['an anomaly for information', { anomalies: [{ severity: 'info' }] }, 'ok', []],
  ['a critical anomaly', { anomalies: [{ severity: 'critical' }, { severity: 'warning' }] }, 'bad', ['2 anomalies']],
  ['a collector that is silent', { completeness: { complete: false } }, 'unknown', ['a collector is silent']],
];
for (const [what, changes, level, words] of judgements) {
  test(`judged: ${what}`, () => {
    const judged = judge(cluster(changes));
    assert.deepEqual([judged.level, judged.reasons.map((reason) => reason.words)], [level, words]);
  });
}

test('jobs are counted as not running, or on their way', () => {
  const jobs = ['SUBMITTED', 'ASSIGNED', 'FAILED', 'UNASSIGNED', 'ORPHANED'].map((state) => ({
    state,
    critical: false,
  }));
  const { jobsDown, jobsWaiting } = judge(cluster({ jobs }));
  assert.deepEqual([jobsDown, jobsWaiting], [3, 2]);
});

test('the worst comes first, then who has more of it, then by name', () => {
  const rows = [
    cluster({ id: 'b-fine' }),
    cluster({ id: 'a-fine' }),
    cluster({ id: 'blind', completeness: { complete: false } }),
    cluster({ id: 'one-warning', jobs: [{ state: 'FAILED', critical: false }] }),
    cluster({
      id: 'two-warnings',
      jobs: [{ state: 'FAILED', critical: false }],
      incidents: [{ id: 'i', title: '', impact: null }],
    }),
    cluster({ id: 'leaderless', leader: null, leaders: [] }),
  ].map(judge);
  assert.deepEqual(
    rows.toSorted(byTrouble).map((row) => row.cluster.id),
    ['leaderless', 'two-warnings', 'one-warning', 'blind', 'a-fine', 'b-fine'],
  );
});

test('rows that are held keep their places whatever befalls them, and new ones come behind', () => {
  const rows = [
    cluster({ id: 'a', leader: null, leaders: [] }),
    cluster({ id: 'b' }),
    cluster({ id: 'new-fine' }),
    cluster({ id: 'new-bad', leader: null, leaders: [] }),
  ].map(judge);
  assert.deepEqual(
    inOrder(rows, ['b', 'gone', 'a']).map((row) => row.cluster.id),
    ['b', 'a', 'new-bad', 'new-fine'],
  );
});

test('the filter wants every word, in the name, the leader or the trouble', () => {
  const rows = [cluster(), cluster({ id: 'db', leader: null, leaders: [] })].map(judge);
  const found = (filter: string) => matching(rows, filter).map((row) => row.cluster.id);
  assert.deepEqual(found(''), ['web', 'db']);
  assert.deepEqual(found('N1'), ['web']);
  assert.deepEqual(found('no leader'), ['db']);
  assert.deepEqual(found('bad d'), ['db']);
  assert.deepEqual(found('web bad'), []);
});
