/** The timeline of a real cluster, from its dump: who was lost when. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { kubernetesDump } from '../../src/ingest/formats/kubernetes-dump.ts';
import { DISK } from '../support/imported.ts';
import { sharedMissing, sharedPath } from '../support/shared.ts';
import { CALLER, serve } from './serving.ts';

test('the dump of a real cluster: its masters and workers lost and back, on lanes of their own', {
  skip: sharedMissing('k8s-ha-dump'),
}, async (t) => {
  const { accept, views, ask } = await serve(t);
  const files = readdirSync(sharedPath('k8s-ha-dump')).map((name) => sharedPath('k8s-ha-dump', name));
  const records: { text: string }[] = [];
  for await (const record of kubernetesDump.read(files, DISK)) records.push(record);
  const { rejected, position } = await accept.facts(records, CALLER);
  assert.deepEqual(rejected, []);
  assert.ok(await views.reached(position, 10_000));
  const { data, errors } = await ask(`{ timeline(
    clusterId: "k8s-ha-dump", from: "2017-11-02T00:00:00Z", to: "2017-11-04T00:00:00Z", buckets: 2880
  ) { lanesOmitted lanes { id kind starts ends values merged } } }`);
  assert.deepEqual(errors, []);
  interface Lane {
    readonly id: string;
    readonly kind: string;
    readonly starts: readonly string[];
    readonly ends: readonly (string | null)[];
    readonly values: readonly string[];
  }
  const lanes: readonly Lane[] = data.timeline.lanes;
  assert.equal(data.timeline.lanesOmitted, 0);
  const lost = lanes
    .filter(({ kind }) => kind === 'node')
    .flatMap(({ id, starts, values }) =>
      values.flatMap((value, index) => (value === 'LOST' ? [`${id} ${starts[index]?.slice(0, 19)}`] : [])),
    );
  assert.deepEqual(lost.sort(), [
    'k8s-master1 2017-11-02T10:31:51',
    'k8s-master1 2017-11-03T03:17:27',
    'k8s-worker1 2017-11-03T02:12:42',
    'k8s-worker2 2017-11-03T02:22:45',
  ]);
  const [leader] = lanes.filter(({ kind }) => kind === 'leader');
  assert.deepEqual(
    [leader?.id, leader?.starts, leader?.ends, leader?.values],
    ['kube-system/kube-controller-manager', ['2017-11-02T09:13:03.687463Z'], [null], ['k8s-master3']],
  );
  assert.equal(lanes.filter(({ kind }) => kind === 'job').length, 58);
});
