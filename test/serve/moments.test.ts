/** Moments through GraphQL: what was true, what was known, and what cannot be asked. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { CALLER, type Serving, serve } from './serving.ts';

const ID = 'spreedly-2022-12-13';

async function restored(t: TestContext, scenario: string): Promise<Serving> {
  const serving = await serve(t);
  const file = new URL(`../../scenarios/${scenario}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const result = await serving.accept.restore(
    lines.map((text) => ({ text })),
    CALLER,
  );
  assert.deepEqual(result.rejected, []);
  assert.ok(await serving.views.reached(result.position, 5_000));
  return serving;
}

const at = (time: string) => `2022-12-13T${time}:00Z`;

test('the questions of the incident this project was born from', async (t) => {
  const { ask } = await restored(t, ID);
  const { data, errors } = await ask(`{
    at2015: incident(id: "${ID}", moment: { happenedAt: "${at('20:15')}" }) { impactOpen status impactStartedAt asOf { restored position occurredAt } }
    at2029: incident(id: "${ID}", moment: { happenedAt: "${at('20:29')}" }) { impactOpen }
    known2030: incident(id: "${ID}", moment: { knownAt: "${at('20:30')}" }) { impactOpen impactEndedAt status }
    known2045: incident(id: "${ID}", moment: { knownAt: "${at('20:45')}" }) { impactOpen impactEndedAt }
    known2015: incident(id: "${ID}", moment: { bitemporal: { happenedAt: "${at('20:15')}", knownAt: "${at('20:15')}" } }) { id }
    believed: incident(id: "${ID}", moment: { bitemporal: { happenedAt: "${at('20:29')}", knownAt: "${at('20:30')}" } }) { impactOpen status }
  }`);
  assert.deepEqual(errors, []);
  assert.equal(data.at2015.impactOpen, true);
  assert.equal(data.at2015.status, null);
  assert.equal(data.at2015.impactStartedAt, '2022-12-13T20:14:00.000Z');
  assert.equal(data.at2015.asOf.restored, true);
  assert.equal(data.at2029.impactOpen, false);
  assert.deepEqual(data.known2030, { impactOpen: true, impactEndedAt: null, status: 'investigating' });
  assert.deepEqual(data.known2045, { impactOpen: false, impactEndedAt: '2022-12-13T20:28:00.000Z' });
  assert.equal(data.known2015, null);
  assert.deepEqual(data.believed, { impactOpen: true, status: 'investigating' });
});

test('the cluster of that evening: followers fell away one by one, which each moment shows', async (t) => {
  const { ask } = await restored(t, ID);
  const followers = async (moment: string): Promise<number | null> => {
    const { data, errors } = await ask(
      `{ cluster(id: "spreedly-orchestration", moment: ${moment}) { nodes { following { id } } jobs(states: [ORPHANED]) { id } } }`,
    );
    assert.deepEqual(errors, []);
    return data.cluster?.nodes.filter((node: { following: unknown }) => node.following !== null).length ?? null;
  };
  assert.equal(await followers('{ happenedAt: "2020-01-01T00:00:00Z" }'), null);
  assert.equal(await followers('{ position: 0 }'), null);
  const before = await followers(`{ happenedAt: "${at('19:40')}" }`);
  const after = await followers(`{ happenedAt: "${at('20:13')}" }`);
  assert.ok(before !== null && after !== null && before > after, `${before} followers, then ${after}`);
});

test('a late fact takes its place in what happened, not in what was known', async (t) => {
  const { tell, ask } = await serve(t);
  await tell(['NodeJoined', 'web', { nodeId: 'a' }, 0], ['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 1]);
  const known = await tell(['HeartbeatLost', 'web', { nodeId: 'a' }, 30]);
  await tell(['HeartbeatRestored', 'web', { nodeId: 'a' }, 20], ['HeartbeatLost', 'web', { nodeId: 'a' }, 10]);
  const liveness = async (moment: string): Promise<unknown> =>
    (await ask(`{ cluster(id: "web", moment: ${moment}) { node(id: "a") { liveness } asOf { position occurredAt } } }`))
      .data.cluster;
  const past = '2022-12-13T20';
  assert.deepEqual(await liveness(`{ happenedAt: "${past}:15:00Z" }`), {
    node: { liveness: 'LOST' },
    asOf: { position: '5', occurredAt: `${past}:10:00.000Z` },
  });
  assert.deepEqual(await liveness(`{ happenedAt: "${past}:25:00Z" }`), {
    node: { liveness: 'ALIVE' },
    asOf: { position: '5', occurredAt: `${past}:20:00.000Z` },
  });
  assert.deepEqual(await liveness(`{ position: ${known} }`), {
    node: { liveness: 'LOST' },
    asOf: { position: '3', occurredAt: `${past}:30:00.000Z` },
  });
});

test('a retraction counts in every answer that knows of it, whatever moment it is about', async (t) => {
  const { tell, ask } = await serve(t);
  const wrong = await tell(['LeaderElected', 'web', { leaderId: 'ghost', term: 2 }, 5, { id: 'wrong' }]);
  await tell(['EventRetracted', 'web', { eventSource: '/tests', eventId: 'wrong', reason: 'misread' }, 50]);
  await tell(['LeaderElected', 'web', { leaderId: 'real', term: 2 }, 5]);
  const { data } = await ask(`{
    before: cluster(id: "web", moment: { position: ${wrong} }) { leader { id } }
    now: cluster(id: "web", moment: { happenedAt: "2022-12-13T20:06:00Z" }) { leader { id } }
  }`);
  assert.deepEqual(data, { before: { leader: { id: 'ghost' } }, now: { leader: { id: 'real' } } });
});

test('gaps are valid time: a moment inside one is unknown, also when its collector told of it later', async (t) => {
  const { tell, ask } = await serve(t);
  await tell(['NodeJoined', 'web', { nodeId: 'a' }, 0], ['HeartbeatLost', 'web', { nodeId: 'a' }, 1]);
  const gap = { from: '2022-12-13T20:10:00Z', to: '2022-12-13T20:20:00Z', reason: 'link down' };
  await tell(['CollectorGapRecorded', '/tests', gap, 40]);
  const { data, errors } = await ask(`{
    before: cluster(id: "web", moment: { happenedAt: "2022-12-13T20:09:59Z" }) { node(id: "a") { liveness } completeness { complete } }
    inside: cluster(id: "web", moment: { happenedAt: "2022-12-13T20:10:00Z" }) { node(id: "a") { liveness } completeness { complete gaps { reason } } }
    after: cluster(id: "web", moment: { happenedAt: "2022-12-13T20:20:00Z" }) { node(id: "a") { liveness } completeness { complete } }
  }`);
  assert.deepEqual(errors, []);
  assert.deepEqual(data.before, { node: { liveness: 'LOST' }, completeness: { complete: true } });
  assert.deepEqual(data.inside, {
    node: { liveness: 'UNKNOWN' },
    completeness: { complete: false, gaps: [{ reason: 'link down' }] },
  });
  assert.deepEqual(data.after, { node: { liveness: 'LOST' }, completeness: { complete: true } });
});

test('several moments in one request, fragments and conditions among them, are each answered from their own set', async (t) => {
  const { tell, ask } = await serve(t);
  await tell(
    ['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 0],
    ['LeaderElected', 'web', { leaderId: 'b', term: 2 }, 10],
  );
  const { data, errors } = await ask(
    `query Q($no: Boolean!) {
      now: cluster(id: "web") { leader { id } asOf { position } }
      ...Then
      ... on Query @include(if: $no) { never: cluster(id: "web") { id } }
      past: cluster(id: "web", moment: { position: 1 }) { elections { leader { id } } }
      ledger { head }
    }
    fragment Then on Query { past: cluster(id: "web", moment: { position: 1 }) { leader { id } asOf { position } } }`,
    { no: false },
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(data, {
    now: { leader: { id: 'b' }, asOf: { position: '2' } },
    past: { leader: { id: 'a' }, asOf: { position: '1' }, elections: [{ leader: { id: 'a' } }] },
    ledger: { head: '2' },
  });
});

test('a moment in the future, malformed or of two kinds is refused, and its neighbours are answered', async (t) => {
  const { tell, ask } = await serve(t);
  await tell(['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 0]);
  const refusal = async (moment: string) => {
    const { data, errors } = await ask(
      `{ web: cluster(id: "web") { id } then: cluster(id: "web", moment: ${moment}) { id } }`,
    );
    return [errors[0]?.extensions['code'], data?.web?.id ?? null];
  };
  assert.deepEqual(await refusal('{ position: 2 }'), ['MOMENT_IN_FUTURE', 'web']);
  assert.deepEqual(await refusal('{ knownAt: "2100-01-01T00:00:00Z" }'), ['MOMENT_IN_FUTURE', 'web']);
  assert.deepEqual(await refusal('{ happenedAt: "2100-01-01T00:00:00Z" }'), ['MOMENT_IN_FUTURE', 'web']);
  assert.deepEqual(
    await refusal('{ bitemporal: { happenedAt: "2100-01-01T00:00:00Z", knownAt: "2022-12-13T20:00:00Z" } }'),
    ['MOMENT_IN_FUTURE', 'web'],
  );
  assert.deepEqual(await refusal('{ happenedAt: "yesterday" }'), ['TIME_UNREADABLE', null]);
  assert.deepEqual(await refusal('{ position: 1, knownAt: "2022-12-13T20:00:00Z" }'), [
    'GRAPHQL_VALIDATION_FAILED',
    null,
  ]);
  assert.deepEqual(await refusal('{}'), ['GRAPHQL_VALIDATION_FAILED', null]);
});

test('the present is what is known now, what has happened by now, and the head', async (t) => {
  const { ask, ledger } = await restored(t, ID);
  const { position, recordedAt } = await ledger.head();
  assert.ok(recordedAt);
  const now = new Date(recordedAt / 1_000).toISOString();
  const fields =
    '{ leader { id } term nodes { id role liveness since following { id } } jobs { id state node { id } } elections { startedAt endedAt } incidents { id status } }';
  const { data, errors } = await ask(`{
    present: cluster(id: "spreedly-orchestration") ${fields}
    known: cluster(id: "spreedly-orchestration", moment: { knownAt: "${now}" }) ${fields}
    happened: cluster(id: "spreedly-orchestration", moment: { happenedAt: "${now}" }) ${fields}
    head: cluster(id: "spreedly-orchestration", moment: { position: ${position} }) ${fields}
  }`);
  assert.deepEqual(errors, []);
  for (const other of ['known', 'happened', 'head']) assert.deepEqual(data[other], data.present, other);
});
