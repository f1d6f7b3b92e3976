import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MusterbookError } from '../../src/errors.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { serve } from './serving.ts';

const RESULT = `{
  __typename
  ... on IncidentPayload { position event { type position } incident { id status impactOpen updates { message } asOf { position } } }
  ... on Refusal { code message }
  ... on IllegalTransition { from } ... on UnknownSubject { id } ... on InvalidInput { path }
}`;

test('an incident is declared, updated, resolved and reopened, and each answer shows what was done', async (t) => {
  const serving = await serve(t);
  const run = async (name: string, input: string) =>
    (await serving.ask(`mutation { ${name}(input: ${input}) ${RESULT} }`)).data[name];
  const declared = await run(
    'declareIncident',
    '{ incidentId: "i", title: "T", status: investigating, impactStartedAt: "2022-12-13T20:00:00Z" }',
  );
  assert.deepEqual(declared, {
    __typename: 'IncidentPayload',
    position: '1',
    event: { type: 'io.musterbook.IncidentDeclared', position: '1' },
    incident: {
      id: 'i',
      status: 'investigating',
      impactOpen: true,
      updates: [{ message: null }],
      asOf: { position: '1' },
    },
  });
  assert.equal((await run('declareIncident', '{ incidentId: "i", title: "T" }')).__typename, 'IllegalTransition');
  assert.equal(
    (await run('updateIncident', '{ incidentId: "i", message: "m", status: identified }')).incident.status,
    'identified',
  );
  const resolved = await run(
    'resolveIncident',
    '{ incidentId: "i", message: "over", impactEndedAt: "2022-12-13T21:00:00Z" }',
  );
  assert.deepEqual([resolved.incident.status, resolved.incident.impactOpen], ['resolved', false]);
  const again = await run('resolveIncident', '{ incidentId: "i", message: "over" }');
  assert.deepEqual([again.__typename, again.from], ['IllegalTransition', 'resolved']);
  assert.equal((await run('reopenIncident', '{ incidentId: "i", message: "no" }')).incident.status, 'investigating');
  assert.deepEqual([(await run('updateIncident', '{ incidentId: "nobody", message: "m" }')).id], ['nobody']);
  const empty = await run('updateIncident', '{ incidentId: "i", message: "" }');
  assert.deepEqual([empty.__typename, empty.path], ['InvalidInput', '/message']);
  assert.equal((await serving.ledger.head()).events, 4, 'refusals append nothing');
});

test('the same idempotencyKey answers the first result again', async (t) => {
  const serving = await serve(t);
  const declare =
    'mutation { declareIncident(input: { title: "T", idempotencyKey: "k" }) { ... on IncidentPayload { position incident { id } } } }';
  const first = await serving.ask(declare);
  assert.equal(first.data.declareIncident.position, '1');
  assert.deepEqual(await serving.ask(declare), first);
  assert.equal((await serving.ledger.head()).events, 1);
});

test('the first result is as it was then, whatever was done since', async (t) => {
  const serving = await serve(t);
  const declare = `mutation { declareIncident(input: { incidentId: "i", title: "T", idempotencyKey: "k" }) ${RESULT} }`;
  const first = await serving.ask(declare);
  assert.equal(first.data.declareIncident.incident.status, 'investigating');
  await serving.ask('mutation { resolveIncident(input: { incidentId: "i", message: "m" }) { __typename } }');
  assert.deepEqual(await serving.ask(declare), first);
  await serving.ask('mutation { retractEvent(input: { event: { position: 1 }, reason: "r" }) { __typename } }');
  assert.deepEqual(await serving.ask(declare), first);
});

test('components, maintenances and retractions answer with their payloads', async (t) => {
  const serving = await serve(t);
  const { data, errors } = await serving.ask(`mutation {
    registerComponent(input: { componentId: "api", name: "API" }) { ... on ComponentPayload { component { id status } } }
    setComponentStatus(input: { componentId: "api", status: partial_outage }) { ... on ComponentPayload { position component { status } event { type } } }
    unknown: retireComponent(input: { componentId: "nope" }) { ... on UnknownSubject { code id } }
    scheduleMaintenance(input: { maintenanceId: "m", title: "M", startsAt: "2023-01-01T00:00:00Z", endsAt: "2023-01-01T01:00:00Z", components: ["api"] }) { ... on MaintenancePayload { maintenance { id state } } }
    startMaintenance(input: { maintenanceId: "m" }) { ... on MaintenancePayload { maintenance { state components { status } } } }
    early: startMaintenance(input: { maintenanceId: "m" }) { __typename }
    retractEvent(input: { event: { position: 2 }, reason: "wrong" }) { ... on RetractEventPayload { position retracted { position } event { type } } }
    gone: retractEvent(input: { event: { key: { source: "x", id: "y" } }, reason: "wrong" }) { __typename }
  }`);
  assert.deepEqual(errors, []);
  assert.deepEqual(data, {
    registerComponent: { component: { id: 'api', status: 'operational' } },
    setComponentStatus: {
      position: '2',
      component: { status: 'partial_outage' },
      event: { type: 'io.musterbook.ComponentStatusChanged' },
    },
    unknown: { code: 'UNKNOWN_COMPONENT', id: 'nope' },
    scheduleMaintenance: { maintenance: { id: 'm', state: 'scheduled' } },
    startMaintenance: { maintenance: { state: 'in_progress', components: [{ status: 'under_maintenance' }] } },
    early: { __typename: 'IllegalTransition' },
    retractEvent: { position: '5', retracted: { position: '2' }, event: { type: 'io.musterbook.EventRetracted' } },
    gone: { __typename: 'UnknownSubject' },
  });
});

test('appendEvents judges each event by itself', async (t) => {
  const serving = await serve(t);
  const event = (id: string, type: string, data: object) => ({
    specversion: '1.0',
    id,
    source: '/s',
    type,
    subject: 'c',
    data,
  });
  const events = [
    event('1', 'NodeJoined', { nodeId: 'n' }),
    event('2', 'NoSuchThing', {}),
    event('1', 'io.musterbook.NodeJoined', { nodeId: 'n' }),
    event('1', 'NodeJoined', { nodeId: 'other' }),
  ];
  const { data } = await serving.ask(
    'mutation ($events: [JSON!]!) { appendEvents(input: { events: $events }) { appended duplicates position rejected { index id code } } }',
    { events },
  );
  assert.deepEqual([data.appendEvents.appended, data.appendEvents.duplicates, data.appendEvents.position], [1, 1, '1']);
  assert.deepEqual(
    data.appendEvents.rejected.map(({ index, id }: { index: number; id: string }) => [index, id]),
    [
      [1, '2'],
      [3, '1'],
    ],
  );
  const { data: listed } = await serving.ask('{ rejections { nodes { door code record } } }');
  assert.equal(listed.rejections.nodes.length, 2);
  assert.equal(listed.rejections.nodes[0].door, 'graphql');
});

test('the unexpected is masked, with an id that stands in the log; operating errors keep their code', async (t) => {
  const ledger = openMemoryLedger();
  let failure: Error = new TypeError('secret detail of the inside');
  ledger.rejections = () => Promise.reject(failure);
  const serving = await serve(t, { ledger });
  const query = '{ rejections { nodes { id } } }';
  const masked = await serving.ask(query);
  assert.equal(masked.errors[0]?.message, 'Unexpected error.');
  assert.equal(masked.errors[0]?.extensions['code'], 'INTERNAL');
  assert.ok(!JSON.stringify(masked).includes('secret'));
  const [logged] = serving.errors as { err: Error; errorId: string }[];
  assert.equal(logged?.err, failure);
  assert.equal(logged?.errorId, masked.errors[0]?.extensions['errorId']);
  failure = new MusterbookError('STORAGE_FAILED', 'the disk said no');
  const operating = await serving.ask(query);
  assert.deepEqual(
    [operating.errors[0]?.extensions['code'], operating.errors[0]?.extensions['retryable']],
    ['STORAGE_FAILED', true],
  );
  assert.equal(serving.errors.length, 1, 'an expected error is not logged');
});
