/** Taking an event back. Its state is what the ledger says of the event that is named, not the fold of its stream. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { CommandOf } from '../../schemas/commands.ts';
import { blank, type Decision, events, type Occasion, refuse } from './decider.ts';
import { illegalTransition, unknownSubject } from './refusal.ts';

/** The event that is named; null where the ledger has none. */
export interface RetractionState {
  readonly named: {
    readonly source: string;
    readonly id: string;
    readonly type: EventName;
    readonly isRetracted: boolean;
    readonly isErased: boolean;
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
  if (named.type === 'EventRetracted')
    return refuse(illegalTransition('A retraction cannot be retracted', 'retraction'));
  if (named.isErased) return refuse(illegalTransition('The event was erased already', 'erased'));
  // What must go may be found after the retraction.
  if (named.isRetracted && !input.erase)
    return refuse(illegalTransition('The event was retracted already', 'retracted'));
  const erase = input.erase ? { erase: true } : {};
  const data = { eventSource: named.source, eventId: named.id, reason: input.reason, ...erase };
  return events({ type: 'EventRetracted', time: now, data });
}
