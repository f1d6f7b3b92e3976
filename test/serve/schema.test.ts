import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildSchema, findBreakingChanges, isObjectType, validateSchema } from 'graphql';
import { CATALOGUE, EVENT_NAMES } from '../../schemas/catalogue.ts';
import { printedSchema } from '../../src/serve/graphql/print.ts';
import { bareSchema } from '../../src/serve/graphql/schema.ts';
import { sharedMissing, sharedPath } from '../support/shared.ts';

const COMMITTED = new URL('../../schemas/schema.graphql', import.meta.url);

test('schemas/schema.graphql is what the sources print (else: node src/serve/graphql/print.ts)', () => {
  assert.equal(readFileSync(COMMITTED, 'utf8'), printedSchema());
});

test('the printed schema is valid on its own', () => {
  assert.deepEqual(validateSchema(buildSchema(printedSchema())), []);
});

const CONTRACT = ['..', 'contract.graphql'];

test('nothing of the contract is broken', { skip: sharedMissing(...CONTRACT) }, () => {
  const contract = readFileSync(sharedPath(...CONTRACT), 'utf8');
  const broken = findBreakingChanges(buildSchema(contract), bareSchema()).map(({ description }) => description);
  assert.deepEqual(broken, []);
});

test('each event of the catalogue has its type, every payload field nullable, one type per field name', () => {
  const schema = bareSchema();
  const typeOf = new Map<string, string>();
  for (const name of EVENT_NAMES) {
    const type = schema.getType(`${name}Event`);
    assert.ok(isObjectType(type), name);
    assert.deepEqual(
      type.getInterfaces().map((each) => each.name),
      ['Event'],
    );
    for (const field of Object.keys(CATALOGUE[name].data.properties)) {
      const printed: string = String(type.getFields()[field]?.type);
      assert.ok(!printed.endsWith('!') && printed !== 'undefined', `${name}.${field}: ${printed}`);
      assert.equal(typeOf.get(field) ?? printed, printed, `${name}.${field}`);
      typeOf.set(field, printed);
    }
  }
  const seen = ['reason', 'status', 'outcome', 'nodeId', 'clusterIds', 'term', 'lastSeenAt', 'instances', 'labels'].map(
    (field) => typeOf.get(field),
  );
  assert.deepEqual(seen, ['String', 'String', 'String', 'ID', '[ID!]', 'SafeInt', 'DateTime', 'SafeInt', 'JSON']);
});
