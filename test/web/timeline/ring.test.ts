import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterView } from '../../../projections/cluster/view.ts';
import { foldOn, type GivenEvent, initialState } from '../../../src/web/fold/cluster.ts';
import { centresOf, edgesOf, placesOf } from '../../../src/web/timeline/ring.ts';
import { spoken, summary } from '../../../src/web/timeline/speech.ts';

type Fact = readonly [type: string, data: object];

/** The view after facts that happened a second apart. */
function viewAfter(...facts: readonly Fact[]) {
  let state = initialState('c');
  for (const [index, [type, data]] of facts.entries()) {
    const at = new Date(Date.UTC(2022, 11, 13, 20, 0, index)).toISOString();
    const event: GivenEvent = {
      id: `e${index}`,
      source: '/tests',
      type: `io.musterbook.${type}`,
      subject: 'c',
      stream: 'cluster-c',
      revision: index,
      position: String(index + 1),
      occurredAt: at,
      occurredAtKnown: true,
      notBefore: null,
      recordedAt: at,
      synthetic: false,
      actor: null,
      erased: false,
      data,
    };
    state = foldOn(state, event);
  }
  return clusterView(state, []);
}

const joined = (...ids: readonly string[]): Fact[] => ids.map((nodeId) => ['NodeJoined', { nodeId, zone: 'z' }]);
const elected = (leaderId: string, term: number): Fact => ['LeaderElected', { leaderId, term }];
const follows = (nodeId: string, leaderId: string, term: number): Fact => [
  'FollowerAttached',
  { nodeId, leaderId, term },
];

test('a node’s place depends on who belongs to the cluster, not on what they are at', () => {
  const members = ['n2', 'n10', 'n1'].map((id) => ({ id, name: null, zone: 'z' }));
  const places = placesOf(members);
  assert.deepEqual([...places.keys()], ['n1', 'n2', 'n10']);
  assert.deepEqual(placesOf(members.toReversed()), places);
  assert.ok(
    Math.abs((places.get('n1')?.x ?? 1) - 0) < 1e-9 && (places.get('n1')?.y ?? 0) < 0,
    'the first is at the top',
  );
});

test('a thousand nodes all have places of their own inside the square', () => {
  const places = [
    ...placesOf(Array.from({ length: 1_000 }, (_, index) => ({ id: `n${index}`, name: null, zone: null }))).values(),
  ];
  assert.equal(new Set(places.map(({ x, y }) => `${x.toFixed(2)} ${y.toFixed(2)}`)).size, 1_000);
  assert.ok(places.every(({ x, y }) => Math.hypot(x, y) <= 100));
});

test('whoever leads is in the middle, and those who follow are tied to it', () => {
  const view = viewAfter(...joined('n1', 'n2', 'n3'), elected('n1', 1), follows('n2', 'n1', 1));
  const places = placesOf(view.nodes);
  const centres = centresOf(view);
  assert.deepEqual(
    centres.map(({ node, x, y }) => [node.id, x + 0, y + 0]),
    [['n1', 0, 0]],
  );
  assert.deepEqual(
    edgesOf(view, places, centres).map(({ followerId, leaderId, isOutdated }) => [followerId, leaderId, isOutdated]),
    [['n2', 'n1', false]],
  );
});

test('two leaders of one term are both in the middle, apart and contested', () => {
  const view = viewAfter(...joined('n1', 'n2'), elected('n1', 1), elected('n2', 1));
  const centres = centresOf(view);
  assert.deepEqual(
    centres.map(({ node, isContested }) => [node.id, isContested]),
    [
      ['n1', true],
      ['n2', true],
    ],
  );
  assert.notEqual(centres[0]?.x, centres[1]?.x);
});

test('who follows another than the present leader, or in another term, is told apart', () => {
  const view = viewAfter(...joined('n1', 'n2', 'n3'), elected('n1', 1), follows('n3', 'n1', 1), elected('n2', 2));
  const edges = edgesOf(view, placesOf(view.nodes), centresOf(view));
  assert.deepEqual(
    edges.map(({ followerId, isOutdated }) => [followerId, isOutdated]),
    [['n3', true]],
  );
});

test('a moment is said in one sentence', () => {
  const at = Date.UTC(2022, 11, 13, 20, 13) * 1_000;
  const before = viewAfter(...joined('n1', 'n2', 'n3'));
  assert.equal(summary(before), 'no word of a leader, 3 nodes, 0 following, 0 jobs running');
  assert.equal(
    summary(viewAfter(...joined('n1'), ['ElectionStarted', { term: 1 }])),
    'electing, 1 node, 0 following, 0 jobs running',
  );
  const view = viewAfter(
    ...joined('n1', 'n2', 'n3'),
    elected('n1', 7),
    follows('n2', 'n1', 7),
    ['HeartbeatLost', { nodeId: 'n3', observerId: 'm' }],
    ['JobAssigned', { jobId: 'j', nodeId: 'n2', leaderId: 'n1', term: 7 }],
    ['JobStarted', { jobId: 'j', nodeId: 'n2' }],
    ['JobSubmitted', { jobId: 'k' }],
  );
  assert.equal(
    spoken(at, view),
    '2022-12-13 20:13:00 UTC: n1 leads in term 7, 3 nodes, 1 following, 1 lost, 1 job running, 1 not running',
  );
  const replaced = viewAfter(...joined('n1', 'n2', 'n3'), elected('n1', 1), follows('n3', 'n1', 1), elected('n2', 2));
  assert.match(summary(replaced), /n2 leads in term 2, 3 nodes, 0 following, /);
  assert.equal(spoken(at, null), '2022-12-13 20:13:00 UTC: not known yet');
  const lost = viewAfter(...joined('n1'), elected('n1', 1), [
    'LeaderLost',
    { leaderId: 'n1', term: 1, reason: 'crashed' },
  ]);
  assert.match(summary(lost), /^nobody leads, 1 node, /);
  const two = viewAfter(...joined('n1', 'n2'), elected('n1', 1), elected('n2', 1));
  assert.match(summary(two), /^n1 leads in term 1, contested and n2 leads in term 1, contested, 2 nodes/);
});
