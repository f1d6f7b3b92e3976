/** A record that is being folded from its beginning does not look empty. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve, unfinished } from '../serve/serving.ts';
import { launch, seriousFaults } from './chromium.ts';

test('pages say that the views are being built, and how far, then fill by themselves', async (t) => {
  const { ledger, views, tell } = await serve(t);
  await tell(['LeaderElected', 'web', { leaderId: 'n1', term: 1 }]);
  const built = unfinished(views);
  const { url } = await serve(t, { ledger, views: built.views });
  const browser = await launch();
  t.after(() => browser.close());
  const page = await browser.newPage();
  for (const path of ['/incidents', '/clusters/web', '/']) {
    await page.goto(url + path);
    await page.getByRole('heading', { name: 'The views are being built' }).waitFor();
    await page.getByText('holds 1,000 positions, of which 250 have been read').waitFor();
    assert.equal(await page.getByText(/No (cluster|incident|event)/).count(), 0, path);
  }
  assert.equal(await page.getByRole('progressbar').getAttribute('value'), '250');
  assert.deepEqual(await seriousFaults(page), []);
  await page.getByRole('link', { name: 'ledger', exact: true }).click();
  await page.getByRole('row', { name: /^cluster.*catching up/ }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'The views are being built' }).waitFor();
  const event = await browser.newPage();
  const looked = event.waitForResponse(async (response) => (await response.text()).includes('"building":{'));
  await event.goto(`${url}/events/1`);
  await looked;
  await event.getByText('LeaderElected').first().waitFor();
  assert.equal(await event.getByText('being built').count(), 0, 'what is recorded can be read');
  built.finish();
  await page.getByRole('row', { name: /web.*n1/ }).waitFor();
});
