// Holds V4 of docs/invariants.md.
/** The ledger's page: verified in the browser, by keyboard, with someone between who alters or cuts the export; gaps of many clusters. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, type TestContext, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createToken } from '../../src/serve/auth.ts';
import { type RunningServer, runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { type Between, stepBetween } from './between.ts';
import { launch, openWatched, seriousFaults } from './chromium.ts';
import { fill, press } from './keyboard.ts';
import { type Fact, tell } from './telling.ts';

const VERIFY = 'Verify in this browser';
const EVENTS = 60;

let server: RunningServer;
let between: Between;
let browser: Browser;
before(async () => {
  server = await startServer();
  between = await stepBetween(server.url);
  browser = await launch();
  const facts = Array.from(
    { length: EVENTS },
    (_none, index): Fact => ['NodeJoined', `größe-${index % 3}`, { nodeId: `n${index}`, labels: { rack: '漢字' } }],
  );
  await tell(server.url, ...facts);
});
beforeEach(() => {
  between.comeBack();
  between.exported = null;
});
after(async () => {
  await browser?.close();
  await between?.close();
  await server?.close();
});

async function openLedger(t: TestContext, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await openWatched(t, browser, { ...options, address: `${url}/ledger` });
  await page.getByRole('heading', { name: 'Proof' }).waitFor();
  return page;
}

async function checkpointOf(data: string): Promise<string> {
  const { exit, stdout } = await runMusterbook(['checkpoint'], { env: { MUSTERBOOK_DATA: data } });
  assert.equal(exit, 0);
  return stdout;
}

test('by keyboard: it verifies, its end is unproved; with a checkpoint that was kept, it is proved', async (t) => {
  const page = await openLedger(t, server.url);
  await press(page, VERIFY);
  await page
    .getByText(`The ledger verifies. ${EVENTS} events in 3 streams up to position ${EVENTS}.`)
    .first()
    .waitFor();
  await page.getByText('Its end is unproved').waitFor();
  await page.getByText('The server states the same.').waitFor();
  assert.match((await page.getByRole('status').allTextContents()).join(), /The ledger verifies/);

  const checkpoint = await checkpointOf(server.data);
  await page.keyboard.press('Shift+Tab');
  await fill(page, 'A checkpoint that was kept elsewhere', checkpoint);
  await press(page, VERIFY);
  await page.getByText('No tail and no stream is missing since the checkpoint.').waitFor();
  await page.getByText('The checkpoint is not signed').waitFor();
  assert.deepEqual(await seriousFaults(page), []);
});

test('the verifier is loaded when it is asked for, not with the page', async (t) => {
  const page = await openLedger(t, server.url);
  await page.waitForLoadState('load');
  const scripts = new Set<string>();
  page.on('request', (request) => {
    if (request.url().endsWith('.js')) scripts.add(request.url());
  });
  await press(page, VERIFY);
  await page.getByText('The ledger verifies.').first().waitFor();
  assert.equal(scripts.size, 2, `what is shown, and the worker: ${[...scripts].join(', ')}`);
});

test('a checkpoint of another ledger, from a file, proves no end; what is none is said to be none', async (t) => {
  const page = await openLedger(t, server.url);
  const other = { ...(JSON.parse(await checkpointOf(server.data)) as object), ends: 'a1'.repeat(32) };
  const field = page.getByLabel('Checkpoint from a file');
  const file = (text: string) => ({ name: 'c.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await field.setInputFiles(file(JSON.stringify(other)));
  await page.getByRole('textbox').and(page.locator(':not(:placeholder-shown)')).waitFor();
  await press(page, VERIFY);
  await page.getByRole('row', { name: /checkpoint.*are not those of the checkpoint/ }).waitFor();
  await page.getByText('Its end is unproved: it is not what the checkpoint was made of.').waitFor();
  await page.getByRole('textbox').fill('{"position":');
  await press(page, VERIFY);
  await page.getByRole('alert').getByText('The checkpoint cannot be read: it is no JSON, or cut short.').waitFor();
});

test('one byte altered on the way is named by its event, in either theme', async (t) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    between.exported = (text) => ({ text: text.replace('"nodeId":"n31"', '"nodeId":"n32"'), isAll: true });
    const page = await openLedger(t, between.url, { colorScheme, viewport: { width: 390, height: 900 } });
    await press(page, VERIFY);
    await page.getByText('The ledger does not verify.').first().waitFor();
    const rows = page.getByRole('table', { name: 'Findings' }).locator('tbody tr');
    assert.equal(await rows.count(), 1);
    assert.match((await rows.textContent()) ?? '', /hash.*cluster-größe-1.*10.*32.*its hash is not that of/);
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByRole('link', { name: '32', exact: true }).click();
    await page.waitForURL('**/events/32');
  }
});

test('a server that goes away in the middle takes nothing back: it goes on where it broke off', async (t) => {
  between.exported = (text) => ({ text: text.slice(0, text.length / 2), isAll: false });
  const page = await openLedger(t, between.url);
  await press(page, VERIFY);
  await page.getByText(new RegExp(`^[1-9]\\d* of ${EVENTS} events`)).waitFor();
  between.goAway();
  const note = page.getByText(/It broke off behind position \d+\. What was read so far is kept\./);
  await note.waitFor();
  const position = /behind position (\d+)/.exec((await note.textContent()) ?? '')?.[1] ?? '';
  assert.ok(Number(position) > 0 && Number(position) < EVENTS, position);

  const askedBefore = between.asked.length;
  await press(page, 'Go on');
  await until('it asked in vain', () => between.asked.length > askedBefore);
  await page.getByText(`The server cannot be reached. It broke off behind position ${position}.`).waitFor();

  between.comeBack();
  between.exported = null;
  await press(page, 'Go on');
  await page.getByText(`The ledger verifies. ${EVENTS} events in 3 streams`).first().waitFor();
  assert.equal(between.asked.at(-1), position);
});

test('it can be stopped, and goes on', async (t) => {
  between.exported = (text) => ({ text: text.split('\n').slice(0, 20).join('\n'), isAll: false });
  const page = await openLedger(t, between.url);
  await press(page, VERIFY);
  await page.getByText(`19 of ${EVENTS} events`).waitFor();
  await press(page, 'Stop');
  await page.getByText('Stopped behind position 19.').waitFor();
  between.exported = null;
  await press(page, 'Go on');
  await page.getByText(`The ledger verifies. ${EVENTS} events`).first().waitFor();
  assert.equal(between.asked.at(-1), '19');
});

test('whoever leaves the page ends the verification, and its thread', async (t) => {
  between.exported = (text) => ({ text: text.slice(0, text.length / 2), isAll: false });
  const page = await openLedger(t, between.url);
  await press(page, VERIFY);
  await page.getByText(new RegExp(`^[1-9]\\d* of ${EVENTS} events`)).waitFor();
  const [worker] = page.workers();
  assert.ok(worker);
  const ended = new Promise((resolve) => worker.once('close', resolve));
  await page.getByRole('navigation').getByRole('link', { name: 'Incidents' }).click();
  await ended;
  assert.deepEqual(page.workers(), []);
});

test('the session’s cookie is enough, and what was erased is told with who did it', async (t) => {
  const { token, line } = createToken('ops', ['admin']);
  const tokens = join(temporaryFolder(t), 'tokens');
  writeFileSync(tokens, `${line}\n`);
  const guarded = await startServer({ config: { tokens } });
  t.after(() => guarded.close());
  const send = async (body: object): Promise<void> => {
    const headers = { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${token}` };
    const response = await fetch(`${guarded.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(response.status, 200, await response.text());
  };
  const event = { specversion: '1.0', source: '/b', subject: 'web' };
  await send({ ...event, id: '1', type: 'NodeJoined', data: { nodeId: 'n1' } });
  const erasing = { eventSource: '/b', eventId: '1', reason: 'a password', erase: true };
  await send({ ...event, id: '2', type: 'EventRetracted', data: erasing });

  const page = await openWatched(t, browser, { address: `${guarded.url}/ledger` });
  await page.getByLabel('Token').fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Proof' }).waitFor();
  await press(page, VERIFY);
  await page.getByText('The ledger verifies. 2 events in 1 streams').first().waitFor();
  await page.getByText('1 erased on purpose.').waitFor();
  await page.getByRole('row', { name: /1.*cluster-web.*ops.*2.*a password/ }).waitFor();
});

test('a gap that hides the last of hundreds of clusters is shown, and gone once it is closed', async (t) => {
  const many = await startServer();
  t.after(() => many.close());
  const clusters = Array.from({ length: 401 }, (_none, index) => `c${String(index).padStart(3, '0')}`);
  await tell(many.url, ...clusters.map((id): Fact => ['NodeJoined', id, { nodeId: 'n1' }]));
  const gap = { reason: 'restart', clusterIds: [clusters.at(-1)], from: '2022-12-13T20:02:00Z' };
  await tell(many.url, ['CollectorGapRecorded', '/elsewhere', gap]);
  const page = await openWatched(t, browser, { address: `${many.url}/ledger` });
  const row = page.getByRole('row', { name: /elsewhere.*open.*c400.*restart/ });
  await row.waitFor();
  await tell(many.url, ['CollectorGapRecorded', '/elsewhere', { ...gap, to: '2022-12-13T20:03:00Z' }]);
  await row.waitFor({ state: 'detached' });
  await page.getByText('No collector says that it misses anything.').waitFor();
});
