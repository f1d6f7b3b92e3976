/** The Spreedly incident in a real browser: its postmortem, two of its moments compared, and how its followers fell away. Run by .ci/run, which brings the browser. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { type RunningServer, runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { launch, openWatched, seriousFaults } from './chromium.ts';
import { fill, press } from './keyboard.ts';

const SPREEDLY = new URL('../../scenarios/spreedly-2022-12-13.jsonl', import.meta.url).pathname;

let browser: Browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const open = (t: TestContext, address: string, options: BrowserContextOptions = {}) =>
  openWatched(t, browser, { ...options, address });

async function withSpreedly(data: string): Promise<RunningServer> {
  const imported = await runMusterbook(['import', '--restore', '--data', data, SPREEDLY]);
  assert.equal(imported.exit, 0, imported.stderr);
  return startServer({ data });
}

test('the postmortem is read on the page, and copied as Markdown with absolute links', async (t) => {
  const data = temporaryFolder(t);
  const server = await withSpreedly(data);
  t.after(() => server.close());
  const page = await open(t, `${server.url}/incidents/spreedly-2022-12-13`, {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.getByText('31 min later').first().waitFor();
  await press(page, 'Postmortem');
  await page.getByRole('heading', { name: 'Root causes' }).waitFor();
  await page.locator('.postmortem a[href="/events/49"]').first().waitFor();
  await press(page, 'Copy as Markdown');
  await page.getByText('Copied, every event with its address').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.startsWith('# Postmortem: Errors on the Core Transactional API\n'));
  assert.ok(copied.includes(`[\`49\`](${server.url}/events/49)`));
  const permanent = new RegExp(`\\((${server.url}/incidents/[^)]*)\\)`).exec(copied)?.[1];
  assert.ok(permanent);

  // What was known before the third post: no impact yet.
  await page.goto(`${server.url}/incidents/spreedly-2022-12-13?known=2022-12-13T20:40:00Z`);
  await page.locator('.title').getByText('investigating').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Post an update' }).isDisabled(), true);
  assert.equal(await page.getByRole('cell', { name: /^impact started/ }).count(), 0);
  await press(page, 'Back to now');
  await page.locator('.title').getByText('resolved').waitFor();
  await page.goto(permanent);
  await page.locator('.title').getByText('resolved').waitFor();
});

test('two marks of the Spreedly incident are compared, every difference with its causes', async (t) => {
  const data = temporaryFolder(t);
  const server = await withSpreedly(data);
  t.after(() => server.close());
  const page = await open(t, `${server.url}/clusters/spreedly-orchestration/compare`);
  await fill(page, 'Moment A', '2022-12-13 20:00');
  await fill(page, 'Moment B', '2022-12-13 20:10:00');
  await press(page, 'Compare');
  const row = page.getByRole('row').filter({ hasText: 'orch-4' }).filter({ hasText: 'follows' });
  await row.waitFor();
  assert.deepEqual((await row.getByRole('cell').allTextContents()).slice(1, 3), ['orch-1, term 7', 'nobody']);
  assert.match(page.url(), /a=2022-12-13T20%3A00%3A00Z&b=2022-12-13T20%3A10%3A00Z$/);
  assert.equal(await row.getByRole('link', { name: 'FollowerDetached 49' }).getAttribute('href'), '/events/49');

  await press(page, 'Swap');
  await page
    .getByRole('row')
    .filter({ hasText: 'orch-4' })
    .filter({ hasText: /nobody\s*orch-1, term 7/ })
    .waitFor();
  await page.goBack();
  await row.filter({ hasText: /orch-1, term 7\s*nobody/ }).waitFor();

  await fill(page, 'Moment B', '2022-12-13 20:00');
  await press(page, 'Compare');
  await page.getByRole('heading', { name: 'Nothing differs' }).waitFor();
  await fill(page, 'Moment B', 'the day after');
  await press(page, 'Compare');
  await page.getByRole('alert').getByText('This is no moment.').waitFor();
  await fill(page, 'Moment B', '2099-01-01 00:00');
  await press(page, 'Compare');
  await page.getByText('MOMENT_IN_FUTURE').waitFor();
});

test('the followers fall away on a lane of their own, which the table says too, also where nobody follows all along', async (t) => {
  const data = temporaryFolder(t);
  const server = await withSpreedly(data);
  t.after(() => server.close());
  const page = await open(t, `${server.url}/clusters/spreedly-orchestration`);
  const rows = page.getByRole('row').filter({ hasText: 'fewest' });
  /** What the table says from when, times cut to what is not of the bucket. */
  const told = async (from: string, to: string) => {
    const range = `from=2022-12-13T${from}:00Z&to=2022-12-13T${to}:00Z`;
    await page.goto(`${server.url}/clusters/spreedly-orchestration?${range}&tables=1`);
    await rows.first().waitFor();
    const cells = await rows.evaluateAll((found) =>
      found.map((row) => [...row.querySelectorAll('td, th')].map(({ textContent }) => textContent)),
    );
    return cells.map(([lane, , says, , begins, ends]) => [lane, says, begins?.slice(11, 16), ends?.slice(11, 16)]);
  };
  const fall = await told('19:45', '20:25');
  assert.deepEqual(fall.map(([lane, says, begins]) => [lane, says, begins]).slice(1), [
    ['Followers', 'fewest 4', '19:50'],
    ['Followers', 'fewest 3', '19:55'],
    ['Followers', 'fewest 2', '20:00'],
    ['Followers', 'fewest 1', '20:05'],
    ['Followers', 'fewest 0', '20:08'],
  ]);
  assert.deepEqual(fall[0]?.slice(0, 2), ['Followers', 'fewest 5']);
  const [none, ...more] = await told('20:10', '20:21');
  assert.deepEqual([none?.slice(0, 2), more], [['Followers', 'fewest 0'], []]);

  await page.mouse.move(0, 0);
  const canvas = await page.locator('.lanes').boundingBox();
  assert.ok(canvas);
  // Below the axis, the incident, the maintenance and the leader.
  for (let y = 80; y < 200 && (await page.locator('.tip', { hasText: 'Followers' }).count()) === 0; y += 8)
    await page.mouse.move(canvas.x + 600, canvas.y + y);
  await page.locator('.tip', { hasText: /^Followers: fewest 0, from 2022-12-13T20:08:\d\d/ }).waitFor();
});

test('axe finds nothing serious on these pages, in both themes, and none is wider than a narrow screen', async (t) => {
  const data = temporaryFolder(t);
  const server = await withSpreedly(data);
  t.after(() => server.close());
  const paths: readonly (readonly [path: string, sign: string])[] = [
    ['/incidents?do=declare', 'Errors on the Core'],
    ['/incidents/spreedly-2022-12-13', 'Impact began'],
    ['/incidents/spreedly-2022-12-13?do=update', 'Impact began'],
    ['/incidents/spreedly-2022-12-13?view=postmortem', 'Root causes'],
    ['/clusters/spreedly-orchestration/compare?a=2022-12-13T20:00:00Z&b=2022-12-13T20:14:00Z', '14 differences'],
    ['/clusters/spreedly-orchestration/compare?a=4&b=4', 'Nothing differs'],
    ['/clusters/spreedly-orchestration?from=2022-12-13T19:45:00Z&to=2022-12-13T20:25:00Z&tables=1', 'fewest 0'],
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open(t, `${server.url}/incidents`, { colorScheme });
    for (const [path, sign] of paths) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(server.url + path);
      await page.getByText(sign).first().waitFor();
      assert.deepEqual(await seriousFaults(page), [], `${path} ${colorScheme}`);
      await page.setViewportSize({ width: 390, height: 844 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${path} is ${overflow} px wider than a narrow screen`);
    }
  }
});
