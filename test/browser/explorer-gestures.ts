/** A cluster's page under hands and fingers: the brush below the lanes, pinch, wheel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CDPSession, Page } from 'playwright-core';
import { STRETCH, stageOf } from './stage.ts';

const FROM = Date.parse('2022-12-13T20:05:00Z');
const TO = Date.parse('2022-12-13T20:21:00Z');
const GUTTER = 156;
const AXIS = 38;

const stage = stageOf();

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
  const page = await stage.open(t, `${STRETCH}&at=2022-12-13T20:13:00Z`);
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
  const page = await stage.open(t, STRETCH, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
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
  const page = await stage.open(t, STRETCH, { hasTouch: true });
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
  const page = await stage.open(t, STRETCH, { viewport: { width: 1440, height: 420 } });
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
