// Holds W1 of docs/invariants.md.
/** The state at the playhead is what the server says of that moment: of every scenario, scrubbed back and forth. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { chanceFrom } from '../../../bench/support/history.ts';
import type { ClusterView } from '../../../projections/cluster/view.ts';
import { FRAMES, gapOf, STRETCH } from '../../../src/web/cluster/query.ts';
import { MS, microsOf, textOf } from '../../../src/web/timeline/instants.ts';
import { type Asked, Moments, type Source } from '../../../src/web/timeline/moments.ts';
import { restored } from '../../serve/restored.ts';
import type { Serving } from '../../serve/serving.ts';
import { subscribe } from '../../serve/streams.ts';

const SCENARIOS = readdirSync(new URL('../../../scenarios', import.meta.url))
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length));

/** As src/web/cluster/source.ts asks, over a server of the test's own. */
function sourceOf(serving: Serving, id: string): Source {
  return {
    async begin({ base, knownAt, span }) {
      const variables = { id, base, knownAt, from: textOf(span.from), to: textOf(Math.max(span.to, span.from + MS)) };
      const { data, errors } = await serving.ask(STRETCH, variables);
      assert.deepEqual(errors, []);
      return { snapshot: data.clusterSnapshot, gaps: data.timeline.completeness.gaps.map(gapOf) };
    },
    follow(range, { onEvent, onComplete, onFailure }) {
      const told = async (): Promise<void> => {
        const frames = await subscribe(serving.url, FRAMES, { id, ...range });
        for (;;) {
          const next = await Promise.race([frames.next(), frames.ended.then(() => null)]).catch(() => null);
          if (next === null) return onComplete();
          onEvent(next.replay.event);
        }
      };
      told().catch(onFailure);
      return () => {};
    },
  };
}

const CLUSTER = `
  leaders { scope node { id } term contested stale }
  nodes { id zone role liveness following { id } followingTerm jobs { id state } }
  jobs { id state node { id } attempts assignedTerm critical }
  completeness { complete gaps { collector reason } }`;

/** The same of a view. */
function asAnswer({ leaders, nodes, jobs, completeness }: ClusterView) {
  const idOf = (node: { readonly id: string } | null) => node && { id: node.id };
  return JSON.parse(
    JSON.stringify({
      leaders: leaders.map(({ scope, node, term, contested, stale }) => ({
        scope,
        node: idOf(node),
        term,
        contested,
        stale,
      })),
      nodes: nodes.map(({ id, zone, role, liveness, following, followingTerm, jobs: held }) => ({
        id,
        zone,
        role,
        liveness,
        following: idOf(following),
        followingTerm,
        jobs: held.map((job) => ({ id: job.id, state: job.state })),
      })),
      jobs: jobs.map(({ id, state, node, attempts, assignedTerm, critical }) => ({
        id,
        state,
        node: idOf(node),
        attempts,
        assignedTerm,
        critical,
      })),
      completeness: {
        complete: completeness.complete,
        gaps: completeness.gaps.map(({ collector, reason }) => ({ collector, reason })),
      },
    }),
  );
}

/** A playhead; `to` resolves with the view once the moment is there. */
function playhead(serving: Serving, id: string) {
  let changed = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const onChange = (): void => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const moments = new Moments({
    clusterId: id,
    source: sourceOf(serving, id),
    onChange,
    onFailure: (error) => {
      failures.push(error);
      onChange();
    },
  });
  return {
    moments,
    async to(asked: Asked): Promise<ClusterView> {
      moments.show(asked);
      for (;;) {
        const next = changed.promise;
        const { moment, isPending } = moments.current();
        assert.deepEqual(failures, []);
        if (!isPending && moment !== null) return moment.view;
        await next;
      }
    },
  };
}

async function clusterAt(serving: Serving, id: string, moment: object) {
  const { data, errors } = await serving.ask(
    `query C($id: ID!, $moment: Moment) { cluster(id: $id, moment: $moment) { ${CLUSTER} } }`,
    {
      id,
      moment,
    },
  );
  return errors.length > 0 || data.cluster === null ? null : data.cluster;
}

for (const scenario of SCENARIOS) {
  test(`scrubbed over ${scenario}, the playhead shows what the server says of each moment`, async (t) => {
    const serving = await restored(t, scenario);
    const chance = chanceFrom(7);
    const { data } = await serving.ask('{ clusters(first: 50) { nodes { id asOf { recordedAt } } } }');
    for (const { id, asOf } of data.clusters.nodes as { id: string; asOf: { recordedAt: string } }[]) {
      const told = await serving.ask(
        'query E($filter: EventFilter) { events(first: 200, filter: $filter) { nodes { occurredAt recordedAt } } }',
        {
          filter: { stream: `cluster-${id}` },
        },
      );
      const times = (told.data.events.nodes as { occurredAt: string; recordedAt: string }[])
        .map(({ occurredAt, recordedAt }) => Math.min(microsOf(occurredAt), microsOf(recordedAt)))
        .sort((one, other) => one - other);
      const [first = 0, last = 0] = [times[0], times.at(-1)];
      const middle = times[Math.floor(times.length / 2)] ?? 0;
      const stretches = [
        { from: first - 1, to: last },
        { from: middle, to: last },
      ];
      const head = playhead(serving, id);
      for (let round = 0; round < 24; round += 1) {
        const stretch = stretches[round % 2];
        assert.ok(stretch);
        // At an event, just before it, just after it.
        const picked = times[Math.floor(chance() * times.length)] ?? first;
        const at = Math.min(Math.max(picked + Math.floor(chance() * 3) - 1, stretch.from), stretch.to);
        const mode = round % 3 === 2 ? 'known' : 'true';
        const view = await head.to({ at, mode, known: asOf.recordedAt, stretch });
        const time = textOf(at);
        const server = await clusterAt(serving, id, mode === 'known' ? { knownAt: time } : { happenedAt: time });
        if (server === null) assert.deepEqual(view.nodes, [], `${id} was not known at ${time}`);
        else assert.deepEqual(asAnswer(view), server, `${id} at ${time}, ${mode} then`);
      }
      head.moments.close();
    }
  });
}

test('while a moment is on its way the one that is shown is told by its own time', async () => {
  const answers: (() => void)[] = [];
  const source: Source = {
    begin: () => new Promise((resolve) => answers.push(() => resolve({ snapshot: null, gaps: [] }))),
    follow: () => () => {},
  };
  const moments = new Moments({ clusterId: 'c', source, onChange: () => {}, onFailure: assert.ifError });
  const at = (minute: number): number => microsOf('2022-12-13T20:00:00Z') + minute * 60_000 * MS;
  const show = (minute: number): void =>
    moments.show({ at: at(minute), mode: 'known', known: '2022-12-14T00:00:00Z', stretch: { from: 0, to: 0 } });
  const told = () => {
    const { at: when, isPending } = moments.current();
    return [when, isPending];
  };
  const arrive = async (): Promise<void> => {
    answers.shift()?.();
    await turn();
  };
  show(1);
  assert.deepEqual(told(), [null, true]);
  await arrive();
  assert.deepEqual(told(), [at(1), false]);
  show(2);
  show(3);
  assert.equal(answers.length, 1, 'one question at a time');
  assert.deepEqual(told(), [at(1), true]);
  await arrive();
  assert.deepEqual(told(), [at(2), true]);
  await arrive();
  assert.deepEqual(told(), [at(3), false]);
  assert.equal(moments.next(at(3)), null, 'what comes next was not asked for');
});
