/** Builds recorded events in one line each, as projections see them. */
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Position, Revision, StreamCategory } from '../../schemas/ids.ts';
import { streamName } from '../../schemas/ids.ts';
import { MICROS_PER_SECOND, type Micros, parseTime } from '../../schemas/time.ts';

/** RFC 3339 text, or seconds after `STORY_START`. */
export type TestTime = string | number;

export interface TellOptions {
  /** When it happened. Default: when it was recorded. */
  readonly at?: TestTime;
  /** True: the source sent no time, so occurredAt is recordedAt. */
  readonly timeUnknown?: boolean;
  /** Default: a second after the event told before, or `at` where that is later. */
  readonly recordedAt?: TestTime;
  readonly source?: string;
  readonly id?: string;
  readonly notBefore?: TestTime;
  readonly actor?: string;
}

/** Tells one event of a stream; the event gets the story's next position and the stream's next revision. */
export type Teller = <N extends EventName>(type: N, data: EventData[N], options?: TellOptions) => FoldEvent<N>;

/** Events told one after the other, their positions rising from 1 as they would be recorded. */
export interface Story {
  readonly events: AnyFoldEvent[];
  stream(category: StreamCategory, subject: string): Teller;
  cluster(subject?: string): Teller;
  collector(subject?: string): Teller;
  incident(subject?: string): Teller;
  component(subject?: string): Teller;
  maintenance(subject?: string): Teller;
  /** Retracts an event told before, in the stream of that event. */
  retract(event: FoldEvent, options?: TellOptions): FoldEvent<'EventRetracted'>;
}

export const STORY_START = parseTime('2022-12-13T20:00:00Z') as Micros;

export function micros(at: TestTime): Micros {
  if (typeof at === 'number') return (STORY_START + Math.round(at * MICROS_PER_SECOND)) as Micros;
  const time = parseTime(at);
  if (typeof time === 'string') throw new Error(`${time}: ${at}`);
  return time;
}

export function createStory(): Story {
  const events: AnyFoldEvent[] = [];
  const revisions = new Map<string, number>();

  function stream(category: StreamCategory, subject: string): Teller {
    return (type, data, options = {}) => {
      const name = streamName(category, subject);
      const position = events.length + 1;
      const revision = revisions.get(name) ?? 0;
      revisions.set(name, revision + 1);
      const recordedAt = recordedTime(events.at(-1)?.recordedAt, options);
      const occurredAt = options.at === undefined ? recordedAt : micros(options.at);
      const event: FoldEvent<typeof type> = {
        position: position as Position,
        stream: name,
        category,
        subject,
        revision: revision as Revision,
        type,
        source: options.source ?? `/test/${category}`,
        id: options.id ?? `event-${position}`,
        occurredAt,
        occurredAtKnown: options.timeUnknown !== true,
        recordedAt,
        effectiveAt: Math.min(occurredAt, recordedAt) as Micros,
        notBefore: options.notBefore === undefined ? null : micros(options.notBefore),
        synthetic: false,
        actor: options.actor ?? null,
        erased: false,
        data,
      };
      events.push(event as AnyFoldEvent);
      return event;
    };
  }

  return {
    events,
    stream,
    cluster: (subject = 'payments') => stream('cluster', subject),
    collector: (subject = 'probe') => stream('collector', subject),
    incident: (subject = 'outage') => stream('incident', subject),
    component: (subject = 'api') => stream('component', subject),
    maintenance: (subject = 'upgrade') => stream('maintenance', subject),
    retract: (event, options) =>
      stream(event.category, event.subject)(
        'EventRetracted',
        { eventSource: event.source, eventId: event.id, reason: 'it was a mistake' },
        options,
      ),
  };
}

function recordedTime(before: Micros | undefined, options: TellOptions): Micros {
  if (options.recordedAt !== undefined) return micros(options.recordedAt);
  const next = before === undefined ? STORY_START : before + MICROS_PER_SECOND;
  return Math.max(next, options.at === undefined ? 0 : micros(options.at)) as Micros;
}
