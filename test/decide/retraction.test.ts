/** Which events may be taken back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../../schemas/ids.ts';
import { decide, initialState } from '../../src/decide/retraction.ts';
import { micros } from '../support/events.ts';

const occasion = { now: micros(100), eventId: 'new-event' };
const named = { source: '/probe', id: 'e-1', type: 'LeaderElected', isRetracted: false, isErased: false } as const;
const command = {
  kind: 'retractEvent',
  input: { event: { position: 7 as Position }, reason: 'a wrong clock' },
} as const;

test('a known event is taken back by its source and id', () => {
  assert.deepEqual(decide({ named }, command, occasion), {
    kind: 'events',
    events: [
      {
        type: 'EventRetracted',
        time: occasion.now,
        data: { eventSource: '/probe', eventId: 'e-1', reason: 'a wrong clock' },
      },
    ],
  });
});

test('an unknown event is unknown, by position or by key', () => {
  const byPosition = decide(initialState, command, occasion);
  assert.ok(byPosition.kind === 'refused' && byPosition.refusal.refusal === 'UnknownSubject');
  assert.equal(byPosition.refusal.id, '7');
  const input = { ...command.input, event: { key: { source: '/probe', id: 'e-9' } } };
  const byKey = decide(initialState, { ...command, input }, occasion);
  assert.ok(byKey.kind === 'refused' && byKey.refusal.refusal === 'UnknownSubject');
  assert.equal(byKey.refusal.id, 'e-9');
  assert.equal(byKey.refusal.code, 'UNKNOWN_EVENT');
});

test('what was taken back already, and a retraction, are not taken back', () => {
  for (const state of [{ ...named, isRetracted: true }, { ...named, type: 'EventRetracted' } as const]) {
    const decision = decide({ named: state }, command, occasion);
    assert.ok(decision.kind === 'refused' && decision.refusal.refusal === 'IllegalTransition');
  }
});

test('what is erased may have been retracted before, but not erased', () => {
  const erasing = { ...command, input: { ...command.input, erase: true } };
  for (const state of [named, { ...named, isRetracted: true }]) {
    const decision = decide({ named: state }, erasing, occasion);
    assert.ok(decision.kind === 'events');
    assert.deepEqual(decision.events[0]?.data, {
      eventSource: '/probe',
      eventId: 'e-1',
      reason: 'a wrong clock',
      erase: true,
    });
  }
  const states = [
    { ...named, isRetracted: true, isErased: true },
    { ...named, isErased: true },
    { ...named, type: 'EventRetracted' } as const,
  ];
  for (const state of states) {
    const decision = decide({ named: state }, erasing, occasion);
    assert.ok(decision.kind === 'refused' && decision.refusal.refusal === 'IllegalTransition');
  }
});

test('a blank reason is refused', () => {
  const blank = decide({ named }, { ...command, input: { ...command.input, reason: ' ' } }, occasion);
  assert.ok(blank.kind === 'refused' && blank.refusal.refusal === 'InvalidInput');
  assert.equal(blank.refusal.path, '/reason');
});
