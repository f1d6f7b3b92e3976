/** Fields of postmortems. */
import type { RecordedEvent } from '../../../../schemas/event.ts';
import type { Position } from '../../../../schemas/ids.ts';
import {
  allOf,
  type Citation,
  type Cite,
  citedPositions,
  type PostmortemRecord,
  postmortemAt,
  postmortemHtml,
  postmortemMarkdown,
} from '../../../project/views.ts';
import type { GraphContext } from '../context.ts';
import { codedError } from '../errors.ts';
import type { MomentInput } from '../moments.ts';
import type { Resolver, Resolvers } from '../schema.ts';
import { asOf } from './as-of.ts';
import { eventOfView } from './events.ts';
import { settled } from './queries.ts';

interface Asked {
  readonly incidentId: string;
  readonly moment?: MomentInput | null;
  readonly atLeast?: Position | null;
}

/** A row of a postmortem, or of an incident's own timeline, which has single events alone. */
interface Entry {
  readonly eventPosition: Position;
  readonly eventPositions?: readonly Position[];
  readonly count?: number;
  readonly until?: number | null;
  readonly clusterId?: string | null;
  readonly late?: boolean;
}

export const TIMELINE_ENTRY_RESOLVERS: Readonly<Record<string, Resolver>> = {
  event: eventOfView,
  events: ({ eventPosition, eventPositions = [eventPosition] }: Entry, _args: unknown, { events }: GraphContext) =>
    allOf(eventPositions.map((position) => events.at(position))),
  count: ({ count = 1 }: Entry) => count,
  until: ({ until = null }: Entry) => until,
  clusterId: ({ clusterId = null }: Entry) => clusterId,
  late: ({ late = false }: Entry) => late,
};

export const POSTMORTEM_QUERIES: Readonly<Record<string, Resolver>> = {
  postmortem: settled(({ incidentId }: Asked, { sources, reader, events }) => {
    const { views, ledger } = sources;
    return postmortemAt({ views, ledger, reader, eventAt: (position) => events.at(position) }, incidentId);
  }),
};

export const POSTMORTEM_RESOLVERS: Resolvers = {
  Postmortem: {
    incident: ({ view }: PostmortemRecord) => view,
    timeline: ({ rows }: PostmortemRecord) => rows,
    before: ({ before }: PostmortemRecord) =>
      [...before.deployments, ...before.maintenances].sort((first, second) => first.at - second.at),
    published: ({ published }: PostmortemRecord) => published?.body ?? null,
    publishedEvent: ({ published }: PostmortemRecord, _args: unknown, { events }: GraphContext) =>
      published && events.at(published.eventPosition),
    absentMeasures: ({ absent }: PostmortemRecord) => absent,
    markdown: (record: PostmortemRecord, { linksTo }: Linked, context: GraphContext) => {
      const base = linksTo == null ? null : linkBase(linksTo);
      const linkOf = (position: Position): string | null => (base === null ? null : `${base}/events/${position}`);
      return print(record, context, (from) => postmortemMarkdown(from, linkOf));
    },
    html: (record: PostmortemRecord, _args: unknown, context: GraphContext) => print(record, context, postmortemHtml),
    asOf: ({ view }: PostmortemRecord, _args: unknown, context: GraphContext) => asOf(view.latestEffectiveAt, context),
  },
  Belief: { event: eventOfView },
  ClusterPicture: {
    nodes: ({ nodes }: PostmortemRecord['pictures'][number]) => countsOf(nodes),
    jobs: ({ jobs }: PostmortemRecord['pictures'][number]) => countsOf(jobs),
  },
};

function countsOf(counts: readonly (readonly [word: string, count: number])[]) {
  return counts.map(([word, count]) => ({ word, count }));
}

interface Linked {
  readonly linksTo?: string | null;
}

/** An address that can stand between the parentheses of a Markdown link, without a slash at its end. */
function linkBase(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw codedError('BAD_VALUE', 'links go to an http or https address without a query', { argument: 'linksTo' });
  }
  return (url.origin + url.pathname)
    .replace(/[()|&]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
    .replace(/\/+$/, '');
}

type Printer = (from: Parameters<typeof postmortemMarkdown>[0]) => string;

async function print(record: PostmortemRecord, { reader, events }: GraphContext, printer: Printer): Promise<string> {
  const found = await allOf(citedPositions(record).map((position) => events.at(position)));
  const citations = new Map(found.map((event) => [event.position, citationOf(event)]));
  const cite: Cite = (position) => {
    const citation = citations.get(position);
    if (citation === undefined) throw new Error(`expected the event at ${position} to be among those cited`);
    return citation;
  };
  const { recordedAt: asOfRecordedAt } = await events.at(reader.position);
  return printer({ record, cite, asOfRecordedAt });
}

function citationOf(event: RecordedEvent): Citation {
  const { position, type, source, id, stream, actor, hash, recordedAt, occurredAtKnown, synthetic } = event;
  return {
    position,
    type,
    source,
    id,
    stream,
    actor,
    hash,
    recordedAt,
    occurredAtKnown,
    synthetic,
  };
}
