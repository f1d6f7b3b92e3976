import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getIntrospectionQuery } from 'graphql';
import { serve } from './serving.ts';
import { subscribe, subscribeWs } from './streams.ts';

/** A query with this many levels of fields: cluster, node, then `following` down to a leaf. */
function chain(levels: number): string {
  return `{ cluster(id: "c") { node(id: "n") { ${'following { '.repeat(levels - 3)}id${' }'.repeat(levels - 3)} } } }`;
}

const aliases = (count: number, field = '__typename') =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');
const LISTS = '{ clusters(first: 200) { nodes { nodes { jobs { id node { id jobs { id } } } } } } }';

const TABLE: readonly [name: string, query: string, code: string | null][] = [
  ['15 levels', chain(15), null],
  ['16 levels', chain(16), 'QUERY_TOO_DEEP'],
  [
    '16 levels, the last two in a fragment',
    `${chain(14).replace('id }', '...F }')} fragment F on ClusterNode { following { following { id } } }`,
    'QUERY_TOO_DEEP',
  ],
  ['30 aliases', `{ cluster(id: "c") { ${aliases(30, 'id')} } }`, null],
  ['31 aliases', `{ cluster(id: "c") { ${aliases(31, 'id')} } }`, 'TOO_MANY_ALIASES'],
  ['20 fields at the root', `{ ${aliases(20, 'ledger { head }')} }`, null],
  ['21 fields at the root', `{ ${aliases(21, 'ledger { head }')} }`, 'TOO_MANY_ROOT_FIELDS'],
  [
    '21 fields at the root, some in a fragment',
    `{ ...R ${aliases(11, 'ledger { head }')} } fragment R on Query { ${Array.from({ length: 10 }, (_, index) => `b${index}: ledger { head }`).join(' ')} }`,
    'TOO_MANY_ROOT_FIELDS',
  ],
  ['a page of 200 with a short list each', '{ clusters(first: 200) { nodes { id nodes { id liveness } } } }', null],
  ['lists in lists in a page of 200', LISTS, 'QUERY_TOO_COSTLY'],
  ['the same lists in a page of 1', LISTS.replace('200', '1'), null],
  ['a page larger than any counts as the largest', '{ events(first: 1000000) { nodes { id type source } } }', null],
  ['a fragment that spreads itself', '{ ...A } fragment A on Query { ...A }', 'GRAPHQL_VALIDATION_FAILED'],
  ['no GraphQL', '{ cluster(', 'GRAPHQL_PARSE_FAILED'],
  ['more than 5,000 tokens', `{ cluster(id: "c") { ${'id '.repeat(6_000)} } }`, 'GRAPHQL_PARSE_FAILED'],
  ['introspection, deep as it is', getIntrospectionQuery(), null],
];

test('the limits hold for queries over HTTP and over WebSocket', async (t) => {
  const serving = await serve(t);
  for (const [name, query, code] of TABLE) {
    const { errors } = await serving.ask(query);
    assert.equal(errors[0]?.extensions['code'] ?? null, code, `${name}: ${errors[0]?.message}`);
    const socket = subscribeWs(serving.url, query);
    const over = await socket.next().then(
      () => null,
      (found: readonly { extensions: { code: string } }[]) => found[0]?.extensions.code,
    );
    assert.equal(over, code, `${name}, over WebSocket`);
    await socket.close();
  }
});

test('the limits hold for subscriptions', async (t) => {
  const serving = await serve(t);
  const payloads = await subscribe(
    serving.url,
    `subscription { cluster(id: "c") { cluster { ${aliases(31, 'id')} } } }`,
  );
  assert.equal((await payloads.next()).errors[0].extensions.code, 'TOO_MANY_ALIASES');
});

test('where the page is a variable, its value counts, in one document after the other', async (t) => {
  const serving = await serve(t);
  const query = LISTS.replace('{ clusters(first: 200)', 'query ($first: Int) { clusters(first: $first)');
  const codeOf = async (variables: object) =>
    (await serving.ask(query, variables as never)).errors[0]?.extensions['code'] ?? null;
  assert.equal(await codeOf({ first: 200 }), 'QUERY_TOO_COSTLY');
  assert.equal(await codeOf({ first: 1 }), null);
  assert.equal(await codeOf({ first: 200 }), 'QUERY_TOO_COSTLY');
  const invalid = query.replace('id node', 'nothing node');
  assert.equal((await serving.ask(invalid, { first: 200 })).errors[0]?.extensions['code'], 'QUERY_TOO_COSTLY');
  assert.equal((await serving.ask(invalid, { first: 1 })).errors[0]?.extensions['code'], 'GRAPHQL_VALIDATION_FAILED');
});
