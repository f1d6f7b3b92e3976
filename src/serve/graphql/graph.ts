/** Assembles GraphQL: schema, resolvers, executor, hub, and the context of each execution. */

import type { GraphQLSchema } from 'graphql';
import type { Position } from '../../../schemas/ids.ts';
import type { Caller } from '../../accept/accept.ts';
import type { NewId, Timer } from '../../clock.ts';
import { type MaybePromise, presentReader, type ViewReader } from '../../project/views.ts';
import type { GraphContext, Sources } from './context.ts';
import { createDocuments } from './documents.ts';
import { createMask, type Log } from './errors.ts';
import { createEventCache, createEventLoader } from './event-loader.ts';
import { createExecutor, type Executor } from './executor.ts';
import { createFeed } from './feed.ts';
import { createHub, type Hub } from './hub.ts';
import type { Limits } from './limits.ts';
import { CLUSTER_RESOLVERS } from './resolvers/clusters.ts';
import { COMPARE_QUERIES, COMPARE_RESOLVERS } from './resolvers/compare.ts';
import { eventResolvers, eventTypeName } from './resolvers/events.ts';
import { INCIDENT_RESOLVERS } from './resolvers/incidents.ts';
import { MUTATION_RESOLVERS, OUTCOME_TYPE_NAMES } from './resolvers/mutations.ts';
import { POSTMORTEM_QUERIES, POSTMORTEM_RESOLVERS } from './resolvers/postmortem.ts';
import { QUERY_RESOLVERS } from './resolvers/queries.ts';
import { REPLAY_SUBSCRIPTION } from './resolvers/replay.ts';
import { subscriptionFields } from './resolvers/subscriptions.ts';
import { TIMELINE_QUERY, TIMELINE_RESOLVERS } from './resolvers/timeline.ts';
import { executableSchema } from './schema.ts';

export interface GraphParts extends Sources {
  readonly log: Log;
  readonly newId: NewId;
  readonly limits: Limits;
  /** Paces replays; absent: the system's. */
  readonly timer?: Timer;
  /** Hears of changes that a slow reader was not sent one by one. */
  onSkipped(changes: number): void;
}

export interface Graph {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly hub: Hub;
  readonly views: Sources['views'];
  /** The context of one execution; `at` is what a subscription's payload shows, absent: the present. */
  contextFor(caller: Caller, at?: Position): GraphContext;
}

export function createGraph(parts: GraphParts): Graph {
  const { ledger, views, accept, clock, store, links } = parts;
  const sources: Sources = { ledger, views, accept, clock, store, links };
  const { resolvers, subscribe } = subscriptionFields(createFeed(ledger, views), parts.onSkipped);
  const schema = executableSchema(
    {
      ...eventResolvers(),
      ...CLUSTER_RESOLVERS,
      ...INCIDENT_RESOLVERS,
      ...COMPARE_RESOLVERS,
      ...QUERY_RESOLVERS,
      ...POSTMORTEM_RESOLVERS,
      ...TIMELINE_RESOLVERS,
      Query: { ...QUERY_RESOLVERS['Query'], ...POSTMORTEM_QUERIES, ...COMPARE_QUERIES, ...TIMELINE_QUERY },
      ...MUTATION_RESOLVERS,
      ...resolvers,
    },
    { Event: eventTypeName, ...OUTCOME_TYPE_NAMES },
    { ...subscribe, ...REPLAY_SUBSCRIPTION },
  );
  const documents = createDocuments(schema, parts.limits);
  const executor = createExecutor({ schema, documents, mask: createMask(parts.log, parts.newId) });
  const cache = createEventCache();
  const hub = createHub(parts.timer);
  views.onPublish(({ erased }) => {
    if (!erased) return;
    cache.forget();
    hub.forget();
  });
  const restoredUpTo = restored(sources);
  return {
    schema,
    executor,
    hub,
    views,
    contextFor: (caller, at): GraphContext => ({
      sources,
      caller,
      reader: readerAt(sources, at),
      events: createEventLoader(ledger, cache),
      restoredUpTo,
      volatile: false,
    }),
  };
}

function readerAt({ views }: Sources, at: Position | undefined): ViewReader {
  return at === undefined ? presentReader(views) : views.at(at);
}

/** `Head.restoredUpTo`, asked for once for each position of the views. */
function restored({ ledger, views }: Sources): () => MaybePromise<Position | null> {
  let at: Position | null = null;
  let known: MaybePromise<Position | null> = null;
  return () => {
    if (at === views.position()) return known;
    const position = views.position();
    const asking = ledger.head().then((head) => {
      if (at === position) known = head.restoredUpTo;
      return head.restoredUpTo;
    });
    at = position;
    known = asking;
    return asking;
  };
}
