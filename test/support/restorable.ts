/** Events of a generated history, as a ledger would have been given them. */
import type { AnyFoldEvent, NewEvent } from '../../schemas/event.ts';
import type { RestoreEvent } from '../../src/ledger/port.ts';

export function restorable(event: AnyFoldEvent): RestoreEvent {
  const { id, source, type, subject, notBefore, synthetic, data } = event;
  const time = event.occurredAtKnown ? event.occurredAt : null;
  const restored = { id, source, type, subject, time, notBefore, synthetic, extensions: {}, data };
  return {
    event: restored as unknown as NewEvent,
    stream: event.stream,
    actor: { authType: 'unauthenticated', authId: null },
    recordedAt: event.recordedAt,
    salt: null,
    erasedDataHash: null,
  };
}
