/** Pictures of known states, as they stand in a terminal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drawFrame, type Picture } from '../../../src/cli/demo/frame.ts';
import { captionLine, eventLine, stateLine } from '../../../src/cli/demo/plain-lines.ts';
import type { DemoAnswer, DemoCluster, DemoEvent } from '../../../src/cli/demo/state.ts';
import type { Canvas } from '../../../src/cli/draw-topology.ts';
import { painter, visibleWidth } from '../../../src/cli/print/text.ts';

const node = (id: string, follows: string | null, liveness = 'ALIVE') => ({
  id,
  liveness,
  following: follows === null ? null : { id: follows },
});
const job = (id: string, state: string, on: string | null, critical = false) => ({
  id,
  state,
  critical,
  node: on === null ? null : { id: on },
});
const CLUSTER: DemoCluster = {
  leader: { id: 'n1' },
  leaderSince: '2026-01-01T12:00:00.000Z',
  term: 7,
  nodes: [node('n1', null), node('n2', 'n1'), node('n3', null, 'LOST')],
  jobs: [job('api-1', 'RUNNING', 'n2', true), job('api-2', 'ORPHANED', 'n3', true), job('mail-1', 'ASSIGNED', 'n2')],
  jobGroups: [{ id: 'api', name: 'The API', wanted: 2, running: 1 }],
  deployments: [{ description: 'Redeploy', finishedAt: null }],
  maintenances: [{ title: 'Later', state: 'scheduled' }],
};
const WELL: DemoAnswer = {
  cluster: CLUSTER,
  incident: null,
  components: [{ id: 'c', name: 'API', status: 'operational' }],
};
const ILL: DemoAnswer = {
  cluster: { ...CLUSTER, leader: null, term: null },
  incident: {
    title: 'Errors',
    status: 'investigating',
    impactOpen: true,
    impactStartedAt: null,
    impactEndedAt: null,
    updates: [{ status: 'investigating', message: 'We look.\u001b[2J\nStay.' }],
    postmortem: null,
  },
  components: [{ id: 'c', name: 'API', status: 'partial_outage' }],
};
const EVENT: DemoEvent = {
  type: 'io.musterbook.FollowerDetached',
  occurredAt: '2026-01-01T12:00:30.000Z',
  data: { nodeId: 'n3', reason: 'gone' },
};
const picture = (answer: DemoAnswer, more: Partial<Picture> = {}): Picture => ({
  answer,
  componentId: 'c',
  events: [EVENT],
  caption: 'Something happens.',
  clockThen: '20:14:05',
  progress: 0.5,
  places: ['look here'],
  ...more,
});
const canvas = (more: Partial<Canvas> = {}): Canvas => ({
  columns: 72,
  rows: 40,
  paint: painter(false),
  nowMs: Date.parse('2026-01-01T12:01:12Z'),
  ...more,
});
const drawn = (answer: DemoAnswer, size: Partial<Canvas> = {}) =>
  drawFrame(picture(answer), canvas(size)).map((line) => line.trimEnd());

describe('a picture of the demo', () => {
  test('shows leader, followers, work, the page, each node with what it holds, groups and events', () => {
    assert.deepEqual(drawn(WELL), [
      'Musterbook demo   Spreedly, 13 December 2022, moved to now then 20:14:05',
      `${'━'.repeat(36)}${'─'.repeat(36)}`,
      '',
      'Something happens.',
      '',
      '',
      'LEADER    ★ n1  term 7  for 1m12s   ●○ 1 of 2 follow',
      'JOBS      1 of 3 run   critical work does not run   deploying: Redeploy',
      'PAGE      ● API: operational',
      'INCIDENT  none has been declared',
      '',
      '',
      '  NODE        FOLLOWS          WORK',
      '  ★ n1        leads',
      '  ● n2        ──▶ n1           ▶ api-1!  ◌ mail-1',
      '  ○ n3        follows nobody   lost ✖ api-2!',
      '',
      '  WANTED',
      '  api         ▰▱   1/2  The API',
      '',
      '  RECORDED',
      '  12:00:30  FollowerDetached        n3 follows no more: gone',
      '',
      'look here',
    ]);
  });

  test('without a leader says so; what people said cannot steer the terminal', () => {
    const lines = drawn(ILL);
    assert.ok(lines.includes('LEADER    nobody   ○○○ 0 of 3 follow'));
    assert.ok(lines.includes('PAGE      ● API: partial outage'));
    assert.ok(lines.includes('INCIDENT  investigating   impact open'));
    assert.ok(lines.includes('          “We look.�[2J Stay.”'));
  });

  test('before the cluster is known there is a picture, too', () => {
    const lines = drawn({ cluster: null, incident: null, components: [] });
    assert.ok(lines.includes('JOBS      none yet'));
    assert.ok(lines.includes('PAGE      no component yet'));
  });

  test('is never wider or higher than its canvas, and as wide with colours as without', () => {
    const long = picture(ILL, {
      caption: 'word '.repeat(60),
      places: ['x'.repeat(200)],
      events: Array.from({ length: 20 }, () => EVENT),
    });
    for (const [columns, rows] of [
      [60, 20],
      [80, 24],
      [200, 60],
    ] as const) {
      const plain = drawFrame(long, canvas({ columns, rows }));
      const painted = drawFrame(long, canvas({ columns, rows, paint: painter(true) }));
      assert.ok(plain.length <= rows);
      for (const [index, line] of plain.entries()) {
        assert.ok(visibleWidth(line) <= columns, `${visibleWidth(line)} columns of ${columns}: ${line}`);
        assert.equal(visibleWidth(painted[index] ?? ''), visibleWidth(line));
      }
      assert.ok(painted.join('').includes('\u001b['));
      assert.ok(!plain.join('').includes('\u001b['));
    }
  });
});

test('where nothing can be redrawn, events, the state of things and captions are lines', () => {
  assert.equal(eventLine(EVENT), '12:00:30  FollowerDetached        n3 follows no more: gone');
  assert.equal(
    stateLine(WELL, 'c'),
    '          = leader n1 term 7 | 1 of 2 follow | 1 of 3 jobs run | API operational | incident none',
  );
  assert.equal(
    stateLine(ILL, 'c'),
    '          = leader nobody | 0 of 3 follow | 1 of 3 jobs run | API partial_outage | incident investigating, impact open',
  );
  assert.equal(stateLine({ cluster: null, incident: null, components: [] }, 'c'), null);
  assert.equal(captionLine('Now.', '20:14:05'), '\n-- then 20:14:05: Now.');
});
