/** `topologyDiff`: how a cluster differs between two moments, and why. */
import type { Position } from '../../../../schemas/ids.ts';
import {
  type ComparedSide,
  clusterAt,
  presentReader,
  type TopologyDifference,
  topologyDifference,
  type ViewReader,
} from '../../../project/views.ts';
import type { GraphContext } from '../context.ts';
import { codedError } from '../errors.ts';
import { type MomentInput, momentSets } from '../moments.ts';
import type { Resolver, Resolvers } from '../schema.ts';
import { asOf } from './as-of.ts';
import { settled } from './queries.ts';

interface DiffAsked {
  readonly clusterId: string;
  readonly from: MomentInput;
  readonly to: MomentInput;
  readonly atLeast?: Position | null;
}

const causes: Resolver = (
  { causePositions }: { readonly causePositions: readonly Position[] },
  _args: unknown,
  { events }: GraphContext,
) => causePositions.map((position) => events.at(position));

export const COMPARE_QUERIES: Readonly<Record<string, Resolver>> = { topologyDiff: settled(topologyDiff) };

export const COMPARE_RESOLVERS: Resolvers = {
  TopologyDiff: {
    from: ({ sides }: TopologyDifference) => sides.from,
    to: ({ sides }: TopologyDifference) => sides.to,
  },
  NodeChange: { causes },
  TermChange: { causes },
  ScopeChange: { causes },
  NodeRow: { causes },
  JobChange: { causes },
  ComparedMoment: {
    asOf: ({ cluster, reader }: ComparedSide, _args: unknown, context: GraphContext) =>
      asOf(cluster.latestEffectiveAt, { ...context, reader }),
    completeness: ({ cluster }: ComparedSide) => cluster.completeness,
  },
};

async function topologyDiff({ clusterId, from, to }: DiffAsked, context: GraphContext): Promise<TopologyDifference> {
  const { views, ledger } = context.sources;
  const [first, second] = await momentSets([from, to], context.sources);
  const readers = {
    from: views.at(first.position, first.happenedAt),
    to: views.at(second.position, second.happenedAt),
  };
  const difference = await topologyDifference({ views, ledger }, clusterId, readers);
  const { sides } = difference;
  if (!sides.from.exists && !sides.to.exists && (await clusterAt(presentReader(views), clusterId)) === null) {
    const message = `there is no cluster ${JSON.stringify(clusterId)}, at neither moment nor at present; \`clusters\` lists those there are`;
    throw codedError('UNKNOWN_CLUSTER', message, { clusterId });
  }
  // What is said of the causes, such as that they were retracted, is said from the one of the two that knows more.
  context.reader = first.position > second.position ? readers.from : readers.to;
  for (const side of [sides.from, sides.to]) for (const job of side.cluster.jobs) jobReaders.set(job, side.reader);
  return difference;
}

/** The moment that a job was compared at: two of them are in one answer. */
const jobReaders = new WeakMap<object, ViewReader>();

/** The set of events that a job is answered from. */
export function readerOfJob(job: object, { reader }: GraphContext): ViewReader {
  return jobReaders.get(job) ?? reader;
}
