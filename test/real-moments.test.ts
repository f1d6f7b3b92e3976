/** Moments of a real record: what a status page said on an evening in 2022. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '../src/accept/accept.ts';
import { statuspagePolls } from '../src/ingest/formats/statuspage-polls.ts';
import { DISK, textsOf } from './support/imported.ts';
import { type RunningServer, startServer } from './support/server.ts';
import { sharedMissing, sharedPath } from './support/shared.ts';

const CALLER: Caller = { name: null, authType: 'unauthenticated', roles: new Set(['admin']), door: 'import' };
const BATCH = 1_000;

describe('the polls of a real page, restored', { skip: sharedMissing('statuspage-github-2020-2023') }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer({ config: { store: 'memory' } });
    const files = [sharedPath('statuspage-github-2020-2023', 'summary-snapshots.jsonl.gz')];
    const texts = await textsOf(statuspagePolls, files, DISK);
    for (let from = 0; from < texts.length; from += BATCH) {
      const records = texts.slice(from, from + BATCH).map((text) => ({ text }));
      assert.deepEqual((await server.accept.restore(records, CALLER)).rejected, []);
    }
  });
  after(() => server.close());

  async function page(moment: string) {
    const query = `{ statusPage(moment: ${moment}) {
      indicator components { id status noData } incidents { title updates { message } } asOf { recordedAt restored } completeness { complete }
    } }`;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'musterbook-at-least': String((await server.ledger.head()).position),
      },
      body: JSON.stringify({ query }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are compared as a whole.
    const { data, errors } = (await response.json()) as { data: any; errors?: unknown };
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.statusPage;
  }

  test('as known at 2022-09-06T23:25:58Z all eleven components are degraded', async () => {
    const { indicator, components, incidents, asOf } = await page('{ knownAt: "2022-09-06T23:25:58Z" }');
    assert.equal(components.length, 11);
    assert.deepEqual(
      [...new Set(components.map(({ status }: { status: string }) => status))],
      ['degraded_performance'],
    );
    assert.equal(indicator, 'minor');
    assert.ok(incidents.length > 0);
    assert.equal(asOf.restored, true);
    assert.ok(asOf.recordedAt <= '2022-09-06T23:25:58Z');
  });

  test('at noon they were well, and before the first poll nothing was known', async () => {
    const { indicator } = await page('{ knownAt: "2022-09-06T12:00:00Z" }');
    assert.equal(indicator, 'none');
    const before = await page('{ knownAt: "2019-01-01T00:00:00Z" }');
    assert.deepEqual([before.components, before.incidents, before.asOf], [[], [], null]);
  });

  test('inside a poll that could not be read there is no data, which is not health', async () => {
    const { components, completeness } = await page(`{ happenedAt: "${await insideGap(server)}" }`);
    assert.equal(completeness.complete, false);
    assert.ok(components.every(({ noData }: { noData: boolean }) => noData));
  });
});

/** An instant inside the first gap that was recorded. */
async function insideGap(server: RunningServer): Promise<string> {
  const [gap] = await server.ledger.readAll({ types: ['CollectorGapRecorded'], limit: 1 });
  const from = (gap?.data as { readonly from?: string } | undefined)?.from;
  assert.ok(from);
  return from;
}
