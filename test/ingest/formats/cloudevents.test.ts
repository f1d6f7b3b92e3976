import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { cloudevents } from '../../../src/ingest/formats/cloudevents.ts';
import { filesIn, textsOf } from '../../support/imported.ts';

const line = (id: string, recordedat?: string) => JSON.stringify({ id, ...(recordedat ? { recordedat } : {}) });

test('lines pass as they are: order of keys, unreadable ones, characters of several bytes; blank ones do not count', async () => {
  const lines = ['{"b":1,"a":2}', 'not json', '{"text":"größe 漢字"}'];
  const files = filesIn({ plain: `\n${lines.join('\r\n')}\n\n`, packed: gzipSync(lines.join('\n')) });
  assert.deepEqual(await textsOf(cloudevents, ['plain'], files), lines);
  assert.deepEqual(await textsOf(cloudevents, ['packed'], files), lines);
});

test('several files are merged by recordedat; a line without one stays behind the line before it', async () => {
  const first = [line('a', '2024-01-01T00:00:01Z'), line('b', '2024-01-01T02:00:04+02:00')].join('\n');
  const second = [line('c', '2024-01-01T00:00:02Z'), line('d'), line('e', '2024-01-01T00:00:03Z')].join('\n');
  const texts = await textsOf(cloudevents, ['first', 'second'], filesIn({ first, second }));
  assert.deepEqual(
    texts.map((text) => (JSON.parse(text) as { id: string }).id),
    ['a', 'c', 'd', 'e', 'b'],
  );
});

test('an empty file has no events; a broken gzip and bytes that are no text are refused', async () => {
  const files = filesIn({
    empty: '',
    broken: gzipSync('x'.repeat(900)).subarray(0, 12),
    latin: Uint8Array.of(0x7b, 0xff, 0xfe),
  });
  assert.deepEqual(await textsOf(cloudevents, ['empty'], files), []);
  await assert.rejects(textsOf(cloudevents, ['broken'], files), { code: 'IMPORT_UNREADABLE' });
  await assert.rejects(textsOf(cloudevents, ['latin'], files), { code: 'IMPORT_UNREADABLE' });
});

test('a reader that stops early closes its files', async () => {
  let closed = 0;
  const endless = {
    async *open() {
      try {
        for (;;) yield new TextEncoder().encode(`${line('x')}\n`);
      } finally {
        closed += 1;
      }
    },
  };
  for await (const { text } of cloudevents.read(['one', 'two'], endless)) {
    assert.ok(text);
    break;
  }
  assert.equal(closed, 2);
});
