import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table } from '../../../src/cli/print/table.ts';
import { age, duration, moment, painter, plain } from '../../../src/cli/print/text.ts';
import { progressText, showProgress } from '../../../src/cli/progress.ts';
import type { Terminal } from '../../../src/cli/runtime.ts';

test('what an event says cannot steer the terminal', () => {
  assert.equal(plain('a\x1b[2Jb\u009bc\u202ed\ne\0'), 'a\ufffd[2Jb\ufffdc\ufffdd e\ufffd');
  assert.equal(plain(null), '');
});

test('ages show their two largest units', () => {
  const ages = [0, 59, 61, 3_600, 3_725, 90_000, 86_400, 40_000_000].map(duration);
  assert.deepEqual(ages, ['0s', '59s', '1m1s', '1h', '1h2m', '1d1h', '1d', '1y97d']);
  assert.equal(age('2022-12-13T20:00:00.000Z', Date.parse('2022-12-13T20:03:12Z')), '3m12s');
  assert.equal(age(null, 0), '');
  assert.equal(moment('2022-12-13T20:14:05.123456Z'), '2022-12-13 20:14:05Z');
});

test('a table keeps its columns apart, whatever the colours', () => {
  const paint = painter(true);
  const columns = [
    { title: 'NAME', cell: ({ name }: { name: string }) => paint(name, 'red') },
    { title: 'MORE', wide: true, cell: () => 'x' },
    { title: 'N', alignRight: true, cell: ({ name }: { name: string }) => String(name.length) },
  ];
  const rows = [{ name: 'a' }, { name: 'abcdefghijk' }];
  const drawn = table(rows, columns, { wide: false, paint: painter(false) });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
  assert.equal(drawn.replace(/\x1b\[\d+m/g, ''), 'NAME          N\na             1\nabcdefghijk  11\n');
  assert.match(table(rows, columns, { wide: true, paint: painter(false) }), /MORE/);
});

test('progress says how far, how fast and how long still', () => {
  const text = progressText('read', { done: 250, all: 1_000, seconds: 2, more: '' });
  assert.equal(text, 'read 250 of 1,000 (25%), 125/s, 6s left');
  assert.equal(
    progressText('read', { done: 250, all: null, seconds: 2, more: '; 3 events' }),
    'read 250, 125/s; 3 events',
  );
});

test('progress redraws on a terminal and leaves the line clean', () => {
  let now = 0;
  let said = '';
  const terminal = { showsProgress: true, note: (text: string) => (said += text) } as unknown as Terminal;
  const progress = showProgress(terminal, 'read', () => now);
  progress.step(1, 10);
  assert.equal(said, '');
  now = 1_000;
  progress.step(5, 10);
  assert.match(said, /^\rread 5 of 10 \(50%\)/);
  progress.end();
  assert.ok(said.endsWith('\r\x1b[K'));
});
