import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CATALOGUE, EVENT_NAMES, validateData } from '../../schemas/catalogue.ts';
import { count, defineEvent, id, optional, upcast } from '../../schemas/define.ts';
import { eventsPage } from '../../schemas/docs.ts';
import { jsonSchemaOf, schemaIndex } from '../../schemas/json-schema.ts';
import { dataSchemaOf, presentData, versionStated } from '../../schemas/upcast.ts';

test('the catalogue has the events of the published table, each in its stream', () => {
  const perCategory = Object.groupBy(EVENT_NAMES, (name) => CATALOGUE[name].category);
  const counts = Object.fromEntries(Object.entries(perCategory).map(([category, names]) => [category, names?.length]));
  assert.deepEqual(counts, { any: 1, cluster: 19, collector: 1, incident: 10, component: 3, maintenance: 5 });
  assert.deepEqual(
    EVENT_NAMES.filter((name) => CATALOGUE[name].opens),
    ['IncidentDeclared', 'ComponentRegistered', 'MaintenanceScheduled'],
  );
});

test('every key of the module is the name of its entry', () => {
  for (const name of EVENT_NAMES) assert.equal(CATALOGUE[name].name, name);
});

test('docs/events.md is what the catalogue says', () => {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  assert.equal(page, eventsPage(), 'run: npm run docs');
});

test('the JSON Schema of an event names its fields, required ones and words', () => {
  const schema = jsonSchemaOf('LeaderLost');
  assert.equal(schema.$id, '/schemas/LeaderLost.json');
  assert.deepEqual(schema['required'], ['leaderId', 'reason']);
  const properties = schema['properties'] as Record<string, { enum?: string[]; maximum?: number }>;
  assert.equal(properties['reason']?.enum?.length, 7);
  assert.equal(properties['term']?.maximum, Number.MAX_SAFE_INTEGER);
  assert.equal(schemaIndex().length, EVENT_NAMES.length);
});

test('unknown keys pass, wrong words name what was expected', () => {
  assert.equal(validateData('NodeJoined', { nodeId: 'a', rack: 7 }), null);
  assert.deepEqual(validateData('NodeJoined', { nodeId: 'a', kind: 'king' }), {
    path: '/kind',
    message: 'must be one of "voter", "learner", "worker"',
  });
  assert.deepEqual(validateData('IncidentUpdated', { message: 'x', impactEndedAt: null }), null);
  assert.equal(validateData('IncidentUpdated', { message: 'x', impactStartedAt: null })?.path, '/impactStartedAt');
  assert.equal(validateData('IncidentDeclared', { title: 't', status: 'open', origin: 'manual' })?.path, '/status');
});

// A worked example of an upcast: version 1 told a lease in seconds under one name, version 2 in milliseconds under another.
const LeaseRenewed = defineEvent({
  name: 'LeaseRenewed',
  category: 'cluster',
  doc: 'An example.',
  version: 2,
  fields: { nodeId: id('The node.'), leaseMs: optional(count('How long, in milliseconds.')) },
  upcasts: {
    1: ({ leaseSeconds, ...rest }) =>
      typeof leaseSeconds === 'number' ? { ...rest, leaseMs: leaseSeconds * 1000 } : rest,
  },
});

test('upcast: data of version 1 is read as version 2, its unknown keys kept', () => {
  assert.deepEqual(upcast(LeaseRenewed, 1, { nodeId: 'a', leaseSeconds: 15, note: 'kept' }), {
    nodeId: 'a',
    leaseMs: 15_000,
    note: 'kept',
  });
  assert.deepEqual(upcast(LeaseRenewed, 2, { nodeId: 'a', leaseMs: 5 }), { nodeId: 'a', leaseMs: 5 });
});

test('upcast: the stored envelope says the version; one that says none is version 1', () => {
  const dataschema = dataSchemaOf(LeaseRenewed);
  assert.equal(dataschema, '/schemas/LeaseRenewed.v2.json');
  const old = presentData(LeaseRenewed, { nodeId: 'a', leaseSeconds: 2 }, '{"specversion":"1.0"}');
  assert.deepEqual(old, { nodeId: 'a', leaseMs: 2000 });
  const present = presentData(LeaseRenewed, { nodeId: 'a', leaseMs: 7 }, JSON.stringify({ dataschema }));
  assert.deepEqual(present, { nodeId: 'a', leaseMs: 7 });
  assert.equal(versionStated(LeaseRenewed, 'https://elsewhere.example/Other.v2.json'), 1);
});

test('an entry whose version has no upcast from an earlier one is refused at once', () => {
  assert.throws(
    () => defineEvent({ name: 'X', category: 'cluster', doc: '', version: 2, fields: {} }),
    /no upcast from 1/,
  );
});
