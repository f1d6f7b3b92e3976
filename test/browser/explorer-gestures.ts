/** A cluster's page under hands, fingers and a reader's own settings: brush, pinch, wheel, less motion, no keys, colours of one's own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { runMusterbook, type SpawnedServer, spawnServer } from '../support/server.ts';
import { launch, openWatched } from './chromium.ts';
import { type Fact, tell } from './telling.ts';

const SCENARIO = join(import.meta.dirname, '..', '..', 'scenarios', 'spreedly-2022-12-13.jsonl');
const CLUSTER = 'spreedly-orchestration';
const FROM = Date.parse('2022-12-13T20:05:00Z');
const TO = Date.parse('2022-12-13T20:21:00Z');
const STRETCH = 'from=2022-12-13T20:05:00Z&to=2022-12-13T20:21:00Z';
const GUTTER = 156;
const AXIS = 38;

let folder: string;
let server: SpawnedServer;
let browser: Browser;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'musterbook-'));
  const imported = await runMusterbook(['import', '--restore', '--data', folder, SCENARIO]);
  assert.equal(imported.exit, 0, imported.stderr);
  server = await spawnServer({ data: folder });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

async function open(test: TestContext, query: string, options: BrowserContextOptions = {}): Promise<Page> {
  const address = `${server.url}/clusters/${CLUSTER}?${query}`;
  const page = await openWatched(test, browser, { viewport: { width: 1440, height: 900 }, ...options, address });
  await page.locator('canvas[data-drawn]').waitFor();
  await page.locator('.minimap .brush').waitFor();
  return page;
}

interface Seen {
  /** ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

function seenIn(url: URL | string): Seen {
  const { searchParams } = new URL(url);
  const time = (name: string): number => Date.parse(searchParams.get(name) ?? '');
  return { from: time('from'), to: time('to'), at: time('at') };
}

/** What the address says once it fits. */
async function seen(page: Page, fits: (seen: Seen) => boolean): Promise<Seen> {
  await page.waitForURL((url) => fits(seenIn(url)));
  return seenIn(page.url());
}

const length = ({ from, to }: Seen): number => to - from;

async function boxOf(page: Page, selector: string) {
  const box = await page.locator(selector).boundingBox();
  assert.ok(box, selector);
  return box;
}

/** What lies under a pixel of the lanes, ms. */
function timeUnder({ from, to }: Seen, width: number, x: number): number {
  return from + ((x - GUTTER) / (width - GUTTER)) * (to - from);
}

async function drag(page: Page, x: number, y: number, by: number): Promise<void> {
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by, y, { steps: 8 });
  await page.mouse.up();
}

test('dragged by an edge the brush moves that end alone, dragged by its middle both, and a click beside it brings it there', async (t) => {
  const page = await open(t, `${STRETCH}&at=2022-12-13T20:13:00Z`);
  const strip = await boxOf(page, '.minimap');
  const y = strip.y + strip.height / 2;
  let brush = await boxOf(page, '.minimap .brush');
  const msPerPixel = (TO - FROM) / brush.width;

  await drag(page, brush.x + brush.width - 2, y, -brush.width / 4);
  const shorter = await seen(page, ({ to }) => Math.abs(TO - to - (TO - FROM) / 4) < 2 * msPerPixel);
  assert.equal(shorter.from, FROM);

  brush = await boxOf(page, '.minimap .brush');
  await drag(page, brush.x + 2, y, brush.width / 4);
  const shortest = await seen(page, ({ from }) => Math.abs(from - FROM - length(shorter) / 4) < 2 * msPerPixel);
  assert.equal(shortest.to, shorter.to);

  brush = await boxOf(page, '.minimap .brush');
  await drag(page, brush.x + brush.width / 2, y, 30);
  const moved = await seen(page, ({ from }) => Math.abs(from - shortest.from - 30 * msPerPixel) < 2 * msPerPixel);
  assert.equal(length(moved), length(shortest));
  assert.equal(moved.at, Date.parse('2022-12-13T20:13:00Z'), 'the playhead stays');

  brush = await boxOf(page, '.minimap .brush');
  const beside = brush.x + brush.width + 60;
  await page.mouse.click(beside, y);
  const there = await seen(page, ({ from }) => from > moved.from);
  assert.equal(length(there), length(moved));
  brush = await boxOf(page, '.minimap .brush');
  assert.ok(Math.abs(brush.x + brush.width / 2 - beside) < 2);

  await drag(page, strip.x + 20, y, 50);
  const drawn = await seen(
    page,
    (now) => now.to < moved.from && Math.abs(length(now) - 50 * msPerPixel) < 2 * msPerPixel,
  );
  brush = await boxOf(page, '.minimap .brush');
  assert.ok(Math.abs(brush.x - strip.x - 20) < 3 && Math.abs(brush.width - 50) < 4, JSON.stringify(brush));
  await page.goBack();
  await seen(page, ({ to }) => to > drawn.to);
});

test('on a narrow screen a finger takes the edge of the brush beside it, too', async (t) => {
  const page = await open(t, STRETCH, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.locator('.minimap').scrollIntoViewIfNeeded();
  const brush = await boxOf(page, '.minimap .brush');
  const [x, y] = [brush.x + brush.width + 7, brush.y + brush.height / 2];
  const fingers = await page.context().newCDPSession(page);
  await touch(fingers, 'touchStart', [[x, y]]);
  for (let step = 1; step <= 5; step += 1) await touch(fingers, 'touchMove', [[x + 6 * step, y]]);
  await touch(fingers, 'touchEnd', []);
  const wider = await seen(page, ({ to }) => to > TO);
  assert.equal(wider.from, FROM);
});

/** Fingers by their place in the list, or by number; those of `touchEnd` are lifted, none: all. */
function touch(
  session: CDPSession,
  type: 'touchStart' | 'touchMove' | 'touchEnd',
  points: readonly (readonly [x: number, y: number, finger?: number])[],
): Promise<unknown> {
  const touchPoints = points.map(([x, y, finger], index) => ({ x, y, id: finger ?? index }));
  return session.send('Input.dispatchTouchEvent', { type, touchPoints });
}

test('two fingers apart come closer to what lies between them, together they go farther; one pans on', async (t) => {
  const page = await open(t, STRETCH, { hasTouch: true });
  const box = await boxOf(page, '.lanes');
  const [middle, y] = [box.x + GUTTER + 500, box.y + AXIS + 60];
  const fingers = await page.context().newCDPSession(page);
  const between = timeUnder({ from: FROM, to: TO, at: 0 }, box.width - 2, middle - box.x - 1);

  const pinch = async (first: number, last: number): Promise<void> => {
    await touch(fingers, 'touchStart', [[middle - first, y]]);
    await touch(fingers, 'touchStart', [
      [middle - first, y],
      [middle + first, y],
    ]);
    for (let step = 1; step <= 10; step += 1) {
      const away = first + ((last - first) * step) / 10;
      await touch(fingers, 'touchMove', [
        [middle - away, y],
        [middle + away, y],
      ]);
    }
  };
  await pinch(60, 180);
  await touch(fingers, 'touchEnd', []);
  const closer = await seen(page, (now) => Math.abs((TO - FROM) / length(now) - 3) < 0.1);
  const still = timeUnder(closer, box.width - 2, middle - box.x - 1);
  assert.ok(Math.abs(still - between) < length(closer) / 100, 'what lies between them stays there');
  assert.equal(closer.at, (FROM + TO) / 2, 'the playhead stays');

  await pinch(180, 60);
  const farther = await seen(page, (now) => Math.abs(length(now) / length(closer) - 3) < 0.1);
  // The first finger is lifted, the second goes on.
  await touch(fingers, 'touchEnd', [[middle - 60, y]]);
  for (let step = 1; step <= 5; step += 1) await touch(fingers, 'touchMove', [[middle + 60 - 10 * step, y, 1]]);
  await touch(fingers, 'touchEnd', []);
  const msPerPixel = length(farther) / (box.width - 2 - GUTTER);
  const later = await seen(page, ({ from }) => Math.abs(from - farther.from - 50 * msPerPixel) < 6 * msPerPixel);
  assert.ok(Math.abs(length(later) - length(farther)) <= 1);
  assert.equal(later.at, closer.at, 'and was no click');
});

test('the wheel with Ctrl zooms where it points, sideways or with Shift it pans, alone it scrolls the rows', async (t) => {
  const page = await open(t, STRETCH, { viewport: { width: 1440, height: 420 } });
  const box = await boxOf(page, '.lanes');
  const [x, y] = [box.x + GUTTER + 300, box.y + AXIS + 40];
  await page.mouse.move(x, y);
  const pointed = timeUnder({ from: FROM, to: TO, at: 0 }, box.width - 2, x - box.x - 1);

  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -200);
  await page.keyboard.up('Control');
  const closer = await seen(page, (now) => length(now) < TO - FROM);
  assert.ok(Math.abs(timeUnder(closer, box.width - 2, x - box.x - 1) - pointed) < length(closer) / 100);
  assert.equal(await page.evaluate('visualViewport.scale'), 1, 'the page itself is not zoomed');

  await page.mouse.wheel(120, 10);
  const later = await seen(page, ({ from }) => from > closer.from);
  assert.equal(length(later), length(closer));
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, -120);
  await page.keyboard.up('Shift');
  await seen(page, ({ from }) => Math.abs(from - closer.from) <= 1);

  const rows = page.locator('.lanes .scroller');
  assert.ok(await rows.evaluate((element) => element.scrollHeight > element.clientHeight));
  const before = page.url();
  await page.mouse.wheel(0, 60);
  await page.waitForFunction(() => (document.querySelector('.lanes .scroller')?.scrollTop ?? 0) > 0);
  assert.equal(page.url(), before);
});

test('where less motion is wanted nothing is animated, and playing goes in steps', async (t) => {
  const page = await open(t, `${STRETCH}&at=2022-12-13T20:05:00Z&speed=60`, { reducedMotion: 'reduce' });
  await page.locator('#topology-sum').waitFor();
  const steps = await page.evaluate(async () => {
    const playhead = document.querySelector<HTMLElement>('.playhead');
    const [places, animations]: [number[], number[]] = [[], []];
    const begun = performance.now();
    document.querySelector<HTMLButtonElement>('.play')?.click();
    while (performance.now() - begun < 2_600) {
      await new Promise(requestAnimationFrame);
      const left = Number.parseFloat(playhead?.style.left ?? '');
      if (places.at(-1) !== left) places.push(left);
      const moving = document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 0);
      animations.push(moving.length);
    }
    document.querySelector<HTMLButtonElement>('.play')?.click();
    return { moves: places.length - 1, animated: Math.max(...animations) };
  });
  assert.ok(steps.moves >= 1 && steps.moves <= 6, `${steps.moves} steps`);
  assert.equal(steps.animated, 0);
});

test('what was known then is played from moment to moment: each state beside its own time, questions one by one', async (t) => {
  const page = await open(t, `${STRETCH}&at=2022-12-13T20:10:00Z&mode=known&speed=60`);
  const onTheirWay = { moments: 0, tiles: 0 };
  const most = { ...onTheirWay };
  let asked = 0;
  const kindOf = (body: string | null): keyof typeof most | null =>
    body?.includes('clusterSnapshot') ? 'moments' : body?.includes('lanesOmitted') ? 'tiles' : null;
  page.on('request', (request) => {
    const kind = kindOf(request.postData());
    if (kind === null) return;
    asked += 1;
    onTheirWay[kind] += 1;
    most[kind] = Math.max(most[kind], onTheirWay[kind]);
  });
  for (const end of ['requestfinished', 'requestfailed'] as const) {
    page.on(end, (request) => {
      const kind = kindOf(request.postData());
      if (kind !== null) onTheirWay[kind] -= 1;
    });
  }
  const shown = await page.evaluate(async () => {
    const found: [time: string, sum: string][] = [];
    document.querySelector<HTMLButtonElement>('.play')?.click();
    while (found.length < 30) {
      await new Promise(requestAnimationFrame);
      const time = document.querySelector('.topology header .mono')?.textContent ?? '';
      const sum = document.querySelector('#topology-sum')?.textContent ?? '';
      if (time !== found.at(-1)?.[0]) found.push([time, sum]);
    }
    document.querySelector<HTMLButtonElement>('.play')?.click();
    return found;
  });
  assert.deepEqual(most, { moments: 1, tiles: 2 });
  assert.ok(asked <= 31 * 4, `${asked} questions for ${shown.length} moments`);
  const other = await page.context().newPage();
  for (const [time, sum] of [shown[3], shown[14], shown[29]].map((each) => each ?? ['', ''])) {
    const at = time.replace(' UTC', 'Z').replace(' ', 'T');
    await other.goto(`${server.url}/clusters/${CLUSTER}?${STRETCH}&at=${at}&mode=known`);
    await other.locator('.topology[aria-busy="false"] #topology-sum').waitFor();
    assert.equal(await other.locator('#topology-sum').textContent(), sum, time);
  }
});

test('keys that are switched off do nothing at all, wherever the focus is', async (t) => {
  const page = await open(t, `${STRETCH}&at=2022-12-13T20:13:00Z`);
  await page.locator('#topology-sum').getByText('orch-1 leads in term 7').waitFor();
  await page.getByRole('button', { name: 'Keys on' }).click();
  const before = page.url();
  for (const place of ['.playhead .handle', '.lanes .scroller', 'body']) {
    await page.locator(place).first().focus();
    for (const key of ['w', 's', 'a', 'd', ',', '.', 'f', '1', '2', 'l', '/', '?']) await page.keyboard.press(key);
  }
  await page.locator('.playhead .handle').focus();
  await page.keyboard.press(' ');
  assert.equal(await page.getByRole('button', { name: 'Play' }).count(), 1, 'nothing plays');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'slider', 'the focus stays');
  assert.equal(await page.getByRole('heading', { name: /^Keys while/ }).count(), 0);
  // Whatever would have changed the address would have done so by the time that this does.
  await page.getByRole('button', { name: 'Mark 1' }).click();
  await page.waitForURL((url) => url.searchParams.has('m1'));
  assert.equal(decodeURIComponent(page.url()).replace(/&m1=[^&]*/, ''), before);
});

test('of six hundred nodes one that has no lane is found by the filter, with what it is at the playhead', async (t) => {
  const nodes = Array.from({ length: 600 }, (_, index): Fact => ['NodeJoined', 'many', { nodeId: `node-${index}` }]);
  // The lanes of those that changed last are told.
  await tell(server.url, ...nodes.slice(0, 100));
  await tell(server.url, ...nodes.slice(100));
  const address = `${server.url}/clusters/many?tables=1`;
  const page = await openWatched(t, browser, { viewport: { width: 1440, height: 900 }, address });
  await page.getByText('lanes that changed long ago are left out').waitFor();
  await page.locator('.playhead .handle').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('node-17');
  const found = page.getByRole('table', { name: /^Nodes at/ }).locator('tbody tr td:first-child');
  await found.nth(10).waitFor();
  assert.deepEqual(await found.allInnerTexts(), [
    'node-17',
    ...Array.from({ length: 10 }, (_, index) => `node-17${index}`),
  ]);
  assert.equal(
    await page.getByRole('table', { name: 'What the lanes show' }).getByText('node-17', { exact: true }).count(),
    0,
  );
});

test('in a reader’s own colours lanes, playhead and legend are told apart by pattern and line', async (t) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open(t, `${STRETCH}&at=2022-12-13T20:13:00Z`, { forcedColors: 'active', colorScheme });
    const told = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.lanes canvas');
      const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      const counts = new Map<string, number>();
      for (let index = 0; index < data.length; index += 4) {
        const color = `rgb(${data[index]}, ${data[index + 1]}, ${data[index + 2]})`;
        counts.set(color, (counts.get(color) ?? 0) + 1);
      }
      const [most] = [...counts].sort(([, one], [, other]) => other - one)[0] ?? [];
      const { borderLeftColor } = getComputedStyle(document.querySelector('.playhead') as Element);
      const probe = document.createElement('p');
      document.body.append(probe);
      probe.style.color = 'CanvasText';
      probe.style.backgroundColor = 'Canvas';
      const { color: text, backgroundColor: ground } = getComputedStyle(probe);
      return { most, playhead: borderLeftColor, text, ground, ofText: counts.get(text) ?? 0 };
    });
    assert.equal(told.most, told.ground, 'the ground is the reader’s');
    assert.equal(told.playhead, told.text);
    assert.ok(told.ofText > 1_000, 'words and lines are in the reader’s colour');
    const looks: string[] = [];
    for (const look of await page.locator('.legend i').all()) looks.push((await look.screenshot()).toString('base64'));
    assert.equal(new Set(looks).size, looks.length, 'no two states look the same');
  }
});
