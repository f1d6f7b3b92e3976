/** Gaps in force, gathered from all clusters page by page. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  GAPS,
  type GapPages,
  type GapsAnswer,
  gapsIn,
  NO_PAGES,
  PAGE_CLUSTERS,
  withPage,
} from '../../../src/web/ledger/gap-pages.ts';
import type { GapRow } from '../../../src/web/ledger/query.ts';
import { startServer } from '../../support/server.ts';

function gap(position: number): GapRow {
  const event = { position: String(position) };
  return { collector: 'c', from: null, to: null, reason: '', clusterIds: null, componentIds: null, event };
}

function page(gaps: readonly GapRow[], next: string | null): GapsAnswer {
  const pageInfo = { hasNextPage: next !== null, endCursor: next };
  return { clusters: { nodes: gaps.map((one) => ({ completeness: { gaps: [one] } })), pageInfo } };
}

const positionsOf = (pages: GapPages) => gapsIn(pages).map(({ event }) => event.position);

test('a gap that hides clusters of several pages is there once, and page after page is read again', () => {
  const first = withPage(NO_PAGES, page([gap(9), gap(7)], 'a'));
  deepEqual([first.isWhole, first.next], [false, { page: 1, after: 'a' }]);
  const both = withPage(first, page([gap(9), gap(10)], null));
  deepEqual(
    [both.isWhole, both.isCut, both.next, positionsOf(both)],
    [true, false, { page: 0, after: null }, ['7', '9', '10']],
  );
  const closed = withPage(both, page([gap(7)], 'a'));
  deepEqual(positionsOf(closed), ['7', '9', '10'], 'the second page still tells of it');
  deepEqual(positionsOf(withPage(closed, page([gap(10)], null))), ['7', '10']);
});

test('a page that is no more takes its gaps along', () => {
  const both = withPage(withPage(NO_PAGES, page([gap(1)], 'a')), page([gap(2)], null));
  deepEqual(positionsOf(withPage(both, page([gap(1)], null))), ['1']);
});

test('beyond 2,000 clusters it stops, and says so', () => {
  let pages = NO_PAGES;
  for (let read = 0; read < 10; read += 1) {
    equal(pages.isWhole, false);
    pages = withPage(pages, page([gap(read)], `c${read}`));
  }
  deepEqual([pages.isWhole, pages.isCut, pages.next.page, gapsIn(pages).length], [true, true, 0, 10]);
});

test('the server gives the gap of the last of hundreds of clusters', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const send = (path: string, type: string, body: unknown) =>
    fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) });
  const event = (id: string, type: string, subject: string, data: object) => ({
    specversion: '1.0',
    source: '/b',
    id,
    type,
    subject,
    data,
  });
  const clusters = Array.from(
    { length: 2 * PAGE_CLUSTERS + 1 },
    (_none, index) => `c${String(index).padStart(3, '0')}`,
  );
  const last = clusters.at(-1) ?? '';
  const told = await send('/v1/events', 'application/cloudevents-batch+json', [
    ...clusters.map((id) => event(id, 'NodeJoined', id, { nodeId: 'n' })),
    event('gap', 'CollectorGapRecorded', '/elsewhere', { reason: 'restart', clusterIds: [last] }),
  ]);
  const { position } = (await told.json()) as { position: string };
  let pages = NO_PAGES;
  for (let read = 0; read < 3; read += 1) {
    equal(pages.isWhole, false);
    const { after } = pages.next;
    const query = GAPS.replace('clusters(', `clusters(atLeast: "${position}", `);
    const answer = await send('/graphql', 'application/json', { query, variables: { first: PAGE_CLUSTERS, after } });
    const { data, errors } = (await answer.json()) as { data: GapsAnswer; errors?: unknown };
    equal(errors, undefined);
    pages = withPage(pages, data);
  }
  deepEqual([pages.isWhole, pages.isCut, gapsIn(pages).map(({ clusterIds }) => clusterIds)], [true, false, [[last]]]);
});
