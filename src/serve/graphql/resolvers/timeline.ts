/** `timeline`: the history of a cluster as an explorer draws it. */
import type { Position } from '../../../../schemas/ids.ts';
import { formatTime, type Micros } from '../../../../schemas/time.ts';
import { clusterAt, emptyTimeline, presentReader, type TimelineView, timelineAt } from '../../../project/views.ts';
import type { GraphContext } from '../context.ts';
import { codedError } from '../errors.ts';
import { BUCKETS_MAX } from '../limits.ts';
import { knownPosition, presentTime } from '../moments.ts';
import type { Resolver, Resolvers } from '../schema.ts';
import { asOf } from './as-of.ts';
import { settled } from './queries.ts';

interface Asked {
  readonly clusterId: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly buckets: number;
  readonly knownAt?: Micros | null;
  readonly atLeast?: Position | null;
}

/** An answer with more intervals is not kept: it would drive out many small ones. */
const KEPT_INTERVALS_MAX = 2_000;

export const TIMELINE_QUERY: Readonly<Record<string, Resolver>> = { timeline: settled(timeline) };

export const TIMELINE_RESOLVERS: Resolvers = {
  Timeline: {
    asOf: ({ latestEffectiveAt }: TimelineView, _args: unknown, context: GraphContext) =>
      asOf(latestEffectiveAt, context),
    followers({ followers }: TimelineView, _args: unknown, context: GraphContext) {
      // What lies ahead is a number once the time has come, with no event that says so.
      if (followers.at(-1) === null) context.volatile = true;
      return followers;
    },
  },
};

/** Throws `BAD_VALUE`, `FROM_AFTER_TO`, `MOMENT_IN_FUTURE`, `UNKNOWN_CLUSTER`. */
async function timeline(asked: Asked, context: GraphContext): Promise<TimelineView> {
  refuseNonsense(asked);
  const { sources } = context;
  const { views } = sources;
  if (typeof asked.knownAt === 'number') {
    const position = await knownPosition(asked.knownAt, sources);
    context.reader = position === views.position() ? presentReader(views) : views.at(position);
  }
  const now = await presentTime(context.sources);
  const { from } = asked;
  const drawn = await timelineAt(views, context.reader, { ...asked, now });
  if (drawn === null) return nothingKnown(asked, context);
  const intervals = drawn.lanes.reduce((sum, { starts }) => sum + starts.length, drawn.counts.length);
  // What lies ahead is drawn once the time has come, with no event that says so.
  if (from > now || intervals > KEPT_INTERVALS_MAX) context.volatile = true;
  return drawn;
}

/** Nothing was known of a cluster that is known now: no lanes. Of one that is not: an error. */
async function nothingKnown({ clusterId, from, to, buckets }: Asked, context: GraphContext): Promise<TimelineView> {
  const { views } = context.sources;
  if ((await clusterAt(presentReader(views), clusterId)) === null) {
    const message = `no cluster ${JSON.stringify(clusterId.slice(0, 200))} is known: expected the id of one that events name; \`clusters\` lists them`;
    throw codedError('UNKNOWN_CLUSTER', message, { argument: 'clusterId' });
  }
  return emptyTimeline({ from, to, buckets });
}

function refuseNonsense({ from, to, buckets }: Asked): void {
  if (!(buckets >= 1 && buckets <= BUCKETS_MAX)) {
    const message = `buckets ${buckets}: expected a number from 1 to ${BUCKETS_MAX}; as many as the drawing is pixels wide will do`;
    throw codedError('BAD_VALUE', message, { argument: 'buckets' });
  }
  if (from < to) return;
  const message = `from ${formatTime(from)} is not before to ${formatTime(to)}: expected from (inclusive) to lie before to (exclusive); exchange them or widen the range`;
  throw codedError('FROM_AFTER_TO', message, { argument: 'from' });
}
