/** Several servers on one record: what docs/replicas.md promises, through the doors that users have. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { subscribe } from './serve/streams.ts';
import { EventStoreServer } from './support/eventstoredb/server.ts';
import { type RunningServer, startServer } from './support/server.ts';
import { until } from './support/until.ts';

const record = new EventStoreServer();
let a: RunningServer;
let b: RunningServer;

before(async () => {
  await record.start();
  a = await startServer({ config: { store: record.connectionString as `esdb${string}` } });
  b = await startServer({ config: { store: record.connectionString as `esdb${string}` } });
});
after(async () => {
  await b?.close();
  await a?.close();
  await record.stop();
});

async function post(url: string, path: string, type: string, body: string) {
  const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function tell(server: RunningServer, subject: string, ids: readonly string[]): Promise<number> {
  const lines = ids.map((id) =>
    JSON.stringify({ specversion: '1.0', id, source: '/t', type: 'LeaderElected', subject, data: { leaderId: id } }),
  );
  const { status, body } = await post(server.url, '/v1/events', 'application/x-ndjson', lines.join('\n'));
  assert.equal(status, 200, JSON.stringify(body));
  return body['position'] as number;
}

async function ask(server: RunningServer, query: string, variables: object = {}) {
  const { body } = await post(server.url, '/graphql', 'application/json', JSON.stringify({ query, variables }));
  assert.equal(body['errors'], undefined, JSON.stringify(body['errors']));
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared as a whole.
  return body['data'] as any;
}

const DECLARE = /* GraphQL */ `
  mutation Declare($input: DeclareIncidentInput!) {
    declareIncident(input: $input) {
      __typename
      ... on IncidentPayload { position incident { id } }
      ... on Refusal { code }
    }
  }
`;

describe('replicas', () => {
  test('what one was told, another answers, at the position that was acknowledged', async () => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const id = `n${from.port}`;
      const atLeast = String(await tell(from, 'waits', [id]));
      const query = 'query Q($atLeast: Position) { cluster(id: "waits", atLeast: $atLeast) { leader { id } } }';
      assert.deepEqual(await ask(to, query, { atLeast }), { cluster: { leader: { id } } });
    }
  });

  test('a subscriber moves to another with its cursor and has every event once, in order', async () => {
    const query =
      'subscription S($after: Position) { events(after: $after, filter: { clusterId: "moves" }) { cursor event { id } } }';
    const ids = Array.from({ length: 30 }, (_, index) => `m${index}`);
    const start = (await ask(a, '{ ledger { head } }')).ledger.head;
    const seen: string[] = [];
    let cursor = start;
    for (const [turn, server] of [a, b, a].entries()) {
      const payloads = await subscribe(server.url, query, { after: cursor });
      const [one, other] = turn % 2 === 0 ? [a, b] : [b, a];
      const mine = ids.slice(turn * 10, turn * 10 + 10);
      await tell(one, 'moves', mine.slice(0, 5));
      await tell(other, 'moves', mine.slice(5));
      // It leaves in the middle of its turn: the rest comes to it from the next one.
      for (let count = turn === 2 ? ids.length - seen.length : 7; count > 0; count -= 1) {
        const { events } = await payloads.next();
        seen.push(events.event.id);
        cursor = events.cursor;
      }
      payloads.close();
    }
    assert.deepEqual(seen, ids);
  });

  test('of two that declare one incident at once, one is told that it exists', async () => {
    const inputs = ['at a', 'at b'].map((title) => ({ input: { incidentId: 'twice', title } }));
    const results = await Promise.all([a, b].map((server, index) => ask(server, DECLARE, inputs[index])));
    const names = results.map(({ declareIncident }) => declareIncident.__typename).sort();
    assert.deepEqual(names, ['IllegalTransition', 'IncidentPayload']);
    assert.equal((await b.ledger.streamHead('incident-twice' as never))?.revision, 0);
  });

  test('the same idempotencyKey at both has one effect and one answer', async () => {
    const variables = { input: { title: 'Once', idempotencyKey: 'k-1' } };
    const results = await Promise.all([a, b, a, b].map((server) => ask(server, DECLARE, variables)));
    const [first] = results;
    assert.equal(first.declareIncident.__typename, 'IncidentPayload');
    for (const each of results) assert.deepEqual(each, first);
    assert.equal((await a.ledger.streamHead(`incident-${first.declareIncident.incident.id}` as never))?.revision, 0);
  });

  test('the same event sent to both at once is recorded once', async () => {
    const line = {
      specversion: '1.0',
      id: 'same',
      source: '/t',
      type: 'NodeJoined',
      subject: 'same',
      data: { nodeId: 'n' },
    };
    const answers = await Promise.all(
      [a, b, a, b].map(({ url }) => post(url, '/v1/events', 'application/cloudevents+json', JSON.stringify(line))),
    );
    const sum = (key: string) => answers.reduce((total, { body }) => total + (body[key] as number), 0);
    assert.deepEqual([sum('appended'), sum('duplicates')], [1, 3]);
    assert.equal(new Set(answers.map(({ body }) => body['position'])).size, 1);
  });

  test('at one position their states have one digest', async () => {
    await Promise.all([a, b].map((server, index) => tell(server, `d${index}`, ['x', 'y', 'z'])));
    const query = '{ ledger { head digest projections { name position digest } } }';
    const same = await until('both stand at one position', async () => {
      const [left, right] = await Promise.all([ask(a, query), ask(b, query)]);
      const stands = [left, right].flatMap(({ ledger }) => [
        ledger.head,
        ...ledger.projections.map(({ position }: { position: string }) => position),
      ]);
      return new Set(stands).size === 1 ? { left, right } : null;
    });
    assert.deepEqual(same.left, same.right);
    assert.match(same.left.ledger.digest, /^[0-9a-f]{64}$/);
  });

  test('while the record is away, reading goes on and appending says so; afterwards all goes on by itself', async () => {
    assert.equal((await fetch(`${a.url}/readyz`)).status, 200);
    await record.stop();
    const links = '{ ledger { links { name state fault { code } } } }';
    await until('the link shows it', async () => (await ask(a, links)).ledger.links[0].state === 'RETRYING');
    assert.deepEqual(await ask(a, '{ cluster(id: "same") { nodes { id } } }'), { cluster: { nodes: [{ id: 'n' }] } });
    assert.equal((await fetch(`${a.url}/readyz`)).status, 200);
    await record.start();
    await until('both follow again', async () =>
      [await ask(a, links), await ask(b, links)].every(({ ledger }) => ledger.links[0].state === 'UP'),
    );
    const position = await tell(b, 'back', ['n1']);
    assert.ok(await a.views.reached(position as never, 10_000));
  });

  test('a record that was changed stops a replica at the place, visibly, and its process stays up', async () => {
    const position = await tell(a, 'forged', ['f1', 'f2']);
    const log = record.store.log.filter(({ stream }) => stream === 'musterbook.cluster-forged');
    const forged = log.at(-1);
    assert.ok(forged);
    record.store.tamper(forged.position, { data: Buffer.from('{"leaderId":"forged"}') });
    const late = await startServer({ config: { store: record.connectionString as `esdb${string}` } });
    try {
      const { ledger } = await until('it stops', async () => {
        const answer = await ask(late, '{ ledger { head links { state fault { code message hint } } } }');
        return answer.ledger.links[0].state === 'STOPPED' ? answer : null;
      });
      const [{ fault }] = ledger.links;
      assert.equal(fault.code, 'CHAIN_BROKEN');
      assert.match(fault.message, /cluster-forged/);
      assert.ok(Number(ledger.head) < position);
      assert.equal((await fetch(`${late.url}/readyz`)).status, 503);
      assert.deepEqual(await ask(late, '{ cluster(id: "forged") { leader { id } } }'), {
        cluster: { leader: { id: 'f1' } },
      });
      const refused = await post(
        late.url,
        '/v1/events',
        'application/cloudevents+json',
        JSON.stringify({
          specversion: '1.0',
          id: 'x',
          source: '/t',
          type: 'NodeJoined',
          subject: 'x',
          data: { nodeId: 'n' },
        }),
      );
      assert.deepEqual([refused.status, refused.body['code']], [500, 'CHAIN_BROKEN']);
    } finally {
      await late.close();
    }
  });
});
