/** Erasing through the door: who may, what is acknowledged, and when. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAccept } from '../../src/accept/create.ts';
import { MusterbookError } from '../../src/errors.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { micros } from '../support/events.ts';
import { ADMIN, callerWith, declaration, leader, NOW, OPERATOR, openDoor, record, retraction, update } from './door.ts';

const erasure = (id: string, eventId: string) => retraction(id, eventId, { erase: true });
const codes = (rejected: readonly { readonly index: number; readonly code: string }[]) =>
  rejected.map(({ index, code }) => [index, code]);

describe('facts that erase', () => {
  test('take the role admin, and erase', async () => {
    const { accept, ledger } = openDoor();
    await accept.facts([leader('a')], OPERATOR);
    for (const caller of [OPERATOR, callerWith('ingest'), callerWith('read')]) {
      assert.deepEqual(codes((await accept.facts([erasure('r', 'a')], caller)).rejected), [[0, 'FORBIDDEN']]);
    }
    const result = await accept.facts([erasure('r', 'a')], callerWith('admin'));
    assert.deepEqual([result.appended, result.rejected], [1, []]);
    assert.equal((await ledger.eventByKey({ source: '/test', id: 'a' }))?.dataText, null);
  });

  test('may name an event of the same batch, or a retraction, which stays', async () => {
    const { accept, ledger } = openDoor();
    const batch = [leader('a'), erasure('r', 'a'), erasure('rr', 'r')];
    assert.equal((await accept.facts(batch, ADMIN)).appended, 3);
    assert.deepEqual(
      (await ledger.readAll({ limit: 9 })).map(({ erased }) => erased),
      [true, false, false],
    );
  });

  test('the erased event again is a duplicate, whatever its content, even where it is no event', async () => {
    const { accept, ledger } = openDoor();
    await accept.facts([leader('a'), erasure('r', 'a')], ADMIN);
    const again = [
      leader('a', 'node-9'),
      record('a', 'HeartbeatLost', 'elsewhere', { nodeId: 'n' }),
      record('a', 'IncidentUpdated', 'nowhere', { message: 'x' }),
      record('a', 'LeaderElected', 'payments', { leaderId: 7 }),
      record('a', 'NoSuchType', 'payments', {}),
    ];
    const result = await accept.facts(again, ADMIN);
    assert.deepEqual([result.appended, result.duplicates, result.rejected], [0, 5, []]);
    assert.equal((await ledger.rejections({ limit: 9 })).total, 0);
  });

  test('an export posted elsewhere: what was erased is left out, with the retraction that erased it', async () => {
    const { accept, ledger } = openDoor();
    const erased = record('a', 'LeaderElected', 'payments', {}, { erased: true, datahash: 'ab', data: undefined });
    const first = await accept.facts([erased, leader('b')], OPERATOR);
    const second = await accept.facts([erasure('r', 'a'), erasure('r2', 'unknown')], ADMIN);
    assert.deepEqual([first.duplicates, second.duplicates], [1, 1]);
    assert.deepEqual(codes(second.rejected), [[1, 'UNKNOWN_EVENT']]);
    assert.equal((await ledger.head()).events, 1);
  });
});

describe('commands that erase', () => {
  const ask = (event: object, more: object = {}) => ({ event, reason: 'a password', erase: true, ...more });

  test('erase what was retracted before, once', async () => {
    const { accept, ledger } = openDoor();
    await accept.facts([declaration('d'), update('u')], OPERATOR);
    const ref = { key: { source: '/test', id: 'u' } };
    const retracted = await accept.commandFrom('retractEvent', { event: ref, reason: 'wrong' }, OPERATOR);
    const erased = await accept.commandFrom('retractEvent', ask(ref, { idempotencyKey: 'k' }), ADMIN);
    assert.ok(retracted.kind === 'done' && erased.kind === 'done');
    assert.equal((await ledger.eventAt(2 as never))?.erased, true);
    assert.deepEqual(await accept.commandFrom('retractEvent', ask(ref, { idempotencyKey: 'k' }), ADMIN), erased);
    const again = await accept.commandFrom('retractEvent', ask(ref), ADMIN);
    assert.ok(again.kind === 'refused' && again.refusal === 'IllegalTransition');
    const ofRetraction = await accept.commandFrom('retractEvent', ask({ position: erased.position }), ADMIN);
    assert.ok(ofRetraction.kind === 'refused' && ofRetraction.refusal === 'IllegalTransition');
  });

  test('are acknowledged only when nothing is left; asked again with their key, they wait again', async () => {
    const ledger = openMemoryLedger({ clock: () => micros(NOW) });
    let isInTheWay = true;
    const waited: number[] = [];
    const accept = createAccept({
      ...{ ledger, clock: () => micros(NOW), newId: () => 'id', source: 'musterbook' },
      forgotten: async (upTo) => {
        waited.push(upTo);
        if (isInTheWay) throw new MusterbookError('ERASURE_INCOMPLETE', 'a reader stands in the way');
      },
    });
    await accept.facts([leader('a')], OPERATOR);
    const input = ask({ position: 1 }, { idempotencyKey: 'k' });
    await assert.rejects(accept.commandFrom('retractEvent', input, ADMIN), { code: 'ERASURE_INCOMPLETE' });
    await assert.rejects(accept.facts([leader('b'), erasure('r', 'b')], ADMIN), (error) => {
      const { code, facts } = error as MusterbookError;
      return code === 'ERASURE_INCOMPLETE' && (facts['partial'] as { appended: number }).appended === 2;
    });
    isInTheWay = false;
    assert.equal((await accept.commandFrom('retractEvent', input, ADMIN)).kind, 'done');
    assert.equal((await accept.facts([leader('b'), erasure('r', 'b')], ADMIN)).duplicates, 2);
    assert.deepEqual(waited, [2, 4, 2, 4]);
  });
});
