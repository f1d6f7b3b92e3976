/** Real records, imported through the door and asked for through GraphQL: the answers that are known of them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '../src/accept/accept.ts';
import type { ImportFormat } from '../src/ingest/formats/format.ts';
import { kubernetesDump } from '../src/ingest/formats/kubernetes-dump.ts';
import { statuspagePolls } from '../src/ingest/formats/statuspage-polls.ts';
import { DISK } from './support/imported.ts';
import { type RunningServer, startServer } from './support/server.ts';
import { sharedMissing, sharedPath } from './support/shared.ts';

const CALLER: Caller = { name: null, authType: 'unauthenticated', roles: new Set(['admin']), door: 'import' };
const BATCH = 500;

interface Imported {
  readonly appended: number;
  readonly duplicates: number;
  readonly rejected: number;
}

/** Imports files as `musterbook import` does. */
async function importInto(server: RunningServer, format: ImportFormat, files: readonly string[]): Promise<Imported> {
  const tally = { appended: 0, duplicates: 0, rejected: 0 };
  let batch: { text: string }[] = [];
  const flush = async (): Promise<void> => {
    const result = await server.accept.facts(batch, CALLER);
    tally.appended += result.appended;
    tally.duplicates += result.duplicates;
    tally.rejected += result.rejected.length;
    batch = [];
  };
  for await (const record of format.read(files, DISK)) {
    batch.push(record);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return tally;
}

async function ask<Answer>(server: RunningServer, query: string, variables: object = {}): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'musterbook-at-least': String((await server.ledger.head()).position),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Answer; errors?: unknown };
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** All nodes of a connection, page by page. `arguments_` stand beside `first` and `after`. */
async function askAll<Node>(
  server: RunningServer,
  { field, given = '', selection }: { readonly field: string; readonly given?: string; readonly selection: string },
): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  let cursor: string | null = null;
  do {
    const query = `query ($after: String) { ${field}(first: 100, after: $after ${given}) { nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`;
    const answer: Record<string, Page<Node>> = await ask(server, query, { after: cursor });
    const page = answer[field];
    assert.ok(page);
    nodes.push(...page.nodes);
    cursor = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (cursor !== null);
  return nodes;
}

const tally = (words: readonly (string | null)[]) =>
  Object.fromEntries([...Map.groupBy(words, String)].map(([word, all]) => [word, all.length]));

describe('the polls of a real page, through GraphQL', { skip: sharedMissing('statuspage-github-2020-2023') }, () => {
  const files = [sharedPath('statuspage-github-2020-2023', 'summary-snapshots.jsonl.gz')];
  let server: RunningServer;
  let first: Imported;
  before(async () => {
    server = await startServer({ config: { store: 'memory' } });
    first = await importInto(server, statuspagePolls, files);
  });
  after(() => server.close());

  test('none is rejected, and importing again appends nothing', async () => {
    assert.deepEqual([first.rejected, first.duplicates], [0, 0]);
    const again = await importInto(server, statuspagePolls, files);
    assert.deepEqual(again, { appended: 0, duplicates: first.appended, rejected: 0 });
  });

  test('340 incidents, their impacts, and 1,151 updates as the page wrote them', async () => {
    const incidents = await askAll<{ status: string; impact: string; updates: { message: string | null }[] }>(server, {
      field: 'incidents',
      selection: 'status impact updates { message }',
    });
    assert.deepEqual(tally(incidents.map(({ status }) => status)), { resolved: 340 });
    assert.deepEqual(tally(incidents.map(({ impact }) => impact)), { minor: 280, major: 48, none: 11, critical: 1 });
    const written = incidents.flatMap(({ updates }) => updates).filter(({ message }) => message);
    assert.equal(written.length, 1_151);
  });

  test('21 maintenances, 55 updates of theirs', async () => {
    const maintenances = await askAll<{ state: string; updates: unknown[] }>(server, {
      field: 'maintenances',
      selection: 'state updates { message }',
    });
    assert.deepEqual(tally(maintenances.map(({ state }) => state)), { completed: 20, cancelled: 1 });
    assert.equal(maintenances.flatMap(({ updates }) => updates).length, 55);
  });

  test('38 incidents renamed, 2 maintenances extended, 1,164 changes of status, resolutions between two polls', async () => {
    const events = async (type: string) =>
      askAll<{ subject: string; notBefore: string | null; occurredAt: string; data: Record<string, unknown> }>(server, {
        field: 'events',
        given: `filter: { types: ["${type}"] }`,
        selection: 'subject notBefore occurredAt data',
      });
    const updates = await events('IncidentUpdated');
    assert.equal(new Set(updates.filter(({ data }) => 'title' in data).map(({ subject }) => subject)).size, 38);
    const resolutions = updates.filter(({ data }) => data['status'] === 'resolved');
    assert.equal(resolutions.length, 340);
    assert.ok(resolutions.every(({ notBefore, occurredAt }) => notBefore !== null && notBefore < occurredAt));
    const extended = (await events('MaintenanceUpdated')).filter(({ data }) => 'endsAt' in data);
    assert.equal(new Set(extended.map(({ subject }) => subject)).size, 2);
    assert.equal((await events('ComponentStatusChanged')).length, 1_164);
    const gaps = await events('CollectorGapRecorded');
    assert.equal(new Set(gaps.map(({ data }) => data['from'])).size, 61);
    assert.equal(gaps.filter(({ data }) => 'to' in data).length, 61);
  });

  test('11 components, all operational in the end, with the names they have now', async () => {
    const { components, statusPage } = await ask<{
      components: { name: string; status: string; noData: boolean }[];
      statusPage: { indicator: string };
    }>(server, '{ components { name status noData } statusPage { indicator } }');
    assert.equal(components.length, 11);
    assert.ok(components.every(({ status, noData }) => status === 'operational' && !noData));
    assert.ok(
      ['Actions', 'Packages', 'Pages'].every((name) => components.some((component) => component.name === name)),
    );
    assert.equal(statusPage.indicator, 'none');
  });
});

describe('the dump of a real cluster, through GraphQL', { skip: sharedMissing('k8s-ha-dump') }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer({ config: { store: 'memory' } });
    const files = readdirSync(sharedPath('k8s-ha-dump')).map((name) => sharedPath('k8s-ha-dump', name));
    const { rejected } = await importInto(server, kubernetesDump, files);
    assert.equal(rejected, 0);
  });
  after(() => server.close());

  interface Node {
    readonly id: string;
    readonly liveness: string;
    readonly schedulable: boolean;
    readonly lastSeenAt: string;
    readonly jobs: readonly unknown[];
  }
  const question = `{ cluster(id: "k8s-ha-dump") {
    leader(scope: "kube-system/kube-controller-manager") { id }
    leaderSince(scope: "kube-system/kube-controller-manager")
    scheduler: leader(scope: "kube-system/kube-scheduler") { id }
    elections { leader { id } endedAt }
    nodes { id liveness schedulable lastSeenAt jobs { id } }
    jobs { id }
  } }`;

  test('who leads, which nodes there are, what was placed where, and who is lost', async () => {
    const { cluster } = await ask<{
      cluster: {
        leader: { id: string };
        leaderSince: string;
        scheduler: unknown;
        elections: unknown[];
        nodes: Node[];
        jobs: unknown[];
      };
    }>(server, question);
    assert.deepEqual(cluster.leader, { id: 'k8s-master3' });
    assert.equal(cluster.leaderSince, '2017-11-02T09:13:03.687463Z');
    assert.equal(cluster.scheduler, null);
    assert.deepEqual(cluster.elections, [{ leader: { id: 'k8s-master3' }, endedAt: null }]);
    assert.equal(cluster.jobs.length, 58);
    const nodes = cluster.nodes.map(({ id, liveness, schedulable, jobs }) => [id, liveness, schedulable, jobs.length]);
    assert.deepEqual(nodes.sort(), [
      ['k8s-master1', 'LOST', false, 0],
      ['k8s-master2', 'ALIVE', false, 0],
      ['k8s-master3', 'ALIVE', false, 0],
      ['k8s-worker1', 'ALIVE', true, 26],
      ['k8s-worker2', 'ALIVE', true, 32],
    ]);
    const lost = cluster.nodes.find(({ id }) => id === 'k8s-master1');
    assert.equal(Date.parse(lost?.lastSeenAt ?? ''), Date.parse('2017-11-03T03:16:46Z'));
  });

  test('what needs a moment is asked by moment: when each node was given up by the controller', async () => {
    const liveness = async (node: string, at: string): Promise<string | undefined> => {
      const { cluster } = await ask<{ cluster: { node: { liveness: string } | null } | null }>(
        server,
        `{ cluster(id: "k8s-ha-dump", moment: { happenedAt: "2017-11-${at}Z" }) { node(id: "${node}") { liveness } } }`,
      );
      return cluster?.node?.liveness;
    };
    for (const [node, before, after] of [
      ['k8s-master1', '02T10:31:50', '02T10:31:52'],
      ['k8s-worker1', '03T02:12:41', '03T02:12:43'],
      ['k8s-worker2', '03T02:22:44', '03T02:22:46'],
      ['k8s-master1', '03T03:17:26', '03T03:17:28'],
    ] as const) {
      assert.equal(await liveness(node, before), 'ALIVE', `${node} at ${before}`);
      assert.notEqual(await liveness(node, after), 'ALIVE', `${node} at ${after}`);
    }
  });
});
