// Holds A3 of docs/invariants.md.
/** Commands at the door: who may, what the same key gets, and what happens when two come at once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CommandKind } from '../../schemas/commands.ts';
import type { NewEvent } from '../../schemas/event.ts';
import type { Revision } from '../../schemas/ids.ts';
import type { CommandResult } from '../../src/accept/accept.ts';
import { MusterbookError } from '../../src/errors.ts';
import { iso } from '../decide/given.ts';
import { ADMIN, callerWith, NOW, OPERATOR, openDoor, type TestDoor, withAppend } from './door.ts';

function asking({ accept }: TestDoor) {
  return (kind: CommandKind, input: unknown) => accept.commandFrom(kind, input, OPERATOR);
}
function assertDone(result: CommandResult): asserts result is Extract<CommandResult, { kind: 'done' }> {
  assert.equal(result.kind, 'done', JSON.stringify(result));
}
function assertRefused(
  result: CommandResult,
  refusal: string,
): asserts result is Extract<CommandResult, { kind: 'refused' }> {
  assert.equal(result.kind === 'refused' && result.refusal, refusal, JSON.stringify(result));
}
async function dataAt({ ledger }: TestDoor, result: CommandResult): Promise<Record<string, unknown>> {
  assertDone(result);
  return ((await ledger.eventAt(result.position)) as NewEvent | null)?.data as unknown as Record<string, unknown>;
}

const declare = { incidentId: 'outage', title: 'Slow' };

describe('commands', () => {
  test('make one event of the source musterbook, at their time, by whoever asked', async () => {
    const door = openDoor();
    const result = await asking(door)('declareIncident', { ...declare, at: iso(7) });
    assertDone(result);
    assert.deepEqual(result, { kind: 'done', subject: 'outage', position: 1, retracted: null });
    const event = await door.ledger.eventAt(result.position);
    assert.deepEqual(
      [event?.source, event?.id, event?.type, event?.actor],
      ['musterbook', 'id-1', 'IncidentDeclared', 'ada'],
    );
    assert.equal(new Date((event?.occurredAt ?? 0) / 1_000).toISOString(), iso(7));
  });

  test('what the schema refuses is InvalidInput with its path', async () => {
    const result = await asking(openDoor())('declareIncident', { ...declare, clusterIds: ['ok', ' no'] });
    assertRefused(result, 'InvalidInput');
    assert.ok(result.refusal === 'InvalidInput' && result.path === '/clusterIds/1');
    assertRefused(
      await asking(openDoor())('addActionItem', { incidentId: 'x', title: 'x', kind: 'wish' }),
      'InvalidInput',
    );
    assertRefused(
      await asking(openDoor())('declareIncident', { ...declare, title: `x${'y'.repeat(300_000)}` }),
      'InvalidInput',
    );
  });

  test('subjects without an id are named by their event', async () => {
    const door = openDoor();
    const ask = asking(door);
    for (const [kind, input] of [
      ['declareIncident', { title: 'Slow' }],
      ['registerComponent', { name: 'API' }],
      ['scheduleMaintenance', { title: 'Upgrade', startsAt: iso(1), endsAt: iso(2) }],
    ] as const) {
      const result = await ask(kind, input);
      assertDone(result);
      assert.equal((await door.ledger.eventAt(result.position))?.id, result.subject);
    }
  });

  test('take the role operate; erasing takes admin', async () => {
    const { accept } = openDoor();
    await assert.rejects(accept.commandFrom('declareIncident', declare, callerWith('read', 'ingest')), {
      code: 'FORBIDDEN',
    });
    const erasing = { event: { position: 1 }, reason: 'x', erase: true };
    await accept.commandFrom('declareIncident', declare, OPERATOR);
    await assert.rejects(accept.commandFrom('retractEvent', erasing, OPERATOR), { code: 'FORBIDDEN' });
    assertDone(await accept.commandFrom('retractEvent', erasing, ADMIN));
  });

  test('an original that nobody knows is unknown', async () => {
    const ask = asking(openDoor());
    await ask('declareIncident', declare);
    const update = { incidentId: 'outage', message: 'the same', duplicateOf: 'other' };
    assertRefused(await ask('updateIncident', update), 'UnknownSubject');
    await ask('declareIncident', { incidentId: 'other', title: 'x' });
    assertDone(await ask('updateIncident', update));
  });

  test('without a time they come after all that was recorded, even when the clock steps back', async () => {
    const door = openDoor();
    const ask = asking(door);
    const { ledger } = door;
    await ask('declareIncident', declare);
    const behind = openDoor({ ledger, now: NOW - 500, ids: 'late' });
    assertDone(await asking(behind)('resolveIncident', { incidentId: 'outage', message: 'over' }));
    const [first, second] = await ledger.readAll({ limit: 2 });
    assert.ok((second?.effectiveAt ?? 0) >= (first?.effectiveAt ?? 1));
  });
});

describe('the same key again', () => {
  test('answers the first result, whatever else is said', async () => {
    const door = openDoor();
    const ask = asking(door);
    const first = await ask('declareIncident', { title: 'Slow', idempotencyKey: 'k' });
    assertDone(first);
    assert.deepEqual(await ask('declareIncident', { title: 'Slow', idempotencyKey: 'k' }), first);
    assert.deepEqual(await ask('declareIncident', { ...declare, idempotencyKey: 'k' }), first);
    assert.equal((await door.ledger.head()).events, 1);
    const update = { incidentId: first.subject, message: 'a', idempotencyKey: 'u' };
    const second = await ask('updateIncident', update);
    assert.deepEqual(await ask('updateIncident', { ...update, message: 'b' }), second);
    assert.equal((await dataAt(door, second))['message'], 'a');
  });

  test('of another door and another caller answers the same', async () => {
    const door = openDoor();
    const first = await asking(door)('declareIncident', { title: 'Slow', idempotencyKey: 'k' });
    assert.deepEqual(
      await openDoor({ ledger: door.ledger }).accept.commandFrom(
        'declareIncident',
        { title: 'x', idempotencyKey: 'k' },
        ADMIN,
      ),
      first,
    );
  });

  test('for another command is another key', async () => {
    const ask = asking(openDoor());
    assertDone(await ask('declareIncident', { ...declare, idempotencyKey: 'k' }));
    assertDone(await ask('updateIncident', { incidentId: 'outage', message: 'x', idempotencyKey: 'k' }));
  });

  test('ids that are filled in derive from it', async () => {
    const [one, two] = [openDoor(), openDoor()];
    const [first, second] = [
      await asking(one)('declareIncident', { title: 'Slow', idempotencyKey: 'k' }),
      await asking(two)('declareIncident', { title: 'Slow', idempotencyKey: 'k' }),
    ];
    assert.deepEqual(first, second);
    assert.deepEqual((await dataAt(one, first))['updateId'], (await dataAt(two, second))['updateId']);
    assertDone(first);
    assert.match(first.subject, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('a refusal is not remembered', async () => {
    const ask = asking(openDoor());
    const update = { incidentId: 'outage', message: 'x', idempotencyKey: 'k' };
    assertRefused(await ask('updateIncident', update), 'UnknownSubject');
    await ask('declareIncident', declare);
    assertDone(await ask('updateIncident', update));
  });

  test('sent many times at once makes one event and one answer', async () => {
    const door = openDoor();
    await asking(door)('declareIncident', declare);
    const resolve = { incidentId: 'outage', message: 'over', idempotencyKey: 'k' };
    const results = await Promise.all(Array.from({ length: 10 }, () => asking(door)('resolveIncident', resolve)));
    for (const result of results) assert.deepEqual(result, results[0]);
    assert.equal((await door.ledger.head()).events, 2);
  });

  test('of a retraction names what was retracted again', async () => {
    const ask = asking(openDoor());
    await ask('declareIncident', declare);
    const retract = { event: { position: 1 }, reason: 'a test', idempotencyKey: 'k' };
    const first = await ask('retractEvent', retract);
    assert.deepEqual(first, { kind: 'done', subject: 'outage', position: 2, retracted: 1 });
    assert.deepEqual(await ask('retractEvent', retract), first);
    assertRefused(await ask('retractEvent', { ...retract, idempotencyKey: 'other' }), 'IllegalTransition');
  });
});

describe('two at once', () => {
  test('of two resolutions one is done, the other finds it resolved', async () => {
    const door = openDoor();
    await asking(door)('declareIncident', declare);
    const results = await Promise.all(
      ['a', 'b', 'c'].map((message) => asking(door)('resolveIncident', { incidentId: 'outage', message })),
    );
    assert.deepEqual(results.map(({ kind }) => kind).sort(), ['done', 'refused', 'refused']);
    for (const result of results) if (result.kind === 'refused') assert.equal(result.refusal, 'IllegalTransition');
  });

  test('commands that fit each other are all done', async () => {
    const door = openDoor();
    await asking(door)('declareIncident', declare);
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        asking(door)('updateIncident', { incidentId: 'outage', message: `m${index}` }),
      ),
    );
    for (const result of results) assertDone(result);
    assert.equal((await door.ledger.head()).events, 61);
  });

  test('of two doors on one ledger the commands are judged anew and all are done', async () => {
    const here = openDoor();
    const there = openDoor({ ledger: here.ledger, ids: 'there' });
    await asking(here)('declareIncident', declare);
    const update = { incidentId: 'outage', message: 'x' };
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, index) => asking(index % 2 === 0 ? here : there)('updateIncident', update)),
    );
    for (const result of results) assertDone(result);
  });

  test('one that fails holds up nobody after it', async () => {
    const door = openDoor();
    await asking(door)('declareIncident', declare);
    let isFull = true;
    const ledger = withAppend(door.ledger, (requests) => {
      if (!isFull) return door.ledger.append(requests);
      isFull = false;
      return Promise.reject(new MusterbookError('STORAGE_FULL', 'full'));
    });
    const ask = asking(openDoor({ ledger, ids: 'x' }));
    const update = { incidentId: 'outage', message: 'x' };
    const [first, second] = await Promise.allSettled([ask('updateIncident', update), ask('updateIncident', update)]);
    assert.ok(first.status === 'rejected' && second.status === 'fulfilled' && second.value.kind === 'done');
  });

  test('someone who always comes between is a RevisionConflict in the end', async () => {
    const door = openDoor();
    await asking(door)('declareIncident', declare);
    const ledger = withAppend(door.ledger, () => Promise.resolve([{ kind: 'wrong-revision', actual: 5 as Revision }]));
    const result = await asking(openDoor({ ledger }))('updateIncident', { incidentId: 'outage', message: 'x' });
    assertRefused(result, 'RevisionConflict');
    assert.ok(result.refusal === 'RevisionConflict' && result.position === 1);
  });

  test(`the tests' clock stands at ${NOW} s`, () => assert.equal(iso(NOW), '2022-12-14T23:46:40.000Z'));
});
