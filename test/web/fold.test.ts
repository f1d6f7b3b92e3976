import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { FOLD_FIELDS, foldOn, type GivenEvent, initialState, stateOf } from '../../src/web/fold/cluster.ts';
import { restored } from '../serve/restored.ts';
import type { Serving } from '../serve/serving.ts';
import { subscribe } from '../serve/streams.ts';

const SCENARIOS = readdirSync(new URL('../../scenarios', import.meta.url))
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length));

/** A moment before everything and one after everything that the scenarios tell. */
const BEFORE = '2000-01-01T00:00:00Z';

async function snapshotAt(serving: Serving, id: string, happenedAt: string) {
  const { data, errors } = await serving.ask(
    'query S($id: ID!, $at: DateTime!) { clusterSnapshot(id: $id, moment: { happenedAt: $at }) { projection version position state } }',
    { id, at: happenedAt },
  );
  assert.deepEqual(errors, []);
  return data.clusterSnapshot;
}

async function framesOf(serving: Serving, id: string, range: { from: string; to: string }): Promise<GivenEvent[]> {
  const frames = await subscribe(
    serving.url,
    `subscription R($id: ID!, $from: DateTime!, $to: DateTime!) { replay(clusterId: $id, from: $from, to: $to, speed: 0) { event { ${FOLD_FIELDS} } } }`,
    { id, ...range },
  );
  const events: GivenEvent[] = [];
  for (;;) {
    const next = await Promise.race([frames.next(), frames.ended.then(() => null)]).catch(() => null);
    if (next === null) return events;
    events.push(next.replay.event);
  }
}

/** Texts of one form order like the times they say. */
function effectiveAt({ occurredAt, recordedAt }: { readonly occurredAt: string; readonly recordedAt: string }): string {
  return [occurredAt, recordedAt].sort()[0] ?? occurredAt;
}

for (const scenario of SCENARIOS) {
  test(`folded in the browser from any moment on, ${scenario} gives the server's state at every later one`, async (t) => {
    const serving = await restored(t, scenario);
    const { data } = await serving.ask('{ clusters(first: 50) { nodes { id } } }');
    let compared = 0;
    for (const { id } of data.clusters.nodes as { id: string }[]) {
      const stream = await serving.ask(
        `query E($filter: EventFilter) { events(first: 200, filter: $filter) { nodes { occurredAt recordedAt } } }`,
        { filter: { stream: `cluster-${id}` } },
      );
      const times = (stream.data.events.nodes as { occurredAt: string; recordedAt: string }[]).map(effectiveAt).sort();
      const last = times.at(-1);
      assert.ok(last !== undefined);
      const moments = [...new Set(times)];
      for (const from of [BEFORE, moments[Math.floor(moments.length / 3)] ?? BEFORE]) {
        if (from >= last) continue;
        const snapshot = await snapshotAt(serving, id, from);
        let state = snapshot === null ? initialState(id) : stateOf(snapshot);
        assert.ok(state !== null);
        const events = await framesOf(serving, id, { from, to: last });
        for (const [index, event] of events.entries()) {
          state = foldOn(state, event);
          const next = events[index + 1];
          const at = effectiveAt(event);
          const nextAt = next && effectiveAt(next);
          // A moment includes everything of its instant.
          if (nextAt === at) continue;
          assert.equal(
            JSON.stringify(state),
            JSON.stringify((await snapshotAt(serving, id, at)).state),
            `${id} at ${at}`,
          );
          compared += 1;
        }
      }
    }
    assert.ok(compared > 0 || scenario.includes('contradiction'), 'something was compared');
  });
}

test('a snapshot of another version of the projection is not folded on', () => {
  assert.equal(stateOf({ projection: 'cluster', version: 0, position: '1', state: {} }), null);
  assert.equal(stateOf({ projection: 'elections', version: 1, position: '1', state: {} }), null);
});
