/** A cluster's page with a reader's own settings: less motion, no keys, colours of their own; what was known then, played; many nodes, filtered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request } from 'playwright-core';
import { openWatched } from './chromium.ts';
import { CLUSTER, STRETCH, stageOf } from './stage.ts';
import { type Fact, tell } from './telling.ts';

const stage = stageOf();

test('where less motion is wanted nothing is animated, and playing goes in steps', async (t) => {
  const page = await stage.open(t, `${STRETCH}&at=2022-12-13T20:05:00Z&speed=60`, { reducedMotion: 'reduce' });
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
  const page = await stage.open(t, `${STRETCH}&at=2022-12-13T20:10:00Z&mode=known&speed=60`);
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
  const onEnd = (request: Request): void => {
    const kind = kindOf(request.postData());
    if (kind !== null) onTheirWay[kind] -= 1;
  };
  page.on('requestfinished', onEnd);
  page.on('requestfailed', onEnd);
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
  for (const [time, sum] of [3, 14, 29].flatMap((index) => shown.slice(index, index + 1))) {
    const at = time.replace(' UTC', 'Z').replace(' ', 'T');
    await other.goto(`${stage.server.url}/clusters/${CLUSTER}?${STRETCH}&at=${at}&mode=known`);
    await other.locator('.topology[aria-busy="false"] #topology-sum').waitFor();
    assert.equal(await other.locator('#topology-sum').textContent(), sum, time);
  }
});

test('what was known then is not played on where the server cannot say it, and goes on once it can', async (t) => {
  const page = await stage.open(t, `${STRETCH}&at=2022-12-13T20:10:00Z&mode=known&speed=60`);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.route('**/graphql', (route) => route.abort());
  const note = page.getByRole('alert').filter({ hasText: 'cannot be reached' });
  await note.waitFor();
  await page.getByRole('button', { name: 'Play' }).waitFor();
  await page.unroute('**/graphql');
  await note.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Play' }).click();
  await page.waitForURL((url) => (url.searchParams.get('at') ?? '') > '2022-12-13T20:12:00Z');
});

test('keys that are switched off do nothing at all, wherever the focus is', async (t) => {
  const page = await stage.open(t, `${STRETCH}&at=2022-12-13T20:13:00Z`);
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
  await tell(stage.server.url, ...nodes.slice(0, 100));
  await tell(stage.server.url, ...nodes.slice(100));
  const address = `${stage.server.url}/clusters/many?tables=1`;
  const page = await openWatched(t, stage.browser, { viewport: { width: 1440, height: 900 }, address });
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
    const page = await stage.open(t, `${STRETCH}&at=2022-12-13T20:13:00Z`, { forcedColors: 'active', colorScheme });
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
