/** Small projections and histories for the engine's own tests: every fold shows at once which events it took, and in what order. */
import fc from 'fast-check';
import type { Projection } from '../../projections/projection.ts';
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, NewEvent } from '../../schemas/event.ts';
import { type StreamCategory, streamName } from '../../schemas/ids.ts';
import { MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { STORY_START } from '../support/events.ts';
import { foldSet } from '../support/fold.ts';

export interface Journal {
  key: string;
  positions: number[];
  words: Record<string, number>;
}

/** Every event of a cluster in the order in which it was folded. */
export const journal: Projection<Journal> = {
  name: 'journal',
  version: 1,
  categories: ['cluster'],
  types: ['HeartbeatLost', 'HeartbeatRestored', 'NodeJoined'],
  keyed: 'stream',
  initial: (key) => ({ key, positions: [], words: {} }),
  fold(state, event) {
    state.positions.push(event.position);
    const word = (event.data as { nodeId: string }).nodeId;
    state.words[word] = state.positions.length;
    return state;
  },
  tags: (state) => [`last:${state.positions.at(-1) ?? 0}`, state.positions.length % 2 === 0 ? 'even' : 'odd'],
  order: (state) => String(state.positions.length).padStart(6, '0'),
};

/** All streams in one state, with a shortcut for what is displaced. */
export const ranks: Projection<{ places: [number, number][] }> = {
  name: 'ranks',
  version: 1,
  categories: ['cluster', 'incident'],
  types: ['HeartbeatLost', 'NodeJoined', 'IncidentDeclared'],
  keyed: 'whole',
  initial: () => ({ places: [] }),
  fold(state, event) {
    state.places.push([event.effectiveAt, event.position]);
    return state;
  },
  patch(state, event, change) {
    // Refuses some, so that both ways are walked.
    if (event.position % 3 === 0) return false;
    const at = state.places.findIndex(([effectiveAt, position]) => comparePairs([effectiveAt, position], event) >= 0);
    if (change === 'remove') state.places.splice(at, 1);
    else state.places.splice(at < 0 ? state.places.length : at, 0, [event.effectiveAt, event.position]);
    return true;
  },
};

/** All streams in one state, without a shortcut. */
export const chain: Projection<{ last: number; sum: number }> = {
  name: 'chain',
  version: 1,
  categories: ['cluster', 'incident'],
  types: ['HeartbeatLost', 'HeartbeatRestored', 'IncidentDeclared', 'IncidentUpdated'],
  keyed: 'whole',
  initial: () => ({ last: 0, sum: 0 }),
  fold: (state, event) => ({ last: event.position, sum: (state.sum * 31 + event.position) % 1_000_003 }),
};

export const TOYS: readonly Projection<unknown>[] = [journal, ranks, chain] as readonly Projection<unknown>[];
/** By this name a worker thread finds them. */
export const PROJECTIONS = TOYS;

function comparePairs([effectiveAt, position]: [number, number], event: AnyFoldEvent): number {
  return effectiveAt - event.effectiveAt || position - event.position;
}

/** One step of a history, small enough to shrink well. */
export interface Step {
  readonly subject: number;
  readonly kind: 'lost' | 'restored' | 'joined' | 'declared' | 'updated' | 'retract';
  /** Seconds before (or, negative, after) its recording; null: no time was sent. */
  readonly lateBy: number | null;
  /** Seconds between the recording before and this one. */
  readonly pause: number;
  /** Which earlier event a retraction names, as a share of the history so far. */
  readonly of: number;
}

export const arbitraryStep: fc.Arbitrary<Step> = fc.record({
  subject: fc.nat({ max: 2 }),
  kind: fc.constantFrom('lost', 'lost', 'restored', 'joined', 'declared', 'updated', 'retract'),
  lateBy: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 8 }) },
    { weight: 1, arbitrary: fc.integer({ min: 9, max: 1_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -200, max: -1 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  pause: fc.nat({ max: 2 }),
  of: fc.double({ min: 0, max: 0.999, noNaN: true }),
});
export const arbitrarySteps = fc.array(arbitraryStep, { minLength: 1, maxLength: 60 });

/** A ledger that is filled step by step; each step appends one event. */
export interface Telling {
  readonly ledger: Ledger;
  tell(steps: readonly Step[]): Promise<void>;
}

export function startTelling(open: (clock: () => Micros) => Ledger = (clock) => openMemoryLedger({ clock })): Telling {
  let now = STORY_START as number;
  const ledger = open(() => now as Micros);
  const told: { event: NewEvent; category: StreamCategory }[] = [];
  return {
    ledger,
    async tell(steps) {
      for (const step of steps) {
        now += step.pause * MICROS_PER_SECOND;
        const next = eventOf(step, now, told);
        told.push(next);
        const stream = streamName(next.category, next.event.subject);
        const actor = { authType: 'unauthenticated', authId: null };
        await ledger.append([{ stream, expected: 'any', events: [next.event], actor }]);
      }
    },
  };
}

const TYPES = {
  lost: 'HeartbeatLost',
  restored: 'HeartbeatRestored',
  joined: 'NodeJoined',
  declared: 'IncidentDeclared',
  updated: 'IncidentUpdated',
  retract: 'EventRetracted',
} as const satisfies Record<Step['kind'], EventName>;

function eventOf(step: Step, now: number, told: readonly { event: NewEvent; category: StreamCategory }[]) {
  const id = `event-${told.length + 1}`;
  const time = step.lateBy === null ? null : ((now - step.lateBy * MICROS_PER_SECOND) as Micros);
  const envelope = { id, source: '/toys', time, notBefore: null, synthetic: false, extensions: {} };
  const named = told[Math.floor(step.of * told.length)];
  if (step.kind === 'retract' && named !== undefined) {
    const data = { eventSource: named.event.source, eventId: named.event.id, reason: 'a mistake' };
    const event = { ...envelope, type: TYPES.retract, subject: named.event.subject, data } as NewEvent;
    return { event, category: named.category };
  }
  const isIncident = step.kind === 'declared' || step.kind === 'updated';
  const type = step.kind === 'retract' ? 'HeartbeatLost' : TYPES[step.kind];
  const data = isIncident
    ? { title: 'it broke', status: 'investigating', origin: 'manual', updateId: id, message: 'we look' }
    : { nodeId: `node-${step.subject}-${told.length % 3}` };
  const category: StreamCategory = isIncident ? 'incident' : 'cluster';
  return { event: { ...envelope, type, subject: `subject-${step.subject}`, data } as unknown as NewEvent, category };
}

/** All events of a ledger, as folds see them. */
export async function allEvents(ledger: Ledger): Promise<AnyFoldEvent[]> {
  return [...(await ledger.readAll({ limit: 1_000_000 }))] as AnyFoldEvent[];
}

/** What every view must hold: the plain fold of the events at or below a position, and of those that had happened by a time (µs). */
export async function plainViews(
  { ledger }: Telling,
  upTo = Number.POSITIVE_INFINITY,
  happenedAt = Number.POSITIVE_INFINITY,
): Promise<Map<string, string>> {
  const known = (await allEvents(ledger)).filter(({ position }) => position <= upTo);
  return plainViewsOf(known.filter((event) => event.type === 'EventRetracted' || event.effectiveAt <= happenedAt));
}

function plainViewsOf(events: readonly AnyFoldEvent[]): Map<string, string> {
  const views = new Map<string, string>();
  for (const projection of TOYS) {
    const known = new Map(events.map((event) => [JSON.stringify([event.source, event.id]), event]));
    for (const event of events) {
      if (!projection.categories.includes(event.category)) continue;
      const named =
        event.type === 'EventRetracted'
          ? known.get(JSON.stringify([event.data.eventSource, event.data.eventId]))
          : event;
      if (named === undefined || !projection.types.includes(named.type)) continue;
      const key = projection.keyed === 'whole' ? '' : event.subject;
      views.set(`${projection.name} ${key}`, JSON.stringify(foldSet(projection, events, key)));
    }
  }
  return views;
}
