/** Fields of events. */

import { EVENT_NAMES } from '../../../../schemas/catalogue.ts';
import { isClockAhead, type RecordedEvent, TYPE_PREFIX } from '../../../../schemas/event.ts';
import type { Position } from '../../../../schemas/ids.ts';
import type { GraphContext } from '../context.ts';
import { eventPayloadResolvers } from '../event-types.ts';
import type { Resolvers } from '../schema.ts';

type OfEvent = (event: RecordedEvent, args: unknown, context: GraphContext) => unknown;

const FIELDS: Readonly<Record<string, OfEvent>> = {
  type: (event) => `${TYPE_PREFIX}${event.type}`,
  clockAhead: (event) => isClockAhead(event),
  data: (event) => (event.erased ? null : event.data),
  cause: (event, _args, { sources }) => {
    const key = causeOf(event);
    return key && sources.ledger.eventByKey(key);
  },
  retractedBy: async (event, _args, { sources, reader }) => {
    const retraction = await sources.ledger.retractedBy(event.position);
    return retraction !== null && retraction.position <= reader.position ? retraction : null;
  },
};

/** The interface's fields and the payload's, for every event type. */
export function eventResolvers(): Resolvers {
  const payload = eventPayloadResolvers();
  return Object.fromEntries(EVENT_NAMES.map((name) => [`${name}Event`, { ...FIELDS, ...payload[`${name}Event`] }]));
}

export function eventTypeName(event: RecordedEvent): string {
  return `${event.type}Event`;
}

/** A field `event: Event!` of a view that holds the event's position. */
export function eventOfView(view: { readonly eventPosition: Position }, _args: unknown, context: GraphContext) {
  return context.events.at(view.eventPosition);
}

/** The event that an event says it follows from: `causationid`, of `causationsource` or else of its own source. */
function causeOf(event: RecordedEvent): { readonly source: string; readonly id: string } | null {
  if (!event.envelope.includes('"causationid"')) return null;
  const { causationid, causationsource } = JSON.parse(event.envelope) as Readonly<Record<string, unknown>>;
  if (typeof causationid !== 'string') return null;
  return { source: typeof causationsource === 'string' ? causationsource : event.source, id: causationid };
}
