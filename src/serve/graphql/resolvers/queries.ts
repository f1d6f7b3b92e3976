/** The root fields of queries. */

import type { Position } from '../../../../schemas/ids.ts';
import type { IncidentStatus } from '../../../../schemas/words.ts';
import {
  andThen,
  cluster,
  clusterAt,
  componentsAt,
  componentViews,
  incidentAt,
  type Listed,
  type ListQuery,
  listClusters,
  listIncidents,
  listMaintenances,
  type MaintenanceStateName,
  type MaybePromise,
  presentReader,
  statusPageAt,
} from '../../../project/views.ts';
import { type GraphContext, reach } from '../context.ts';
import { codedError } from '../errors.ts';
import { type EventFilter, readEventPage } from '../event-pages.ts';
import { type MomentInput, readerOf } from '../moments.ts';
import { connection, pageSize } from '../pages.ts';
import { readPosition } from '../scalars.ts';
import type { Resolver, Resolvers } from '../schema.ts';
import { ledgerState } from './ledger.ts';

interface AtLeast {
  readonly atLeast?: Position | null;
}
interface OfSubject extends AtLeast {
  readonly id: string;
  readonly moment?: MomentInput | null;
}
interface Forward extends AtLeast {
  readonly moment?: MomentInput | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

export const QUERY_RESOLVERS: Resolvers = {
  Query: {
    ledger: settled((_args, context) => {
      context.volatile = true;
      return ledgerState(context.sources);
    }),
    clusters: settled((args: Forward, { reader }) => page(args, {}, (query) => listClusters(reader, query))),
    cluster: settled(({ id }: OfSubject, { reader }) => clusterAt(reader, id)),
    clusterSnapshot: settled(({ id }: OfSubject, { reader }) =>
      andThen(reader.get(cluster, id), (view) =>
        view === null
          ? null
          : { projection: cluster.name, version: cluster.version, position: reader.position, state: view.state },
      ),
    ),
    incidents: settled((args: Forward & IncidentsAsked, { reader }) => {
      const anyTag = args.status?.map((status) => `status:${status}`);
      const allTags = args.clusterId ? ['exists', `cluster:${args.clusterId}`] : ['exists'];
      const query = { allTags, descending: true, ...(anyTag && { anyTag }) };
      return page(args, query, (asked) => listIncidents(reader, asked));
    }),
    incident: settled(({ id }: OfSubject, { reader }) => incidentAt(reader, id)),
    components: settled((_args: OfSubject, { reader }) =>
      andThen(componentsAt(reader), ({ state, open }) => componentViews(state, open)),
    ),
    statusPage: settled((_args: OfSubject, { reader }) => statusPageAt(reader)),
    maintenances: settled((args: Forward & { readonly state?: readonly MaintenanceStateName[] | null }, { reader }) => {
      const anyTag = args.state?.map((state) => `state:${state}`);
      const query = { allTags: ['exists'], descending: true, ...(anyTag && { anyTag }) };
      return page(args, query, (asked) => listMaintenances(reader, asked));
    }),
    events: settled(eventPage),
    event: settled(({ ref }: AtLeast & { readonly ref: EventRef }, context) => {
      context.volatile = true;
      const { ledger } = context.sources;
      return ref.key ? ledger.eventByKey(ref.key) : ledger.eventAt(ref.position ?? (0 as Position));
    }),
    rejections: settled(rejectionPage),
  },
};

interface IncidentsAsked {
  readonly status?: readonly IncidentStatus[] | null;
  readonly clusterId?: string | null;
}

interface EventRef {
  readonly position?: Position;
  readonly key?: { readonly source: string; readonly id: string };
}

/** Does what all root fields do first: waits for the views where `atLeast` asks for it, and goes to the moment asked for. */
export function settled<Args extends AtLeast & { readonly moment?: MomentInput | null }>(
  answer: (args: Args, context: GraphContext) => unknown,
): Resolver {
  return (_root: unknown, args: Args, context: GraphContext) => {
    const { atLeast, moment } = args;
    const isThere = typeof atLeast !== 'number' || context.reader.position >= atLeast;
    if (isThere && !moment) return answer(args, context);
    return settle(args, context, isThere).then(() => answer(args, context));
  };
}

async function settle(
  { atLeast, moment }: AtLeast & { readonly moment?: MomentInput | null },
  context: GraphContext,
  isThere: boolean,
): Promise<void> {
  if (!isThere && typeof atLeast === 'number') await reach(context.sources, atLeast);
  context.reader = await (moment ? readerOf(moment, context.sources) : presentReader(context.sources.views));
}

function page<View>(
  { first, after }: Forward,
  query: Omit<ListQuery, 'limit' | 'after'>,
  list: (query: ListQuery) => MaybePromise<readonly Listed<View>[]>,
) {
  const size = pageSize(first);
  const from = after ? { after } : {};
  return andThen(list({ ...query, ...from, limit: size + 1 }), (listed) => {
    const edges = listed.slice(0, size).map(({ cursor, view }) => ({ cursor, node: view }));
    return connection(edges, { next: listed.length > size, previous: Boolean(after) });
  });
}

interface EventsAsked extends Forward {
  readonly filter?: EventFilter | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

async function eventPage(args: EventsAsked, context: GraphContext) {
  context.volatile = true;
  const backwards = args.last !== null && args.last !== undefined;
  if (backwards && args.first !== null && args.first !== undefined) {
    throw codedError('BAD_VALUE', 'give either first or last, not both');
  }
  const limit = pageSize(backwards ? args.last : args.first);
  const after = cursorOf(args.after, 0);
  const { position, happenedAt } = context.reader;
  const end = args.moment ? position + 1 : Number.MAX_SAFE_INTEGER;
  const before = Math.min(cursorOf(args.before, end), end) as Position;
  const asked = { filter: args.filter ?? {}, happenedAt, after, before, limit, backwards };
  const { events, hasMore, reached } = await readEventPage(context.sources.ledger, asked);
  const edges = events.map((event) => ({ cursor: String(event.position), node: event }));
  const found = connection(
    edges,
    backwards
      ? { previous: hasMore, next: args.before !== null && args.before !== undefined }
      : { next: hasMore, previous: after > 0 },
  );
  // A page that examined all it may and found little goes on from where it looked last.
  const cursor = reached === null || !hasMore ? null : String(reached);
  const pageInfo =
    cursor === null
      ? found.pageInfo
      : { ...found.pageInfo, ...(backwards ? { startCursor: cursor } : { endCursor: cursor }) };
  return { ...found, pageInfo };
}

function cursorOf(text: string | null | undefined, absent: number): Position {
  if (text === null || text === undefined) return absent as Position;
  const position = readPosition(text);
  if (position === null)
    throw codedError('BAD_CURSOR', `${JSON.stringify(text.slice(0, 64))} is no cursor of an event`);
  return position;
}

async function rejectionPage({ first, after }: Forward, context: GraphContext) {
  context.volatile = true;
  const size = pageSize(first);
  const before = after ? { before: cursorOf(after, 0) } : {};
  const { rejections, total, dropped } = await context.sources.ledger.rejections({ ...before, limit: size + 1 });
  const edges = rejections
    .slice(0, size)
    .map((rejection) => ({ cursor: String(rejection.seq), node: { ...rejection, id: String(rejection.seq) } }));
  return { ...connection(edges, { next: rejections.length > size, previous: Boolean(after) }), total, dropped };
}
