/** A dump of three nodes, written by hand in the newer spelling; the older one differs in the first letters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { leaderOf } from '../../../projections/cluster/answers.ts';
import { kubernetesDump } from '../../../src/ingest/formats/kubernetes-dump.ts';
import { filesIn, restored, textsOf } from '../../support/imported.ts';
import { electionsAfter, topologyOf } from '../../support/topology.ts';

const READY = {
  type: 'Ready',
  status: 'True',
  lastHeartbeatTime: '2024-01-01T00:30:00Z',
  lastTransitionTime: '2023-12-31T23:00:00Z',
};
const node = (name: string, labels: Record<string, string>, ready = READY) => ({
  metadata: { name, creationTimestamp: '2023-12-31T22:00:00Z', labels },
  spec: name === 'node-a' ? { unschedulable: true } : {},
  status: { conditions: [ready], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
});
const scheduled = (pod: string, uid: string, at: string) => ({
  metadata: { uid: `event-of-${uid}`, creationTimestamp: at },
  involvedObject: { kind: 'Pod', namespace: 'shop', name: pod, uid },
  reason: 'Scheduled',
  message: `Successfully assigned shop/${pod} to node-b`,
  source: { component: 'default-scheduler' },
  firstTimestamp: at,
  lastTimestamp: at,
});
const started = (uid: string, at: string) => ({
  ...scheduled(uid, uid, at),
  metadata: { uid: `start-of-${uid}`, creationTimestamp: at },
  reason: 'Started',
  message: 'Started container',
  source: { component: 'kubelet', host: 'node-b' },
});
const NODES = JSON.stringify({
  items: [
    node('node-a', { 'node-role.kubernetes.io/control-plane': '' }),
    node('node-b', { 'topology.kubernetes.io/zone': 'west' }),
    node(
      'node-c',
      {},
      {
        ...READY,
        status: 'Unknown',
        lastTransitionTime: '2024-01-01T00:20:40Z',
        lastHeartbeatTime: '2024-01-01T00:20:00Z',
      },
    ),
  ],
});
const EVENTS = JSON.stringify({
  items: [
    started('pod-1', '2024-01-01T00:10:03Z'),
    started('pod-of-yesterday', '2024-01-01T00:10:03Z'),
    scheduled('cart-5d9c7b8f64-x2x4z', 'pod-1', '2024-01-01T00:10:00Z'),
    {
      ...scheduled('node-c', 'node-c', '2024-01-01T00:20:40Z'),
      involvedObject: { kind: 'Node', name: 'node-c', uid: 'node-c' },
      reason: 'NodeNotReady',
      message: 'Node node-c status is now: NodeNotReady',
      source: { component: 'node-controller' },
    },
  ],
});
const LOG = [
  '==== START logs for container kube-scheduler of pod kube-system/kube-scheduler-node-a ====',
  'I1231 23:59:58.123456       1 event.go:218] Event(v1.ObjectReference{Kind:"Lease", Namespace:"kube-system", Name:"kube-scheduler", UID:"u", APIVersion:"", ResourceVersion:"", FieldPath:""}): type: \'Normal\' reason: \'LeaderElection\' node-a_0b5e4d5e-1111-4222-8333-944444444444 became leader',
  'E0101 00:04:00.000000       1 leaderelection.go:258] Failed to update lock: request timed out',
  'E0101 00:05:00.000001       1 server.go:205] leaderelection lost',
  '==== END logs for container kube-scheduler of pod kube-system/kube-scheduler-node-a ====',
].join('\r\n');

const FILES = {
  'shop/nodes.json': NODES,
  'shop/events.json.gz': gzipSync(EVENTS),
  'shop/scheduler.log': LOG,
  'shop/notes.txt': 'x',
};
const read = async () => restored(await textsOf(kubernetesDump, Object.keys(FILES), filesIn(FILES)));

test('the cluster is called after its folder; nodes have kind, zone and whether they are schedulable', async () => {
  const view = topologyOf(await read(), 'shop');
  assert.deepEqual(view.nodes.map(({ id, kind, zone, schedulable }) => [id, kind, zone, schedulable]).sort(), [
    ['node-a', 'voter', null, false],
    ['node-b', 'worker', 'west', true],
    ['node-c', 'worker', null, true],
  ]);
});

test('a log line before New Year is of the year before; a lease is lost when it is, not when an update fails', async () => {
  const [election] = electionsAfter(await read(), 'kube-system/kube-scheduler', 'shop');
  assert.equal(election?.leader.id, 'node-a');
  assert.equal(election?.startedAt, Date.UTC(2023, 11, 31, 23, 59, 58) * 1_000 + 123_456);
  assert.equal(election?.endedAt, Date.UTC(2024, 0, 1, 0, 5) * 1_000 + 1);
  assert.equal(election?.endReason, 'lease_expired');
  assert.equal(leaderOf(topologyOf(await read(), 'shop'), 'kube-system/kube-scheduler'), null);
});

test('a pod is a job of the group that its name tells, on the node that the scheduler chose; one whose placement is forgotten is left out', async () => {
  const { jobs, jobsById } = topologyOf(await read(), 'shop');
  const job = jobsById.get('pod-1');
  assert.equal(jobs.length, 1);
  assert.deepEqual(
    [job?.name, job?.group?.id, job?.node?.id, job?.state],
    ['cart-5d9c7b8f64-x2x4z', 'shop/cart', 'node-b', 'RUNNING'],
  );
});

test('a node whose status is unknown is lost, last seen at its last heartbeat', async () => {
  const view = topologyOf(await read(), 'shop').nodesById.get('node-c');
  assert.equal(view?.liveness, 'LOST');
  assert.equal(view?.lastSeenAt, Date.UTC(2024, 0, 1, 0, 20) * 1_000);
});

test('files in another order give the same events', async () => {
  const files = Object.keys(FILES).reverse();
  assert.deepEqual(restored(await textsOf(kubernetesDump, files, filesIn(FILES))), await read());
});

test('a dump without nodes and events is refused, and so is a list that is none', async () => {
  await assert.rejects(textsOf(kubernetesDump, ['shop/scheduler.log'], filesIn(FILES)), { code: 'IMPORT_UNREADABLE' });
  const wrong = { 'shop/nodes.json': '{"items": 3}' };
  await assert.rejects(textsOf(kubernetesDump, Object.keys(wrong), filesIn(wrong)), { code: 'IMPORT_UNREADABLE' });
});
