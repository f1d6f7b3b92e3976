/** Taking an event back. Its state is what the ledger says of the event that is named, not the fold of its stream. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { CommandOf } from '../../schemas/commands.ts';
import { blank, type Decision, events, type Occasion, refuse } from './decider.ts';
import { illegalTransition, invalidInput, unknownSubject } from './refusal.ts';

/** The event that is named; null where the ledger has none. */
export interface RetractionState {
  readonly named: {
    readonly source: string;
    readonly id: string;
    readonly type: EventName;
    readonly isRetracted: boolean;
  } | null;
}

export const initialState: RetractionState = { named: null };

export function decide(state: RetractionState, { input }: CommandOf<'retractEvent'>, { now }: Occasion): Decision {
  const { named } = state;
  if (!named) {
    const id = 'key' in input.event ? input.event.key.id : String(input.event.position);
    return refuse(unknownSubject('event', id));
  }
  const fault = blank(input, 'reason');
  if (fault) return refuse(fault);
  if (input.erase) {
    return refuse(invalidInput('/erase', 'is not offered by this version: retract without it', 'ERASURE_UNAVAILABLE'));
  }
  if (named.type === 'EventRetracted')
    return refuse(illegalTransition('A retraction cannot be retracted', 'retraction'));
  if (named.isRetracted) return refuse(illegalTransition('The event was retracted already', 'retracted'));
  const data = { eventSource: named.source, eventId: named.id, reason: input.reason };
  return events({ type: 'EventRetracted', time: now, data });
}
