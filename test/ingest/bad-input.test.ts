/** What bad input gets at `POST /v1/events`: status, code, path and hint of each, from a whole server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createToken } from '../../src/serve/auth.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { RECORDS, WHOLE } from './bad-input.ts';
import { BATCH, event, NDJSON, ndjson, post, STRUCTURED } from './http/door.ts';

describe('without tokens', () => {
  let server: RunningServer;
  let url: string;
  before(async () => {
    server = await startServer({ config: { store: 'memory' } });
    url = `${server.url}/v1/events`;
    assert.equal((await post(url, JSON.stringify(event('known')), { 'content-type': STRUCTURED })).status, 200);
  });
  after(() => server.close());

  for (const { what, body, headers = { 'content-type': STRUCTURED }, status, code, path } of WHOLE) {
    test(`${what}: ${status} ${code}`, async () => {
      const head = await server.ledger.head();
      const answer = await post(url, body, headers);
      assert.deepEqual({ status: answer.status, code: answer.body.code, path }, { status, code, path: undefined });
      assertProblem(answer.headers['content-type'], answer.body);
      assert.deepEqual(await server.ledger.head(), head);
    });
  }

  for (const { what, body, status, code, path } of RECORDS) {
    test(`${what}: ${status} ${code} at ${JSON.stringify(path)}`, async () => {
      const head = await server.ledger.head();
      const answer = await post(url, body, { 'content-type': STRUCTURED });
      const [rejected] = answer.body.rejected;
      assert.deepEqual({ status: answer.status, code: rejected?.code, path: rejected?.path }, { status, code, path });
      assertProblem(answer.headers['content-type'], answer.body);
      assert.equal(answer.body.code, code);
      assert.ok((rejected?.hint.length ?? 0) > 10);
      assert.equal(answer.body.rejectedCount, 1);
      assert.deepEqual(await server.ledger.head(), head);
      const { rejections } = await server.ledger.rejections({ limit: 1 });
      assert.equal(rejections[0]?.code, code);
      assert.equal(rejections[0]?.path, path);
      assert.equal(
        rejections[0]?.record,
        body
          .toString()
          .slice(0, 64 * 1024)
          .slice(0, rejections[0]?.record.length),
      );
    });
  }

  test('a time far in the future is taken, and marked', async () => {
    const answer = await post(url, JSON.stringify(event('future', { time: '2199-01-01T00:00:00Z' })), {
      'content-type': STRUCTURED,
    });
    assert.equal(answer.status, 200);
    const recorded = await server.ledger.eventByKey({ source: '/test', id: 'future' });
    assert.ok(recorded && recorded.effectiveAt === recorded.recordedAt && recorded.occurredAt > recorded.recordedAt);
  });

  test('of a batch with one bad event among good ones the good are durable, the bad one is kept and listed', async () => {
    const batch = [event('good-1'), event('bad-1', { type: 'Nothing' }), event('good-2')];
    const answer = await post(url, JSON.stringify(batch), { 'content-type': BATCH });
    assert.equal(answer.status, 207);
    assert.match(String(answer.headers['content-type']), /^application\/json/);
    const { appended, duplicates, rejectedCount, rejected, position } = answer.body;
    assert.deepEqual({ appended, duplicates, rejectedCount }, { appended: 2, duplicates: 0, rejectedCount: 1 });
    assert.deepEqual([rejected[0]?.index, rejected[0]?.id, rejected[0]?.code], [1, 'bad-1', 'EVENT_TYPE_UNKNOWN']);
    assert.equal((await server.ledger.eventByKey({ source: '/test', id: 'good-2' }))?.position, position);
    assert.ok(await server.ledger.eventByKey({ source: '/test', id: 'good-1' }));
    assert.equal(await server.ledger.eventByKey({ source: '/test', id: 'bad-1' }), null);
  });

  test('in NDJSON each line stands alone: an unreadable one is a rejection', async () => {
    const body = Buffer.concat([
      Buffer.from(ndjson(event('line-0'), '{', event('line-2'), `"${'x'.repeat(600 * 1024)}"`)),
      Buffer.from([0xff, 0x0a]),
      Buffer.from(JSON.stringify(event('line-5'))),
    ]);
    const answer = await post(url, body, { 'content-type': NDJSON });
    assert.equal(answer.status, 207);
    assert.equal(answer.body.appended, 3);
    assert.deepEqual(
      answer.body.rejected.map(({ index, code }) => [index, code]),
      [
        [1, 'JSON_UNREADABLE'],
        [3, 'EVENT_TOO_LARGE'],
        [4, 'JSON_UNREADABLE'],
      ],
    );
  });
});

describe('with tokens', () => {
  test('no token, a wrong one, a role that may not append, and a stream that the role may not write', async (context) => {
    const folder = temporaryFolder(context);
    const reader = createToken('reader', ['read']);
    const probe = createToken('probe', ['ingest']);
    const person = createToken('person', ['operate']);
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, `${[reader, probe, person].map(({ line }) => line).join('\n')}\n`);
    const server = await startServer({ config: { store: 'memory', tokens } });
    context.after(() => server.close());
    const send = (body: unknown, token?: string) => {
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return post(`${server.url}/v1/events`, JSON.stringify(body), {
        'content-type': 'application/json',
        ...authorization,
      });
    };
    const incident = event('declared', {
      type: 'IncidentDeclared',
      subject: 'outage',
      data: { title: 'x', status: 'investigating', origin: 'import' },
    });

    for (const [answer, status, code] of [
      [await send(event('1')), 401, 'UNAUTHENTICATED'],
      [await send(event('1'), 'mb_wrong'), 401, 'UNAUTHENTICATED'],
      [await send(event('1'), reader.token), 403, 'FORBIDDEN'],
      [await send(incident, probe.token), 403, 'FORBIDDEN'],
    ] as const) {
      assert.deepEqual([answer.status, answer.body.code], [status, code]);
      assertProblem(answer.headers['content-type'], answer.body);
    }
    assert.equal((await server.ledger.head()).position, 0);

    const mixed = await send([event('1'), incident], probe.token);
    assert.equal(mixed.status, 207);
    assert.deepEqual([mixed.body.rejected[0]?.code, mixed.body.rejected[0]?.path], ['FORBIDDEN', '/type']);
    assert.equal((await send(incident, person.token)).status, 200);
    const retraction = event('r', {
      type: 'EventRetracted',
      data: { eventSource: '/test', eventId: '1', reason: 'x' },
    });
    assert.equal((await send(retraction, probe.token)).status, 403);
    assert.equal((await send(retraction, person.token)).status, 200);
    const recorded = await server.ledger.eventByKey({ source: '/test', id: 'declared' });
    assert.equal(recorded?.actor, 'person');
  });
});

function assertProblem(contentType: string | undefined, body: { readonly code: string; readonly hint: string }): void {
  assert.match(contentType ?? '', /^application\/problem\+json/);
  assert.ok(body.hint.length > 10, `${body.code} has no hint`);
}
