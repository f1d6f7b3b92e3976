/** Fields of events. */

import { EVENT_NAMES } from '../../../../schemas/catalogue.ts';
import { type FoldEvent, isClockAhead, type RecordedEvent, TYPE_PREFIX } from '../../../../schemas/event.ts';
import type { Position } from '../../../../schemas/ids.ts';
import { andThen, type MaybePromise } from '../../../project/views.ts';
import type { GraphContext } from '../context.ts';
import { eventPayloadResolvers } from '../event-types.ts';
import type { Resolvers } from '../schema.ts';

/** What is given as an `Event`: whole, or as folds read it, without what the ledger keeps beside. */
type ShownEvent = FoldEvent & Partial<RecordedEvent>;
type OfEvent = (event: ShownEvent, args: unknown, context: GraphContext) => unknown;

const FIELDS: Readonly<Record<string, OfEvent>> = {
  type: (event) => `${TYPE_PREFIX}${event.type}`,
  clockAhead: (event) => isClockAhead(event),
  data: (event) => (event.erased ? null : event.data),
  hash: (event, _args, context) => andThen(recorded(event, context), ({ hash }) => hash),
  cause: (event, _args, context) =>
    andThen(recorded(event, context), (whole) => {
      const key = causeOf(whole);
      return key && context.sources.ledger.eventByKey(key);
    }),
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

export function eventTypeName(event: FoldEvent): string {
  return `${event.type}Event`;
}

/** The event with envelope and hash, which are read where somebody asks for them. */
function recorded(event: ShownEvent, { events }: GraphContext): MaybePromise<RecordedEvent> {
  return event.envelope === undefined ? events.at(event.position) : (event as RecordedEvent);
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
