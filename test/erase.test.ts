// Holds E1 and E3 of docs/invariants.md.
/**
 * Erasing on a whole server over its files: once it is acknowledged, the text is in no file under DATA and in no answer,
 * at whatever position, while the server runs, after it ended, and after a kill in between.
 */
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { cluster } from '../projections/cluster/cluster.ts';
import { PROJECTIONS } from '../projections/list.ts';
import type { Position } from '../schemas/ids.ts';
import { verifyLedger } from '../src/ledger/verify.ts';
import { startProjecting } from '../src/project/start.ts';
import type { Views } from '../src/project/views.ts';
import { subscribe } from './serve/streams.ts';
import { filesWith } from './support/bytes.ts';
import { type RunningServer, startServer } from './support/server.ts';
import { temporaryFolder } from './support/temporary.ts';

const SOURCE = '/tests';
/** Events of each kind: enough for several checkpoints of each view. */
const ROUNDS = 150;
const secretOf = (name: string): string => `hunter2-${name}-hunter2`;
const SECRETS = ['label', 'component', 'title', 'message', 'postmortem', 'gap', 'error'];

interface Sent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: object;
}

/** Each secret once among many events of its stream, early and late. */
function story(): readonly Sent[] {
  const events: Sent[] = [];
  const say = (type: string, subject: string, data: object, id = `e${events.length}`) =>
    void events.push({ id, type, subject, data });
  const secret = (name: string, type: string, subject: string, data: object) => say(type, subject, data, name);
  say('ComponentRegistered', 'api', { name: 'API' });
  secret('component', 'ComponentRegistered', 'db', { name: secretOf('component') });
  say('NodeJoined', 'payments', { nodeId: 'n0' });
  secret('label', 'NodeJoined', 'payments', { nodeId: 'n1', labels: { rack: secretOf('label') } });
  say('IncidentDeclared', 'i1', { title: 'Jobs stopped', status: 'investigating', origin: 'manual' });
  secret('gap', 'CollectorGapRecorded', 'probe', {
    reason: secretOf('gap'),
    from: '2022-12-13T20:00:00Z',
    to: '2022-12-13T20:01:00Z',
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    say('HeartbeatLost', 'payments', { nodeId: `n${round % 3}` });
    say('HeartbeatRestored', 'payments', { nodeId: `n${round % 3}` });
    say('ComponentStatusChanged', 'api', { status: round % 2 === 0 ? 'partial_outage' : 'operational' });
    say('IncidentUpdated', 'i1', { message: `round ${round}`, clusterIds: ['payments'] });
    say('CollectorGapRecorded', 'probe', {
      reason: 'restart',
      from: '2022-12-13T20:02:00Z',
      to: '2022-12-13T20:03:00Z',
    });
    if (round === 10) secret('title', 'IncidentUpdated', 'i1', { message: 'named', title: secretOf('title') });
    if (round === 60) secret('message', 'IncidentUpdated', 'i1', { message: secretOf('message') });
    if (round === 61) secret('postmortem', 'PostmortemPublished', 'i1', { body: secretOf('postmortem').repeat(500) });
    if (round === 100) secret('error', 'JobFailed', 'payments', { jobId: 'j', nodeId: 'n1', error: secretOf('error') });
  }
  return events;
}

const MINUTE_MS = 60_000;
function line({ id, type, subject, data }: Sent, index: number): string {
  const time = new Date(Date.UTC(2022, 11, 13, 20) + index * MINUTE_MS).toISOString();
  return JSON.stringify({ specversion: '1.0', id, source: SOURCE, type, subject, time, data });
}

async function post(server: RunningServer, lines: readonly string[]): Promise<Record<string, number>> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const response = await fetch(`${server.url}/v1/events`, { method: 'POST', headers, body: lines.join('\n') });
  return (await response.json()) as Record<string, number>;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared as a whole.
async function ask(server: RunningServer, query: string, variables: object = {}): Promise<any> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

const ERASE = `mutation ($input: RetractEventInput!) { retractEvent(input: $input) {
  ... on RetractEventPayload { position retracted { id erased data } } ... on Refusal { message } } }`;
const erase = (server: RunningServer, id: string) =>
  ask(server, ERASE, { input: { event: { key: { source: SOURCE, id } }, reason: 'a password', erase: true } });

/** What every view answers at a position, as text. */
async function answersAt(views: Views, position: Position): Promise<string> {
  const reader = views.at(position);
  const found = await Promise.all(PROJECTIONS.map(async (projection) => reader.list(projection, { limit: 50 })));
  return JSON.stringify(found);
}

const open = async (context: TestContext, data: string): Promise<RunningServer> => {
  const server = await startServer({ data });
  context.after(() => server.close());
  return server;
};

test('after the acknowledgement the text is in no file and in no answer, and the chain verifies', async (context) => {
  const data = temporaryFolder(context);
  const server = await open(context, data);
  const events = story();
  const lines = events.map(line);
  // By parts, as events come in life: the views write on the way.
  let position = 0;
  for (let from = 0; from < lines.length; from += 40) {
    position = (await post(server, lines.slice(from, from + 40)))['position'] ?? 0;
    assert.ok(await server.views.reached(position as Position, 10_000));
  }
  const places = [
    position,
    ...Array.from({ length: 20 }, (_, index) => Math.ceil((position * (index + 1)) / 21)),
  ] as Position[];
  const clash = {
    ...(events.find(({ id }) => id === 'error') as Sent),
    data: { jobId: 'j', nodeId: 'n2', error: secretOf('error') },
  };
  assert.equal((await post(server, [line(clash, 0)]))['rejectedCount'], 1);
  for (const name of SECRETS) assert.deepEqual(filesHolding(data, name).slice(0, 1), ['ledger.sqlite']);
  const before = (await Promise.all(places.map((place) => answersAt(server.views, place)))).join();
  for (const name of SECRETS.filter((each) => each !== 'error')) assert.ok(before.includes(secretOf(name)), name);
  const updates = await ask(server, '{ incident(id: "i1") { updates { event { id data } } } }');
  assert.ok(JSON.stringify(updates).includes(secretOf('message')));
  const told = await subscribe(
    server.url,
    'subscription { incident(id: "i1", after: 30) { cursor incident { title updates { message } } } }',
  );
  const first = await told.next();
  assert.equal(first.incident.cursor, '30');

  for (const name of SECRETS) {
    const { data: answer, errors } = await erase(server, name);
    assert.equal(errors, undefined);
    assert.deepEqual(answer.retractEvent.retracted, { id: name, erased: true, data: null });
    assert.deepEqual(filesWith(data, secretOf(name)), [], name);
  }
  const after = (await Promise.all(places.map((place) => answersAt(server.views, place)))).join();
  assert.ok(!after.includes('hunter2'));
  const { data: shown } = await ask(
    server,
    `{ rejections(first: 5) { nodes { code record } } events(first: 200) { nodes { id data } }
       title: event(ref: { key: { source: "${SOURCE}", id: "title" } }) { position erased data ... on IncidentUpdatedEvent { title } } }`,
  );
  assert.ok(!JSON.stringify(shown).includes('hunter2'));
  assert.deepEqual([shown.title.erased, shown.title.data, shown.title.title], [true, null, null]);
  for (const query of [
    'subscription { incident(id: "i1", after: 30) { cursor incident { title updates { message } } } }',
    'subscription { events(after: 0) { cursor event { id data } } }',
  ]) {
    const resumed = await subscribe(server.url, query);
    for (let seen = 0; seen < 150; seen += 1) assert.ok(!JSON.stringify(await resumed.next()).includes('hunter2'));
    resumed.close();
  }
  told.close();
  const exported = await (await fetch(`${server.url}/export.jsonl`)).text();
  assert.ok(!exported.includes('hunter2'));
  const { appended, duplicates, rejectedCount } = await post(server, [...lines, line(clash, 0)]);
  assert.deepEqual([appended, duplicates, rejectedCount], [0, lines.length + 1, 0]);
  const proof = await verifyLedger(server.ledger);
  assert.deepEqual([proof.ok, proof.erased.length, proof.findings], [true, SECRETS.length, []]);
  assert.deepEqual(filesWith(data, 'hunter2'), []);
  await server.close();
  assert.deepEqual(filesWith(data, 'hunter2'), []);
});

/** The files that hold a secret; the ledger's is first. */
function filesHolding(data: string, name: string): readonly string[] {
  return filesWith(data, secretOf(name)).map((file) => file.replace('-wal', ''));
}

test('an export restored elsewhere has the same chain and answers, and posted elsewhere the same answers', async (context) => {
  const server = await open(context, temporaryFolder(context));
  await post(server, story().map(line));
  for (const name of SECRETS) await erase(server, name);
  const exported = (await (await fetch(`${server.url}/export.jsonl`)).text()).trimEnd().split('\n');
  const head = await server.ledger.head();
  const [posted, restored] = [
    await open(context, temporaryFolder(context)),
    await open(context, temporaryFolder(context)),
  ];
  const counts = await post(posted, exported);
  assert.deepEqual([counts['duplicates'], counts['rejectedCount']], [2 * SECRETS.length, 0]);
  const admin = {
    name: null,
    authType: 'unauthenticated',
    roles: new Set(['admin'] as const),
    door: 'import',
  } as const;
  const result = await restored.accept.restore(
    exported.map((text) => ({ text })),
    admin,
  );
  assert.deepEqual([result.appended, result.rejected], [head.events, []]);
  assert.deepEqual(
    await restored.ledger.readAllStored({ limit: 5_000 }),
    await server.ledger.readAllStored({ limit: 5_000 }),
  );
  assert.equal((await verifyLedger(restored.ledger)).ok, true);
  for (const other of [posted, restored]) {
    const { position } = await other.ledger.head();
    assert.ok(await other.views.reached(position, 10_000));
    const [ours, theirs] = [server, other].map((each) => each.views.now().get(cluster, 'payments')?.state.nodes);
    assert.deepEqual(theirs, ours);
  }
});

test('killed before the views were written anew: the next start does it', async (context) => {
  const data = temporaryFolder(context);
  const server = await open(context, data);
  await post(server, story().map(line));
  assert.ok(await server.views.reached((await server.ledger.head()).position, 10_000));
  // A reader of another process that stands still keeps the views' log from being emptied.
  const reader = new DatabaseSync(join(data, 'views.sqlite'), { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM views').get();
  const { position } = await server.ledger.head();
  const erasing = { eventSource: SOURCE, eventId: 'message', reason: 'a password', erase: true };
  const acknowledged = post(server, [line({ id: 'r', type: 'EventRetracted', subject: 'i1', data: erasing }, 0)]);
  assert.ok(await server.views.reached((position + 1) as Position, 10_000));
  assert.equal(await server.views.scrubbed((position + 1) as Position, 0), false);
  const left = temporaryFolder(context);
  for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'views.sqlite', 'views.sqlite-wal']) {
    cpSync(join(data, name), join(left, name));
  }
  assert.ok(filesWith(left, secretOf('message')).length > 0);
  reader.close();
  assert.equal((await acknowledged)['appended'], 1);
  assert.deepEqual(filesWith(data, secretOf('message')), []);
  const again = await open(context, left);
  assert.ok(await again.views.scrubbed((position + 1) as Position, 10_000));
  assert.deepEqual(filesWith(left, secretOf('message')), []);
  assert.ok(readFileSync(join(left, 'views.sqlite')).includes(secretOf('title')));
});

test('killed before the projector saw the erasure: the next start forgets too', async (context) => {
  const data = temporaryFolder(context);
  const server = await open(context, data);
  const { position } = await post(server, story().map(line));
  assert.ok(await server.views.reached(position as Position, 10_000));
  await server.close();
  const { openSqliteLedger } = await import('../src/ledger/sqlite/ledger.ts');
  const ledgerPath = join(data, 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
  const named = await ledger.eventByKey({ source: SOURCE, id: 'postmortem' });
  assert.ok(named);
  const retraction = { eventSource: SOURCE, eventId: 'postmortem', reason: 'a password', erase: true };
  const event = { ...named, id: 'r', type: 'EventRetracted', time: null, extensions: {}, data: retraction } as const;
  const actor = { authType: 'unauthenticated', authId: null };
  await ledger.append([{ stream: named.stream, expected: 'any', events: [event], actor }]);
  assert.deepEqual(filesWith(data, secretOf('postmortem')), ['views.sqlite']);
  const projecting = await startProjecting({
    ledger,
    projections: PROJECTIONS,
    keep: { folder: data, ledgerPath },
    onTrouble: (error) => assert.fail(String(error)),
  });
  assert.ok(await projecting.views.scrubbed((Number(position) + 1) as Position, 10_000));
  assert.deepEqual(filesWith(data, secretOf('postmortem')), []);
  await projecting.close();
  await ledger.close();
});
