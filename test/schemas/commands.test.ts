/** Commands' inputs: the same fields as the mutations of the GraphQL schema, and what is read from what clients send. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { buildSchema, type GraphQLInputObjectType, getNamedType, isNonNullType } from 'graphql';
import { COMMANDS, type CommandKind, isCommandKind, readCommand } from '../../schemas/commands.ts';

const schema = buildSchema(readFileSync(new URL('../../schemas/schema.graphql', import.meta.url), 'utf8'));
const at = '2022-12-13T20:14:00.000001Z';
const micros = 1_670_962_440_000_001;

describe('commands', () => {
  test('are the mutations but appendEvents, field by field, required where those are', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(
      ({ name }) => name !== 'appendEvents',
    );
    assert.deepEqual(Object.keys(COMMANDS).sort(), mutations.map(({ name }) => name).sort());
    for (const { name, args } of mutations) {
      const input = getNamedType(args.find((arg) => arg.name === 'input')?.type) as GraphQLInputObjectType;
      const fields = Object.values(input.getFields());
      const command = COMMANDS[name as CommandKind];
      assert.deepEqual(Object.keys(command.properties).sort(), fields.map((field) => field.name).sort(), name);
      const required = fields.filter(({ type }) => isNonNullType(type)).map((field) => field.name);
      assert.deepEqual([...(command.required ?? [])].sort(), required.sort(), name);
    }
  });

  test('are known by name', () => {
    assert.ok(isCommandKind('declareIncident'));
    assert.ok(!isCommandKind('appendEvents') && !isCommandKind('constructor'));
  });
});

describe('reading', () => {
  test('nulls count as absent, in lists and objects too, but where null takes back', () => {
    assert.deepEqual(
      readCommand('declareIncident', { title: 'x', at: null, components: [{ componentId: 'a', status: null }] }),
      {
        ok: true,
        command: { kind: 'declareIncident', input: { title: 'x', components: [{ componentId: 'a' }] } },
      },
    );
    assert.deepEqual(
      readCommand('updateIncident', { incidentId: 'a', message: 'x', impactStartedAt: null, impactEndedAt: null }),
      {
        ok: true,
        command: { kind: 'updateIncident', input: { incidentId: 'a', message: 'x', impactEndedAt: null } },
      },
    );
  });

  test('instants are read from text and taken as microseconds', () => {
    for (const sent of [at, micros]) {
      const read = readCommand('resolveIncident', { incidentId: 'a', message: 'x', at: sent });
      assert.ok(read.ok);
      assert.equal((read.command.input as { at: number }).at, micros);
    }
  });

  test('each fault has its path and words that help', () => {
    const cases = [
      ['declareIncident', {}, '/title', /required/],
      ['declareIncident', { title: 'x', at: '2022-12-13' }, '/at', /RFC 3339/],
      ['scheduleMaintenance', { title: 'x', startsAt: 'soon', endsAt: at }, '/startsAt', /RFC 3339/],
      ['scheduleMaintenance', { title: 'x', endsAt: at }, '/startsAt', /required/],
      ['updateIncident', { incidentId: 'a', message: 'x', impactEndedAt: 'x' }, '/impactEndedAt', /RFC 3339/],
      ['declareIncident', { title: 'x', incidentId: ' a' }, '/incidentId', /id of 1 to 200/],
      ['declareIncident', { title: 'x', impact: 'huge' }, '/impact', /one of/],
      ['declareIncident', { title: 'x', idempotencyKey: '' }, '/idempotencyKey', /./],
      ['retractEvent', { reason: 'x', event: {} }, '/event', /either position or key/],
      ['retractEvent', { reason: 'x', event: { position: 1, key: { source: 'a', id: 'b' } } }, '/event', /either/],
      ['retractEvent', { reason: 'x' }, '/event', /./],
    ] as const;
    for (const [kind, input, path, message] of cases) {
      const read = readCommand(kind, input);
      assert.ok(!read.ok, `${kind} ${JSON.stringify(input)}`);
      assert.equal(read.fault.path, path);
      assert.match(read.fault.message, message);
    }
  });

  test('what is no object is refused, and fields that nobody declared are left out', () => {
    for (const input of [null, 7, 'x', []]) assert.ok(!readCommand('declareIncident', input).ok);
    const read = readCommand('declareIncident', { title: 'x', secret: 1, __proto__: { at } });
    assert.ok(read.ok);
    assert.deepEqual(read.command.input, { title: 'x' });
  });
});
