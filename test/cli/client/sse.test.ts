import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readServerSentEvents, type ServerSentEvent } from '../../../src/cli/client/sse.ts';

async function read(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(stream(chunks))) events.push(event);
  return events;
}

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const TEXT =
  ': hello\n\nevent: next\ndata: {"a":"ü"}\nid: 7\n\ndata: two\r\ndata:  lines\r\n\r\nevent: complete\ndata: \n\ndata: half';

test('events come once their blank line has come, comments and half events never', async () => {
  const events = await read([Buffer.from(TEXT)]);
  assert.deepEqual(events, [
    { event: 'next', data: '{"a":"ü"}', id: '7' },
    { event: 'message', data: 'two\n lines', id: '7' },
    { event: 'complete', data: '', id: '7' },
  ]);
});

test('where the bytes are cut makes no difference', async () => {
  const bytes = Buffer.from(TEXT);
  const whole = await read([bytes]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      assert.deepEqual(await read(chunks), whole);
    }),
  );
});
