/** Answers printed straight from the views against graphql-js, byte for byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execute, parse } from 'graphql';
import { uuidV7 } from '../../src/clock.ts';
import { createGraph, type Graph } from '../../src/serve/graphql/graph.ts';
import { DEFAULT_LIMITS } from '../../src/serve/graphql/limits.ts';
import { bareSchema } from '../../src/serve/graphql/schema.ts';
import { compileStraight } from '../../src/serve/graphql/straight.ts';
import { CALLER, type Serving, serve } from './serving.ts';

const STORY = [
  ['ComponentRegistered', 'api', { name: 'A "quoted" \u2028 name\u0000', clusterId: 'payments' }, 0],
  ['NodeJoined', 'payments', { nodeId: 'n1', labels: { rack: 'r1', ä: '\ud83d\ude00' }, schedulable: false }, 1],
  ['LeaderElected', 'payments', { leaderId: 'n1', term: 3, how: 'elected' }, 2],
  ['LeaderElected', 'payments', { leaderId: 'n2', term: 3, scope: 'lease/x' }, 3],
  ['FollowerAttached', 'payments', { nodeId: 'n2', leaderId: 'n1', term: 3 }, 3],
  ['JobSubmitted', 'payments', { jobId: 'g', groupId: 'g', instances: 2 }, 3],
  ['JobSubmitted', 'payments', { jobId: 'j1', groupId: 'g', componentId: 'api' }, 3],
  ['JobAssigned', 'payments', { jobId: 'j1', nodeId: 'n2' }, 4],
  ['HeartbeatLost', 'payments', { nodeId: 'n2', observerId: 'o' }, 15],
  [
    'AnomalyDetected',
    'payments',
    {
      anomalyId: 'a',
      code: 'X',
      severity: 'critical',
      rule: 'r',
      ruleVersion: '1',
      message: 'm',
      nodeIds: ['n1'],
      evidence: [
        { source: '/tests', id: 't2' },
        { source: 'x', id: 'y' },
      ],
    },
    16,
  ],
  [
    'IncidentDeclared',
    'i1',
    {
      title: 'T',
      status: 'investigating',
      origin: 'manual',
      clusterIds: ['payments', 'nowhere'],
      components: [{ componentId: 'api', status: 'major_outage' }],
      impactStartedAt: '2022-12-13T20:05:00Z',
    },
    20,
  ],
  ['ResponderNotified', 'i1', { responder: 'kim', channel: 'pager' }, 21],
  ['EvidenceLinked', 'i1', { clusterId: 'payments', note: 'here' }, 22],
  ['CollectorGapRecorded', '/tests', { reason: 'was away', from: '2022-12-13T20:00:00Z' }, 23],
] as const;

const QUERIES: readonly string[] = [
  '{ cluster(id: "payments") { id leader { id role } leaderSince term electing scopes leaders { scope node { id } term since contested stale event { id type ... on LeaderElectedEvent { leaderId how } } } nodes { id name labels schedulable role liveness following { id } observers { observerId lost since } jobs { id } } jobs { id group { id wanted } node { id } component { id name } copies { node { id } } } jobGroups { id running jobs { id } } elections(last: 5) { term leader { id } endReason event { position } } anomalies { id evidence { id source data } nodes { id } } deployments { id } incidents { id status } asOf { position recordedAt occurredAt restored } completeness { complete gaps { collector from event { id } } } } }',
  '{ incident(id: "i1") { __typename id status impact impactOpen visibility components { component { name status completeness { complete } } status } clusters { id leader { name } } updates { id status message at by visibility amendments { reason } event { id ... on IncidentDeclaredEvent { components { componentId status } clusterIds impactStartedAt } } } timeline { at kind summary event { position } } responders { responder notifiedAt } measures { name ms msMax minutes anchors { id } } evidence { cluster { id } note } duplicateOf { id } completeness { complete gaps { reason } } } }',
  'fragment N on ClusterNode { id ...M } fragment M on ClusterNode { liveness following { id } } query ($id: ID!, $states: [JobState!]) { a: cluster(id: $id) { nodes { ...N role } n: nodes { id } jobs(states: $states) { id state } } b: cluster(id: "nobody") { id } }',
  '{ cluster(id: "payments") { nodes { id } nodes { liveness } ... { id } ... on Cluster { term } } statusPage { indicator description components { id noData } incidents { id title components { component { id } status } } asOf { position } } components { id cluster { id } } }',
  '{ clusters(first: 1) { edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } incidents { nodes { id } } maintenances { nodes { id } } events(last: 4) { nodes { __typename id type position occurredAt recordedAt clockAhead notBefore data cause { id } retractedBy { id } hash revision ... on Event { subject } } } event(ref: { position: 2 }) { ... on NodeJoinedEvent { nodeId labels schedulable } } }',
  '{ clusterSnapshot(id: "payments") { projection version position state } rejections { nodes { id } total dropped } ledger { store events restoredUpTo projections { name state lagEvents error } } }',
  '{ cluster(id: "payments") { nodes @skip(if: true) { id } id @include(if: true) } }',
  '{ __typename cluster(id: "payments") { __typename } __type(name: "Cluster") { name } }',
  '{ cluster(id: "payments", moment: { position: 1 }) { id } other: cluster(id: "payments") { id } }',
  '{ events(first: -1) { nodes { id } } }',
];

async function graphOf(serving: Serving): Promise<Graph> {
  const { ledger, views, accept, errors } = serving;
  const log = { info: () => {}, warn: () => {}, error: (facts: object) => void (errors as object[]).push(facts) };
  const clock = () => 0 as never;
  return createGraph({
    ledger,
    views,
    accept,
    clock,
    store: 'memory',
    links: [],
    log,
    newId: uuidV7,
    limits: DEFAULT_LIMITS,
    onSkipped: () => {},
  });
}

test('every answer is the one that graphql-js gives, whether it was printed straight or left to it', async (t) => {
  const serving = await serve(t);
  await serving.tell(...STORY);
  const { schema, executor, contextFor } = await graphOf(serving);
  for (const query of QUERIES) {
    const request = { query, variables: { id: 'payments', states: ['ORPHANED', 'ASSIGNED'] }, operationName: null };
    const ready = executor.prepare(request);
    assert.ok(ready.kind === 'ready', query);
    const { document } = ready;
    const told = { schema, document, variableValues: request.variables, contextValue: contextFor(CALLER) };
    const expected = executor.print(await execute(told));
    for (let time = 0; time < 2; time += 1) {
      const { json } = await executor.answer(ready, request, contextFor(CALLER));
      assert.equal(json, expected);
    }
  }
  assert.deepEqual(serving.errors, []);
});

test('what is out of the ordinary is not compiled', () => {
  const schema = bareSchema();
  const compiles = (query: string): boolean => {
    const document = parse(query);
    const [operation] = document.definitions;
    assert.ok(operation?.kind === 'OperationDefinition');
    return compileStraight(schema, document, operation) !== null;
  };
  assert.equal(compiles('{ cluster(id: "c") { id } }'), true);
  assert.equal(compiles('{ cluster(id: "c") { id @include(if: true) } }'), false);
  assert.equal(compiles('{ __schema { types { name } } }'), false);
  assert.equal(compiles('{ cluster(id: "c", atLeast: 3) { id } }'), false);
});
