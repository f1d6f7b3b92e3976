import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Position, START } from '../../schemas/ids.ts';
import type { Head } from '../../src/ledger/port.ts';
import type { Building } from '../../src/project/views.ts';
import { buildingOf } from '../../src/serve/building.ts';

const at = (position: number) => position as Position;

function asked(views: { position: number; told: Building | null }, head: number): Promise<Building | null> {
  return buildingOf({
    views: { position: () => at(views.position), building: () => views.told },
    ledger: { head: async () => ({ position: at(head) }) as Head },
  });
}

test('views are being built where they stand at the beginning of a record that holds something', async () => {
  const told = { position: at(3), of: at(10) };
  assert.equal(await asked({ position: START, told: null }, START), null, 'an empty record');
  assert.deepEqual(await asked({ position: START, told }, 10), told);
  assert.deepEqual(
    await asked({ position: START, told: null }, 10),
    { position: START, of: at(10) },
    'without threads',
  );
  assert.equal(await asked({ position: 9, told: null }, 10), null, 'behind, but they answer');
});
