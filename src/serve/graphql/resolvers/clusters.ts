/** Fields of clusters and what is in them. Fields without a resolver here are properties of the views. */
import {
  type AnomalyView,
  andThen,
  anomaliesOf,
  type ClusterView,
  componentsAt,
  componentView,
  deploymentsOf,
  electingOf,
  elections,
  electionsOf,
  type JobStateName,
  type JobView,
  jobsOf,
  leaderOf,
  leaderSinceOf,
  listIncidents,
  listMaintenances,
  nodeOf,
  termOf,
} from '../../../project/views.ts';
import type { GraphContext } from '../context.ts';
import { PAGE_MAX } from '../limits.ts';
import type { Resolvers } from '../schema.ts';
import { asOf } from './as-of.ts';
import { readerOfJob } from './compare.ts';
import { eventOfView } from './events.ts';

interface OfScope {
  readonly scope?: string | null;
}
interface Last extends OfScope {
  readonly last?: number | null;
}
interface Open {
  readonly open?: boolean | null;
}

const LAST_DEFAULT = 20;

export const CLUSTER_RESOLVERS: Resolvers = {
  Cluster: {
    leader: (view: ClusterView, { scope }: OfScope) => leaderOf(view, scope),
    leaderSince: (view: ClusterView, { scope }: OfScope) => leaderSinceOf(view, scope),
    term: (view: ClusterView, { scope }: OfScope) => termOf(view, scope),
    electing: (view: ClusterView, { scope }: OfScope) => electingOf(view, scope),
    node: (view: ClusterView, { id }: { readonly id: string }) => nodeOf(view, id),
    jobs: (view: ClusterView, { states }: { readonly states?: readonly JobStateName[] | null }) => jobsOf(view, states),
    elections: (view: ClusterView, { scope, last }: Last, { reader }: GraphContext) =>
      andThen(reader.get(elections, view.id), (found) =>
        found === null ? [] : electionsOf(found.state, view, { scope, last: bounded(last) }),
      ),
    anomalies: (view: ClusterView, { open }: Open) => anomaliesOf(view, open),
    deployments: (view: ClusterView, { last }: Last) => deploymentsOf(view, bounded(last)),
    maintenances: (view: ClusterView, { open }: Open, { reader }: GraphContext) =>
      andThen(listMaintenances(reader, ofCluster(view, open)), (listed) =>
        listed
          .map((entry) => entry.view)
          .filter(({ state }) => isWanted(open, state === 'scheduled' || state === 'in_progress')),
      ),
    incidents: (view: ClusterView, { open }: Open, { reader }: GraphContext) =>
      andThen(listIncidents(reader, ofCluster(view, open)), (listed) =>
        listed.map((entry) => entry.view).filter(({ status }) => isWanted(open, status !== 'resolved')),
      ),
    asOf: (view: ClusterView, _args: unknown, context: GraphContext) => asOf(view.latestEffectiveAt, context),
  },
  LeaderClaim: { event: eventOfView },
  Election: { event: eventOfView },
  JobCopy: { event: eventOfView },
  StrayReport: { event: eventOfView },
  Gap: { event: eventOfView },
  Job: {
    component: (job: JobView, _args: unknown, context: GraphContext) => {
      const { componentId } = job;
      if (componentId === null) return null;
      return andThen(componentsAt(readerOfJob(job, context)), ({ state, open }) =>
        componentView(state, componentId, open),
      );
    },
  },
  Anomaly: {
    evidence: async ({ evidenceRefs }: AnomalyView, _args: unknown, { sources }: GraphContext) => {
      const found = await Promise.all(evidenceRefs.map(({ source, id }) => sources.ledger.eventByKey({ source, id })));
      return found.filter((event) => event !== null);
    },
  },
};

function ofCluster({ id }: ClusterView, open: boolean | null | undefined) {
  return { allTags: open === true ? [`cluster:${id}`, 'open'] : [`cluster:${id}`], limit: PAGE_MAX, descending: true };
}

function isWanted(open: boolean | null | undefined, isOpen: boolean): boolean {
  return typeof open !== 'boolean' || open === isOpen;
}

function bounded(last: number | null | undefined): number {
  return Math.min(Math.max(last ?? LAST_DEFAULT, 0), PAGE_MAX);
}
