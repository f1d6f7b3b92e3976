/** What /readyz, /metrics, GraphQL and `musterbook status` show of connections to the outside. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Link, LinkStatus } from '../../src/link.ts';
import { serve } from './serving.ts';

function link(status: Partial<LinkStatus> & Pick<LinkStatus, 'name'>): Link & { now: LinkStatus } {
  const now: LinkStatus = { state: 'up', sinceMs: 1_670_962_440_000, fault: null, parts: [], counts: {}, ...status };
  const shown = { now, status: () => shown.now };
  return shown;
}

const REFUSED = { code: 'KAFKA_REFUSED', message: 'SASL/PLAIN was refused for the user bob' };

async function readiness(url: string) {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, body: (await answer.json()) as { readonly links: unknown } };
}

describe('connections', () => {
  test('GraphQL shows state, fault with its hint, parts and counts of each', async (context) => {
    const kafka = link({
      name: 'kafka-in',
      state: 'retrying',
      fault: REFUSED,
      parts: [{ name: 'musterbook.events/0', at: 41, lag: 3, isPaused: true }],
      counts: { records: 42 },
    });
    const { url } = await serve(context, { links: [kafka] });
    const query =
      '{ ledger { links { name state since fault { code message hint } parts { name at lag paused } counts { name count } } } }';
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await answer.json()) as { data: { ledger: { links: [{ fault: { hint: string } }] } } };
    const [{ fault, ...shown }] = data.ledger.links;
    assert.deepEqual(shown, {
      name: 'kafka-in',
      state: 'RETRYING',
      since: '2022-12-13T20:14:00.000Z',
      parts: [{ name: 'musterbook.events/0', at: 41, lag: 3, paused: true }],
      counts: [{ name: 'records', count: 42 }],
    });
    assert.deepEqual({ ...fault, hint: '' }, { ...REFUSED, hint: '' });
    assert.match(fault.hint, /MUSTERBOOK_KAFKA_/);
  });

  test('metrics hold what is known of each, and nothing of a part that went elsewhere', async (context) => {
    const parts = [
      { name: 't/0', at: 7, lag: null, isPaused: false },
      { name: 't/1', at: null, lag: 5, isPaused: true },
    ];
    const kafka = link({ name: 'kafka-in', parts, counts: { records: 9 } });
    const { url } = await serve(context, { links: [kafka] });
    const lines = async () =>
      (await (await fetch(`${url}/metrics`)).text()).split('\n').filter((line) => line.startsWith('musterbook_link_'));
    const first = await lines();
    for (const line of [
      'musterbook_link_up{link="kafka-in"} 1',
      'musterbook_link_state{link="kafka-in",state="retrying"} 0',
      'musterbook_link_at{link="kafka-in",part="t/0"} 7',
      'musterbook_link_lag{link="kafka-in",part="t/1"} 5',
      'musterbook_link_paused{link="kafka-in",part="t/1"} 1',
      'musterbook_link_count{link="kafka-in",name="records"} 9',
    ])
      assert.ok(first.includes(line), `${line} is not among\n${first.join('\n')}`);
    kafka.now = { ...kafka.now, state: 'retrying', fault: REFUSED, parts: [] };
    const second = await lines();
    assert.ok(second.includes('musterbook_link_up{link="kafka-in"} 0'));
    assert.deepEqual(
      second.filter((line) => line.includes('part=')),
      [],
    );
  });

  test('a server is ready once it has what the store of record holds, and stays so while it is lost', async (context) => {
    const part = { name: 'musterbook.', at: null, isPaused: false };
    const store = link({ name: 'eventstoredb', state: 'connecting', parts: [{ ...part, lag: null }] });
    const { url } = await serve(context, { links: [store] });
    assert.equal((await readiness(url)).status, 503);
    store.now = { ...store.now, state: 'up' };
    assert.equal((await readiness(url)).status, 503, 'it follows, and nobody knows how far behind');
    store.now = { ...store.now, parts: [{ ...part, at: 9, lag: 0 }] };
    assert.equal((await readiness(url)).status, 200);
    store.now = {
      ...store.now,
      state: 'retrying',
      fault: { code: 'STORE_UNREACHABLE', message: 'db.internal is down' },
    };
    const lost = await readiness(url);
    assert.equal(lost.status, 200);
    assert.deepEqual(lost.body.links, [{ name: 'eventstoredb', state: 'retrying', fault: 'STORE_UNREACHABLE' }]);
    store.now = { ...store.now, state: 'stopped', fault: { code: 'CHAIN_BROKEN', message: 'at position 9' } };
    assert.equal((await readiness(url)).status, 503);
  });

  test('Kafka takes no server out of service', async (context) => {
    const kafka = link({ name: 'kafka-out', state: 'stopped', fault: REFUSED });
    const { url } = await serve(context, { links: [kafka] });
    assert.equal((await readiness(url)).status, 200);
  });
});
