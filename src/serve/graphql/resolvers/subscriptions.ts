/** The root fields of subscriptions: where each one's payloads come from. What they show is resolved like in queries. */

import type { Position } from '../../../../schemas/ids.ts';
import {
  type ChangeSubject,
  cluster,
  clusterOrEmptyAt,
  incidentAt,
  listedAhead,
  type MaybePromise,
  statusPageAt,
  type ViewReader,
} from '../../../project/views.ts';
import { type GraphContext, reach, SourceStream } from '../context.ts';
import { codedError } from '../errors.ts';
import { type EventFilter, matcherOf } from '../event-pages.ts';
import type { Payload, Source } from '../fan-out.ts';
import type { Feed } from '../feed.ts';
import type { Resolver, Resolvers } from '../schema.ts';

interface After {
  readonly after?: Position | null;
}
interface OfSubject extends After {
  readonly id: string;
}

/** Resolvers of the root fields' payloads, and what each root field subscribes to. */
export interface SubscriptionFields {
  readonly resolvers: Resolvers;
  readonly subscribe: Readonly<Record<string, Resolver>>;
}

export function subscriptionFields(feed: Feed, onSkipped: (changes: number) => void): SubscriptionFields {
  const source = (parts: StateParts, context: GraphContext): Source => stateSource(parts, context, onSkipped);
  const payload = (root: unknown): unknown => root;
  return {
    resolvers: {
      Subscription: { events: payload, cluster: payload, clusters: payload, incident: payload, statusPage: payload },
      ClusterChange: { event: eventOfChange },
      IncidentChange: { event: eventOfChange },
      StatusPageChange: { event: eventOfChange },
    },
    subscribe: {
      events: starting(({ filter }: After & { readonly filter?: EventFilter | null }) =>
        eventSource(filter ?? {}, feed),
      ),
      cluster: starting(({ id }: OfSubject, context) => source(ofCluster(id), context)),
      clusters: starting((_args: After, context) => source(CLUSTERS, context)),
      incident: starting(({ id }: OfSubject, context) => source(ofIncident(id), context)),
      statusPage: starting((_args: After, context) => source(STATUS_PAGE, context)),
    },
  };
}

/** Waits where `after` lies beyond the views, then hands the source to the hub. */
function starting<Args extends After>(sourceOf: (args: Args, context: GraphContext) => MaybePromise<Source>): Resolver {
  return async (_root: unknown, args: Args, context: GraphContext) => {
    const after = args.after ?? null;
    if (after !== null) await reach(context.sources, after);
    return new SourceStream(await sourceOf(args, context), after);
  };
}

function eventOfChange({ eventPosition }: Pick<Shown, 'eventPosition'>, _args: unknown, { events }: GraphContext) {
  return eventPosition === null ? null : events.at(eventPosition);
}

function eventSource(filter: EventFilter, feed: Feed): Source {
  const matches = matcherOf(filter);
  return {
    initial: async () => [],
    async *changes(after, signal) {
      for await (const event of feed(after, signal)) {
        const { position } = event;
        if (matches(event)) yield { cursor: position, root: { cursor: position, event } };
      }
    },
  };
}

/** What a subscription of a state shows, and what changes it. */
interface StateParts {
  /** The field of the payload. */
  readonly field: string;
  readonly changed: ChangeSubject;
  /** Subjects that the first payloads show. */
  subjectsAt(reader: ViewReader): MaybePromise<readonly string[]>;
  /** Null: there is nothing to show (the subject's opening event is retracted). */
  show(reader: ViewReader, subject: string): MaybePromise<unknown>;
}

function stateSource(parts: StateParts, { sources }: GraphContext, onSkipped: (changes: number) => void): Source {
  const { views } = sources;
  const payloads = async (
    subjects: readonly string[],
    change: Shown,
    reader: ViewReader,
  ): Promise<readonly Payload[]> => {
    const shown = await Promise.all(subjects.map((subject) => parts.show(reader, subject)));
    return shown.flatMap((state) =>
      state === null ? [] : [{ cursor: change.cursor, root: { ...change, [parts.field]: state }, reader }],
    );
  };
  return {
    async initial(at) {
      const reader = listedAhead(views.at(at));
      return payloads(await parts.subjectsAt(reader), { cursor: at, eventPosition: null, skipped: 0 }, reader);
    },
    async *changes(after, signal) {
      for await (const { position, eventPosition, skipped, keys } of views.changes(parts.changed, after, signal)) {
        if (skipped > 0) onSkipped(skipped);
        yield* await payloads(keys, { cursor: position, eventPosition, skipped }, views.at(position));
      }
    },
  };
}

/** A payload beside the state that it shows. */
interface Shown {
  readonly cursor: Position;
  /** The event that brought the change; null in the first payload. */
  readonly eventPosition: Position | null;
  readonly skipped: number;
}

function ofCluster(id: string): StateParts {
  return { field: 'cluster', changed: { kind: 'cluster', id }, subjectsAt: () => [id], show: clusterOrEmptyAt };
}

const CLUSTERS: StateParts = {
  field: 'cluster',
  changed: { kind: 'clusters' },
  subjectsAt: allClusters,
  show: clusterOrEmptyAt,
};

function ofIncident(id: string): StateParts {
  return { field: 'incident', changed: { kind: 'incident', id }, subjectsAt: () => [id], show: incidentAt };
}

const STATUS_PAGE: StateParts = {
  field: 'statusPage',
  changed: { kind: 'statusPage' },
  subjectsAt: () => [''],
  show: statusPageAt,
};

const LIST_PAGE = 200;
const CLUSTERS_MAX = 10_000;

async function allClusters(reader: ViewReader): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(cluster, {
      allTags: ['exists'],
      limit: LIST_PAGE,
      ...(after !== undefined && { after }),
    });
    ids.push(...page.map(({ key }) => key));
    if (ids.length > CLUSTERS_MAX) throw codedError('TOO_MANY_CLUSTERS', 'subscribe to clusters one by one');
    after = page.length < LIST_PAGE ? undefined : page.at(-1)?.cursor;
  } while (after !== undefined);
  return ids;
}
