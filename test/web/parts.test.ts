import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayBefore } from '../../src/web/api/backoff.ts';
import { parse, print } from '../../src/web/api/unparsed.ts';
import { bareType, EMPTY_TAIL, gist, ROWS_MAX, released, type TailEvent, taken } from '../../src/web/events/tail.ts';
import { changedQuery, matchPath, pathTo } from '../../src/web/routes.ts';
import { absolute, duration, relative } from '../../src/web/ui/moment.ts';

test('a path fits its pattern whole, with its parameters decoded', () => {
  assert.deepEqual(matchPath('/', '/'), {});
  assert.deepEqual(matchPath('/clusters/:id', '/clusters/a%2Fb%20c'), { id: 'a/b c' });
  for (const path of ['/clusters', '/clusters/', '/clusters/a/b', '/cluster/a', '/clusters/%E0%A4']) {
    assert.equal(matchPath('/clusters/:id', path), null, path);
  }
});

test('a path made from a pattern is read back as it was', () => {
  for (const id of ['web', 'a/b', 'ä ö', '%', '?x=1#y']) {
    assert.deepEqual(matchPath('/clusters/:id', pathTo('/clusters/:id', { id })), { id });
  }
});

test('a query keeps what is not changed, and loses what is null or empty', () => {
  assert.equal(changedQuery('?a=1&b=2', { b: null, c: 'x y' }), '?a=1&c=x+y');
  assert.equal(changedQuery('?a=1', { a: '' }), '');
});

test('the wait before another try doubles up to 15 s, half of it by chance', () => {
  assert.deepEqual([delayBefore(0, 0), delayBefore(0, 0.999_999)], [250, 500]);
  assert.deepEqual([delayBefore(3, 0), delayBefore(3, 0.999_999)], [2_000, 4_000]);
  assert.deepEqual([delayBefore(50, 0), delayBefore(50, 0.999_999)], [7_500, 15_000]);
});

test('times are absolute in UTC, with the decimals that they have', () => {
  assert.equal(absolute('2022-12-13T20:10:03Z'), '2022-12-13 20:10:03Z');
  assert.equal(absolute('2022-12-13T20:10:03.000Z'), '2022-12-13 20:10:03Z');
  assert.equal(absolute('2022-12-13T20:10:03.123456Z'), '2022-12-13 20:10:03.123456Z');
});

test('a length of time is said in its two largest units, never negative', () => {
  const second = 1_000;
  assert.equal(duration(-5), '0 s');
  assert.equal(duration(59.9 * second), '59 s');
  assert.equal(duration(3_600 * second), '1 h');
  assert.equal(duration((3 * 86_400 + 4 * 3_600 + 59) * second), '3 d 4 h');
  assert.equal(duration(366 * 86_400 * second), '1 y 1 d');
  assert.equal(relative('2022-12-13T20:10:00Z', Date.UTC(2022, 11, 13, 20, 12, 5)), '2 min 5 s ago');
  assert.equal(relative('2022-12-13T20:10:00Z', Date.UTC(2022, 11, 13, 20, 9)), 'in 1 min');
});

function events(from: number, count: number): TailEvent[] {
  return Array.from({ length: count }, (_none, index) => ({
    position: String(from + index),
    type: 'io.musterbook.NodeJoined',
    stream: 'cluster-web',
    subject: 'web',
    occurredAt: '2022-12-13T20:00:00Z',
    recordedAt: '2022-12-13T20:00:00Z',
    synthetic: false,
    data: {},
  }));
}
const positions = (rows: readonly TailEvent[]) => rows.map(({ position }) => Number(position));

test('the tail shows the newest first, and while paused keeps what comes aside', () => {
  const running = taken(EMPTY_TAIL, events(1, 3), false);
  assert.deepEqual(positions(running.rows), [3, 2, 1]);
  const paused = taken(running, events(4, 2), true);
  assert.deepEqual(
    [positions(paused.rows), positions(paused.waiting)],
    [
      [3, 2, 1],
      [4, 5],
    ],
  );
  assert.deepEqual(positions(released(paused).rows), [5, 4, 3, 2, 1]);
  assert.deepEqual(positions(taken(paused, events(6, 1), false).rows), [6, 5, 4, 3, 2, 1], 'nothing is left aside');
});

test('the tail holds no more than its bound, running or paused, and counts what it let go', () => {
  const full = taken(EMPTY_TAIL, events(1, ROWS_MAX + 10), false);
  assert.deepEqual([full.rows.length, full.rows[0]?.position], [ROWS_MAX, String(ROWS_MAX + 10)]);
  const paused = taken(full, events(ROWS_MAX + 11, ROWS_MAX + 7), true);
  assert.deepEqual([paused.waiting.length, paused.skipped], [ROWS_MAX, 7]);
  const again = released(paused);
  assert.deepEqual(
    [again.rows.length, again.skipped, again.rows[0]?.position],
    [ROWS_MAX, 0, String(2 * ROWS_MAX + 17)],
  );
});

test('what an event says fits a line', () => {
  assert.equal(
    gist({ nodeId: 'n1', term: 3, labels: { a: 'b' }, ok: null }),
    'nodeId n1 · term 3 · labels {"a":"b"} · ok null',
  );
  assert.deepEqual([gist(null), gist('x')], ['', '']);
  assert.equal(bareType('io.musterbook.NodeJoined'), 'NodeJoined');
});

test('a document is told its operation and printed as it was written', () => {
  const text = 'query Ledger($a: Int) { ledger { head } }';
  const document = parse(text);
  assert.equal(print(document), text);
  const [definition] = document.definitions as { operation: string; name?: { value: string } }[];
  assert.deepEqual([definition?.operation, definition?.name?.value], ['query', 'Ledger']);
  const operationOf = (query: string) => (parse(query).definitions[0] as { operation: string }).operation;
  assert.deepEqual(
    [operationOf('{ a }'), operationOf('\n mutation { a }'), operationOf('subscription S { a }')],
    ['query', 'mutation', 'subscription'],
  );
});
