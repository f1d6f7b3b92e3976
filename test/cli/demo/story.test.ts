/** The story that the demo tells, and how it is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEvent } from '../../../schemas/cloudevents/decode.ts';
import type { Client } from '../../../src/cli/client/client.ts';
import { freshCast, tell } from '../../../src/cli/demo/play.ts';
import { castOf, clockThen, movedTo, readStory } from '../../../src/cli/demo/story.ts';

const START_MS = Date.parse('2030-06-01T10:00:00Z');
const PARSED = { startMs: START_MS, speed: 1 };

test('every scene fits the catalogue, is marked as made up, and happens when it is told', () => {
  const { scenes, lengthMs } = readStory(castOf(1));
  assert.ok(scenes.length > 80);
  for (const { event, offsetMs } of scenes) {
    const value = JSON.parse(movedTo(event, PARSED)) as { time: string; synthetic: boolean };
    const result = decodeEvent(value);
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(value.synthetic, true);
    // The scenario's recorders are a second late; told fast, that is less than a second.
    assert.ok(
      Date.parse(value.time) <= START_MS + offsetMs + 1 && Date.parse(value.time) > START_MS + offsetMs - 1_000,
    );
  }
  assert.equal(lengthMs, 63_000);
});

test('the order is kept, and times that are stated move with the others', () => {
  const { scenes } = readStory(castOf(1));
  const moved = scenes.map(
    ({ event }) =>
      JSON.parse(movedTo(event, { startMs: START_MS, speed: 2 })) as {
        id: string;
        time: string;
        data: Record<string, string>;
      },
  );
  const offsets = scenes.map(({ offsetMs }) => offsetMs);
  assert.deepEqual(
    offsets,
    [...offsets].sort((first, second) => first - second),
  );
  const post = moved.find(({ id }) => id === 'post-monitoring');
  const [started, endedAt] = [post?.data['impactStartedAt'] ?? '', post?.data['impactEndedAt'] ?? ''];
  const first = moved.find(({ id }) => id === 'post-investigating')?.time ?? '';
  assert.ok(started < first && first < endedAt && endedAt < (post?.time ?? ''));
});

test('a run has subjects of its own, named after the first free number', async () => {
  const text = JSON.stringify(readStory(castOf(3)).scenes);
  assert.ok(text.includes('"demo-3"') && text.includes('"demo-3-incident"') && text.includes('"demo-3-api"'));
  assert.ok(!text.includes('spreedly-'));
  const known = new Set(['demo', 'demo-2-incident']);
  const cast = await freshCast(
    fakeClient({
      ask: (_document, { clusterId, incidentId }) => ({
        cluster: known.has(String(clusterId)) ? {} : null,
        incident: known.has(String(incidentId)) ? {} : null,
      }),
    }),
  );
  assert.equal(cast.clusterId, 'demo-3');
});

test('the clock shows what it showed then', () => {
  assert.equal(clockThen(0), '19:30:00');
  assert.equal(clockThen(26_000), '20:09:40');
  assert.equal(clockThen(38_000), '20:14:00');
  assert.equal(clockThen(999_999), '23:00:00');
});

test('scenes are sent when they are due, those due together at once, all of them once', async () => {
  const story = readStory(castOf(1));
  const sent: string[][] = [];
  let now = START_MS;
  const client = fakeClient({
    takeFacts: (lines) => {
      sent.push([...lines]);
      return { rejected: [], position: sent.flat().length };
    },
  });
  // A clock that runs by itself: each look at it is 400 ms later.
  const tempo = { startMs: START_MS, speed: 1_000, nowMs: () => (now += 0.4) };
  const position = await tell(story, client, tempo, new AbortController().signal);
  assert.equal(position, story.scenes.length);
  assert.deepEqual(
    sent.flat().map((line) => (JSON.parse(line) as { id: string }).id),
    story.scenes.map(({ event }) => event['id']),
  );
  assert.ok(sent.length > 5);
});

test('a scene that is rejected ends the telling, and so does the signal', async () => {
  const story = readStory(castOf(1));
  const tempo = { startMs: START_MS, speed: 1, nowMs: () => START_MS + 1_000 };
  const refusing = fakeClient({
    takeFacts: () => ({
      rejected: [{ index: 0, id: 'x', code: 'DATA_INVALID', message: 'no', path: null }],
      position: 0,
    }),
  });
  await assert.rejects(tell(story, refusing, tempo, new AbortController().signal), { code: 'DATA_INVALID' });
  const stopped = AbortSignal.abort();
  assert.equal(await tell(story, fakeClient({}), tempo, stopped), 0);
});

interface Fake {
  readonly ask?: (document: string, variables: Readonly<Record<string, unknown>>) => unknown;
  readonly takeFacts?: (lines: readonly string[]) => { readonly rejected: unknown[]; readonly position: number };
}

function fakeClient(fake: Fake): Client {
  const unexpected = () => assert.fail('not expected here');
  return {
    place: 'nowhere',
    ask: async (document: string, variables = {}) => (fake.ask ?? unexpected)(document, variables),
    takeFacts: async (lines: readonly string[]) => (fake.takeFacts ?? unexpected)(lines),
    watch: unexpected,
    exportLines: unexpected,
    close: async () => {},
  } as unknown as Client;
}
