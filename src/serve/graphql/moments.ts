/** Moments as fields take them: which set of events each of them means, and which of them cannot be answered. */
import type { Position } from '../../../schemas/ids.ts';
import { formatTime, type Micros } from '../../../schemas/time.ts';
import { type EventSet, lastPositionAt, positionKnownAt, presentReader, type ViewReader } from '../../project/views.ts';
import { reach, type Sources } from './context.ts';
import { codedError } from './errors.ts';

/** The input `Moment`: exactly one of these, which graphql-js has seen to. */
export interface MomentInput {
  readonly position?: Position;
  readonly knownAt?: Micros;
  readonly happenedAt?: Micros;
  readonly bitemporal?: { readonly happenedAt: Micros; readonly knownAt: Micros };
}

const ADVICE = 'leave `moment` out for the present';

/** The views as of a moment. Throws `MOMENT_IN_FUTURE`, and `NOT_YET` where the views lag behind it. */
export async function readerOf(moment: MomentInput, sources: Sources): Promise<ViewReader> {
  const { views } = sources;
  const set = await momentSet(moment, sources);
  if (set.happenedAt === null && set.position === views.position()) return presentReader(views);
  return views.at(set.position, set.happenedAt);
}

async function momentSet(moment: MomentInput, sources: Sources, advice?: string): Promise<EventSet> {
  const { position, bitemporal } = moment;
  if (position !== undefined) return { position: await positionOf(position, sources, advice), happenedAt: null };
  const happenedAt = bitemporal?.happenedAt ?? moment.happenedAt ?? null;
  const knownAt = bitemporal?.knownAt ?? moment.knownAt ?? null;
  if (happenedAt !== null) await refuseFuture('happenedAt', happenedAt, sources, advice);
  return { position: await knownPosition(knownAt, sources, advice), happenedAt };
}

/**
 * The sets of two moments. Where both are open towards what is still to be learned, both know the same, though the views may
 * have gone on between the two questions.
 */
export async function momentSets(
  [first, second]: readonly [MomentInput, MomentInput],
  sources: Sources,
): Promise<readonly [EventSet, EventSet]> {
  const advice = 'for the present give `position` as `ledger.head` says it';
  const sets = [await momentSet(first, sources, advice), await momentSet(second, sources, advice)] as const;
  const present = sources.views.position();
  const fixed = ({ happenedAt }: MomentInput, set: EventSet): EventSet =>
    happenedAt === undefined ? set : { ...set, position: present };
  return [fixed(first, sets[0]), fixed(second, sets[1])];
}

/** The position that answers about what was known at a time; without one that of the views. Throws `MOMENT_IN_FUTURE`, `NOT_YET`. */
export async function knownPosition(knownAt: Micros | null, sources: Sources, advice?: string): Promise<Position> {
  if (knownAt === null) return sources.views.position();
  await refuseFuture('knownAt', knownAt, sources, advice);
  const position = await positionKnownAt(sources.ledger, knownAt);
  await reach(sources, position);
  return position;
}

async function positionOf(asked: Position, sources: Sources, advice = ADVICE): Promise<Position> {
  const { position: head } = await sources.ledger.head();
  if (asked > head) {
    const message = `position ${asked} lies in the future: the ledger ends at ${head}; ${advice}`;
    throw codedError('MOMENT_IN_FUTURE', message, { head: String(head) });
  }
  await reach(sources, asked);
  return lastPositionAt(sources.ledger, asked);
}

/** 'Now' is the later of the clock and the head's recordedAt. */
export async function presentTime({ ledger, clock }: Pick<Sources, 'ledger' | 'clock'>): Promise<Micros> {
  return Math.max(clock(), (await ledger.head()).recordedAt ?? 0) as Micros;
}

/** `advice` says what to do instead. */
export async function refuseFuture(name: string, at: Micros, sources: Sources, advice = ADVICE): Promise<void> {
  const now = await presentTime(sources);
  if (at <= now) return;
  const message = `${name} ${formatTime(at)} lies in the future: it is ${formatTime(now)}; ${advice}`;
  throw codedError('MOMENT_IN_FUTURE', message, { now: formatTime(now) });
}
