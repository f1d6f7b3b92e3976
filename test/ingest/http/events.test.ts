/** The modes of `POST /v1/events`, and what it does when the sender or the disk does not keep up. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { MusterbookError } from '../../../src/errors.ts';
import type { Ledger } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { withAppend } from '../../accept/door.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { BATCH, event, memoryLedger, NDJSON, ndjson, openDoor, STRUCTURED } from './door.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const LINES = { 'content-type': NDJSON };

/** The ids that a ledger holds, in order. */
async function ids(ledger: Ledger): Promise<readonly string[]> {
  return (await ledger.readAll({ limit: 100_000 })).map(({ id }) => id);
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('modes', () => {
  test('structured, batch, plain JSON, NDJSON and binary say the same', async () => {
    const sendings = [
      [JSON.stringify(event('a')), { 'content-type': STRUCTURED }],
      [JSON.stringify([event('b'), event('c')]), { 'content-type': BATCH }],
      [JSON.stringify(event('d')), JSON_TYPE],
      [` [${JSON.stringify(event('e'))}] `, { 'content-type': 'application/json; charset=UTF-8' }],
      [ndjson(event('f'), '', event('g')), LINES],
      [
        JSON.stringify(event('h')['data']),
        {
          ...JSON_TYPE,
          ...{ 'ce-specversion': '1.0', 'ce-id': 'h', 'ce-source': '%2Ftest', 'ce-subject': 'payments' },
          ...{ 'ce-type': 'io.musterbook.LeaderElected', 'ce-time': '2022-12-13T20:14:00Z' },
        },
      ],
    ] as const;
    const door = openDoor();
    for (const [body, headers] of sendings) {
      const answer = await door.send(body, headers);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body.position, (await door.ledger.head()).position);
    }
    assert.deepEqual(await ids(door.ledger), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    const contents = (await door.ledger.readAll({ limit: 10 })).map(
      ({ id: _, position: __, revision: ___, ...rest }) => rest,
    );
    for (const content of contents) assert.deepEqual(content, contents[0]);
  });

  test('gzip is read in every mode', async () => {
    const door = openDoor();
    for (const [body, type] of [
      [JSON.stringify(event('a')), STRUCTURED],
      [ndjson(event('b'), event('c')), NDJSON],
    ] as const) {
      const answer = await door.send(gzipSync(body), { 'content-type': type, 'content-encoding': 'gzip' });
      assert.equal(answer.status, 200);
    }
    assert.deepEqual(await ids(door.ledger), ['a', 'b', 'c']);
  });

  test('the data of a binary event cannot name its attributes', async () => {
    const door = openDoor();
    const headers = { ...JSON_TYPE, 'ce-specversion': '1.0', 'ce-id': 'a', 'ce-source': 's', 'ce-type': 'NodeJoined' };
    const answer = await door.send('{"nodeId":"n"},"subject":"x"', headers);
    assert.deepEqual([answer.status, answer.body.code], [400, 'JSON_UNREADABLE']);
  });

  test('a list of nothing and no lines at all are fine', async () => {
    const door = openDoor();
    assert.equal((await door.send('[]', { 'content-type': BATCH })).body.appended, 0);
    assert.equal((await door.send('', LINES)).status, 200);
  });

  test('the same again is a duplicate, wherever its lines are cut', async () => {
    const door = openDoor();
    const body = ndjson(event('a'), event('ä'), event('c'));
    assert.equal((await door.send(body, LINES)).body.appended, 3);
    const bytes = Buffer.from(body);
    for (let cut = 0; cut < bytes.length; cut += 7) {
      const parts = (async function* () {
        yield bytes.subarray(0, cut);
        yield bytes.subarray(cut);
      })();
      const { body: answer } = await door.send(parts, LINES);
      assert.deepEqual([answer.appended, answer.duplicates, answer.rejectedCount], [0, 3, 0]);
    }
  });

  test('a byte order mark and carriage returns are no part of the lines', async () => {
    const door = openDoor();
    const body = `\uFEFF${JSON.stringify(event('a'))}\r\n\r\n${JSON.stringify(event('b'))}\r\n`;
    assert.equal((await door.send(body, LINES)).body.appended, 2);
  });

  test('of many rejected the first 1,000 are listed and all are counted', async () => {
    const door = openDoor();
    const lines = Array.from({ length: 2_500 }, (_, index) => event(`bad-${index}`, { type: 'Nothing' }));
    const { status, body } = await door.send(ndjson(event('good'), ...lines), LINES);
    assert.deepEqual([status, body.appended, body.rejectedCount, body.rejected.length], [207, 1, 2_500, 1_000]);
    assert.deepEqual([body.rejected[0]?.index, body.rejected[999]?.index], [1, 1_000]);
    assert.equal((await door.ledger.rejections({ limit: 1 })).total, 2_500);
  });
});

describe('senders that do not keep up', () => {
  const never = () => new Promise<never>(() => {});

  test('a body that pauses too long ends with 408', async () => {
    const door = openDoor({ limits: { waitMsMax: 20 } });
    const body = (async function* () {
      yield Buffer.from('{');
      await never();
    })();
    const answer = await door.send(body);
    assert.deepEqual([answer.status, answer.body.code], [408, 'BODY_TOO_SLOW']);
  });

  test('a body that drips without finishing a line ends with 408, and what came before is told', async () => {
    const door = openDoor({ limits: { waitMsMax: 100 } });
    const body = (async function* () {
      yield Buffer.from(ndjson(event('a'), event('b')));
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield Buffer.from(' ');
      }
    })();
    const answer = await door.send(body, LINES);
    assert.deepEqual([answer.status, answer.body.code, answer.body.appended], [408, 'BODY_TOO_SLOW', 2]);
    assert.deepEqual(await ids(door.ledger), ['a', 'b']);
  });

  test('a connection that breaks off leaves what was whole', async () => {
    const door = openDoor();
    const body = (async function* () {
      yield Buffer.from(`${ndjson(event('a'), event('b'))}{"specversion":`);
      throw new Error('aborted');
    })();
    const answer = await door.send(body, LINES);
    assert.deepEqual([answer.status, answer.body.code, answer.body.appended], [400, 'BAD_REQUEST', 2]);
    assert.deepEqual(await ids(door.ledger), ['a', 'b']);
  });

  test('bodies read whole share a bound: beyond it 429 with Retry-After', async () => {
    const door = openDoor({ limits: { bytesMaxTogether: 1_000 } });
    const answer = await door.send(JSON.stringify(event('a', { data: { leaderId: 'x', note: 'y'.repeat(2_000) } })));
    assert.deepEqual([answer.status, answer.body.code, answer.headers['retry-after']], [429, 'TOO_BUSY', '1']);
    assert.equal((await door.send(JSON.stringify(event('b')))).status, 200);
  });
});

describe('disks that do not keep up', () => {
  test('lines are not read faster than they are written', async () => {
    const ledger = memoryLedger();
    const open: (() => void)[] = [];
    const gated = withAppend(ledger, async (requests) => {
      await new Promise<void>((resolve) => open.push(resolve));
      return ledger.append(requests);
    });
    const door = openDoor({ ledger: gated });
    let read = 0;
    const total = 20_000;
    const body = (async function* () {
      for (; read < total; read += 100) {
        yield Buffer.from(ndjson(...Array.from({ length: 100 }, (_, index) => event(`e-${read + index}`))));
      }
    })();
    const sending = door.send(body, LINES);
    while (open.length === 0 || read < 2_000) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(read <= 3_200, `${read} lines were read while nothing was written`);
    let isDone = false;
    void sending.then(() => {
      isDone = true;
    });
    while (!isDone) {
      open.splice(0).forEach((resolve) => {
        resolve();
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await sending).body.appended, total);
    assert.equal((await ids(ledger))[total - 1], `e-${total - 1}`);
  });

  test('a full disk: 503 with Retry-After and what was appended; nothing acknowledged is lost', async (context) => {
    const path = join(temporaryFolder(context), 'ledger.sqlite');
    const ledger = await openSqliteLedger({ path, thread: 'here', maxPageCount: 200 });
    context.after(() => ledger.close());
    const door = openDoor({ ledger });
    const lines = Array.from({ length: 20_000 }, (_, index) => event(`e-${index}`));
    const answer = await door.send(
      chunks(...Array.from({ length: 200 }, (_, index) => ndjson(...lines.slice(index * 100, index * 100 + 100)))),
      LINES,
    );
    assert.deepEqual([answer.status, answer.body.code, answer.headers['retry-after']], [503, 'STORAGE_FULL', '1']);
    const { appended, position } = answer.body;
    assert.ok(appended > 100 && appended < 20_000, `${appended} were appended`);
    const held = await ids(ledger);
    assert.deepEqual(
      held.slice(0, appended),
      Array.from({ length: appended }, (_, index) => `e-${index}`),
    );
    assert.ok(held.length >= appended && position >= appended);
    // The sender does as it was told, and finds the disk still full: what it sent before is known.
    const again = await door.send(ndjson(...lines), LINES);
    assert.deepEqual([again.status, again.body.code], [503, 'STORAGE_FULL']);
    assert.ok(again.body.duplicates > 0 && again.body.duplicates <= held.length);
    assert.deepEqual((await ids(ledger)).slice(0, held.length), held);
  });

  test('an error that nobody foresaw is thrown, for the server to mask', async () => {
    const failing = withAppend(memoryLedger(), () => Promise.reject(new Error('a broken assumption')));
    await assert.rejects(openDoor({ ledger: failing }).send(JSON.stringify(event('a'))), /a broken assumption/);
    const closed = withAppend(memoryLedger(), () => Promise.reject(new MusterbookError('LEDGER_CLOSED', 'closed')));
    assert.equal((await openDoor({ ledger: closed }).send(JSON.stringify(event('a')))).status, 503);
  });
});
