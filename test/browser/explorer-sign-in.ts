// Holds S3 of docs/invariants.md.
/** Signing in to the explorer, with scripts and without, and coming by a link of another site. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { createToken } from '../../src/serve/auth.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { launch, seriousFaults } from './chromium.ts';

const { token, line } = createToken('on call', ['operate']);

let folder: string;
let server: RunningServer;
let elsewhere: Server;
let browser: Browser;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'musterbook-'));
  writeFileSync(join(folder, 'tokens'), `${line}\n`);
  server = await startServer({ config: { tokens: join(folder, 'tokens') } });
  browser = await launch();
  // localhost and 127.0.0.1 are different sites: this is the chat in which someone posted a link.
  elsewhere = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://localhost').searchParams.get('to') ?? '';
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="${server.url}${to}">the link</a>`);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, 'localhost', resolve));
  const told = await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      specversion: '1.0',
      id: '1',
      source: '/b',
      type: 'LeaderElected',
      subject: 'web',
      data: { leaderId: 'n1', term: 1 },
    }),
  });
  assert.equal(told.status, 200);
});
after(async () => {
  await browser?.close();
  elsewhere?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const javaScriptEnabled of [true, false]) {
  test(`${javaScriptEnabled ? 'with' : 'without'} scripts one signs in where one is, stays signed in, and signs out`, async () => {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(`${server.url}/events/1`);
    if (javaScriptEnabled) assert.deepEqual(await seriousFaults(page), []);
    await page.getByLabel('Token').fill('mb_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This token is not known.').waitFor();
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${server.url}/events/1`);
    await page.getByRole('heading', { name: 'LeaderElected' }).waitFor();
    const [cookie] = (await context.cookies()).filter(({ name }) => name === 'musterbook_session');
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.expires], [true, 'Strict', -1]);

    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/?to=/events/1`);
    await page.getByRole('link').click();
    await page.getByRole('heading', { name: 'LeaderElected' }).waitFor();

    await page.goto(`${server.url}/sign-in`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${server.url}/sign-in`);
    await page.goto(`${server.url}/events/1`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await context.close();
  });
}

test('a page of the explorer that finds itself signed out asks for a token, and goes on where it was', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.url}/ledger?rejections=`);
  await page.getByLabel('Token').fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/ledger');
  await page.getByRole('link', { name: 'on call' }).waitFor();
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('row', { name: /web.*n1/ }).waitFor();
  await context.close();
});
