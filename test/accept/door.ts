/** A door on a memory ledger, with a clock that stands and ids that count. */
import type { Accept, Caller, IncomingRecord, Role } from '../../src/accept/accept.ts';
import { createAccept } from '../../src/accept/create.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { micros } from '../support/events.ts';

/** Seconds after the story's start at which these tests take place. */
export const NOW = 100_000;

export interface TestDoor {
  readonly ledger: Ledger;
  readonly accept: Accept;
}

export interface DoorOptions {
  readonly ledger?: Ledger;
  /** The clock of commands, in seconds after the story's start. */
  readonly now?: number;
  /** What ids begin with. */
  readonly ids?: string;
}

export function openDoor(options: DoorOptions = {}): TestDoor {
  const { ledger = openMemoryLedger({ clock: () => micros(NOW) }), now = NOW, ids = 'id' } = options;
  let count = 0;
  const newId = () => {
    count += 1;
    return `${ids}-${count}`;
  };
  return { ledger, accept: createAccept({ ledger, clock: () => micros(now), newId, source: 'musterbook' }) };
}

/** A ledger that appends in another way and is the given one in everything else. */
export function withAppend(ledger: Ledger, append: Ledger['append']): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      if (name === 'append') return append;
      const member = Reflect.get(target, name, target) as unknown;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

export function callerWith(...roles: readonly Role[]): Caller {
  return { name: 'ada', authType: 'service_account', roles: new Set(roles), door: 'graphql' };
}
export const OPERATOR = callerWith('read', 'ingest', 'operate');
export const ADMIN = callerWith('read', 'ingest', 'operate', 'admin');

/** A record as text. */
export function record(
  id: string,
  type: string,
  subject: string,
  data: object,
  more: object = {},
): IncomingRecord & { readonly text: string } {
  const envelope = { specversion: '1.0', id, source: '/test', type, subject, time: '2022-12-13T20:14:00Z' };
  return { text: JSON.stringify({ ...envelope, data, ...more }) };
}

export const leader = (id: string, leaderId = 'node-1', more: object = {}) =>
  record(id, 'LeaderElected', 'payments', { leaderId }, more);
export const declaration = (id: string, subject = 'outage') =>
  record(id, 'IncidentDeclared', subject, { title: 'Slow', status: 'investigating', origin: 'import' });
export const update = (id: string, subject = 'outage') =>
  record(id, 'IncidentUpdated', subject, { message: 'Still slow' });
export const retraction = (id: string, eventId: string, more: object = {}) =>
  record(id, 'EventRetracted', 'payments', { eventSource: '/test', eventId, reason: 'wrong', ...more });
