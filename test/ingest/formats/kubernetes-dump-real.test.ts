/** What the dump of a real cluster says, folded: the answers that are known of it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { leaderOf, leaderSinceOf } from '../../../projections/cluster/answers.ts';
import type { AnyFoldEvent } from '../../../schemas/event.ts';
import { kubernetesDump } from '../../../src/ingest/formats/kubernetes-dump.ts';
import { micros } from '../../support/events.ts';
import { DISK, restored, textsOf } from '../../support/imported.ts';
import { sharedMissing, sharedPath } from '../../support/shared.ts';
import { electionsAfter, topologyOf } from '../../support/topology.ts';

const FOLDER = 'k8s-ha-dump';
const CONTROLLER = 'kube-system/kube-controller-manager';

describe('the dump of a real cluster', { skip: sharedMissing(FOLDER) }, () => {
  let events: readonly AnyFoldEvent[] = [];
  before(async () => {
    const files = readdirSync(sharedPath(FOLDER)).map((name) => sharedPath(FOLDER, name));
    events = restored(await textsOf(kubernetesDump, files, DISK));
  });
  const view = () => topologyOf(events, FOLDER);
  const happened = (at: string) =>
    topologyOf(
      events.filter(({ effectiveAt }) => effectiveAt <= micros(at)),
      FOLDER,
    );

  test('k8s-master3 leads the controller manager since 09:13:03.687; nobody is known to hold the scheduler lease', () => {
    assert.equal(leaderOf(view(), CONTROLLER)?.id, 'k8s-master3');
    assert.equal(leaderSinceOf(view(), CONTROLLER), micros('2017-11-02T09:13:03.687463Z'));
    assert.equal(leaderOf(view(), 'kube-system/kube-scheduler'), null);
  });

  test('28 failed updates of the lock cost nobody the lease: one election, still open', () => {
    const all = electionsAfter(events, undefined, FOLDER);
    assert.equal(all.length, 1);
    assert.equal(all[0]?.endedAt, null);
    assert.equal(all[0]?.term, null);
  });

  test('five nodes joined when they were made, not when the new controller registered them; no master is schedulable', () => {
    const joins = events.filter((event) => event.type === 'NodeJoined' && event.notBefore === null);
    assert.equal(joins.length, 5);
    assert.ok(joins.every(({ effectiveAt }) => effectiveAt < micros('2017-11-02T09:13:03Z')));
    const schedulable = view().nodes.map((node) => [node.id, node.schedulable, node.kind]);
    assert.deepEqual(schedulable.sort(), [
      ['k8s-master1', false, 'voter'],
      ['k8s-master2', false, 'voter'],
      ['k8s-master3', false, 'voter'],
      ['k8s-worker1', true, 'worker'],
      ['k8s-worker2', true, 'worker'],
    ]);
  });

  test('26 pods were assigned to worker1 and 32 to worker2', () => {
    const held = Object.fromEntries(view().nodes.map((node) => [node.id, node.jobs.length]));
    assert.equal(held['k8s-worker1'], 26);
    assert.equal(held['k8s-worker2'], 32);
    assert.equal(view().jobs.length, 58);
    assert.ok(view().jobs.every(({ state }) => state === 'RUNNING'));
    assert.ok(view().jobGroups.some(({ id }) => id === 'default/nginx105'));
  });

  test('the controller lost master1 twice, worker1 and worker2 once', () => {
    const lost = events.flatMap((event) =>
      event.type === 'HeartbeatLost' && event.data.observerId === 'controller'
        ? [`${event.data.nodeId} ${new Date(event.occurredAt / 1_000).toISOString().slice(5, 19)}`]
        : [],
    );
    assert.deepEqual(lost, [
      'k8s-master1 11-02T10:31:51',
      'k8s-worker1 11-03T02:12:42',
      'k8s-worker2 11-03T02:22:45',
      'k8s-master1 11-03T03:17:27',
    ]);
  });

  test('at the end only k8s-master1 is lost, last seen 03:16:46', () => {
    assert.deepEqual(
      view()
        .nodes.filter(({ liveness }) => liveness !== 'ALIVE')
        .map(({ id, liveness }) => [id, liveness]),
      [['k8s-master1', 'LOST']],
    );
    assert.equal(view().nodesById.get('k8s-master1')?.lastSeenAt, micros('2017-11-03T03:16:46Z'));
    assert.equal(view().nodesById.get('k8s-master1')?.since, micros('2017-11-03T03:17:27.069012Z'));
  });

  test("worker1's kubelet alone says not ready for ten seconds: its observers differ", () => {
    const worker = (at: string) => happened(at).nodesById.get('k8s-worker1')?.liveness;
    assert.equal(worker('2017-11-03T02:30:00Z'), 'LOST');
    assert.equal(worker('2017-11-03T03:00:00Z'), 'ALIVE');
    assert.equal(worker('2017-11-03T03:14:20Z'), 'UNKNOWN');
    assert.equal(worker('2017-11-03T03:14:27Z'), 'ALIVE');
  });
});
