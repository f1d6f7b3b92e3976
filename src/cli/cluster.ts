/** `musterbook cluster ls|get`: who leads, who follows, what runs where, what does not run. */
import type { Command } from 'commander';
import { readPages } from './client/pages.ts';
import { drawCluster, notRunning } from './draw-cluster.ts';
import { notFoundFailure } from './failure.ts';
import { askedMoment, atMoment, type ReadingOptions, settingsOf, withClient, withReading } from './options.ts';
import { formatItem, type ItemShape, type ListShape, printAgain, printItem } from './print/format.ts';
import { age, moment, plain } from './print/text.ts';
import type { Runtime } from './runtime.ts';
import { showList } from './show.ts';

interface ClusterRow {
  readonly id: string;
  readonly leader: { readonly id: string } | null;
  readonly leaderSince: string | null;
  readonly term: number | null;
  readonly electing: boolean;
  readonly nodes: readonly { readonly id: string; readonly liveness: string }[];
  readonly jobs: readonly { readonly id: string; readonly state: string }[];
  readonly incidents: readonly { readonly id: string }[];
}

const LIST = /* GraphQL */ `
  query Clusters($after: String, $moment: Moment, $atLeast: Position) {
    clusters(first: 50, after: $after, moment: $moment, atLeast: $atLeast) {
      nodes { id leader { id } leaderSince term electing nodes { id liveness } jobs { id state } incidents(open: true) { id } }
      pageInfo { hasNextPage endCursor }
    }
  }`;

/** What `cluster get` shows, as GraphQL answers it. */
export interface ClusterItem {
  readonly id: string;
  readonly leader: { readonly id: string; readonly name: string | null } | null;
  readonly leaderSince: string | null;
  readonly term: number | null;
  readonly electing: boolean;
  readonly scopes: readonly string[];
  readonly leaders: readonly {
    readonly scope: string | null;
    readonly node: { readonly id: string };
    readonly term: number | null;
    readonly since: string;
    readonly contested: boolean;
    readonly stale: boolean;
  }[];
  readonly nodes: readonly ClusterNode[];
  readonly jobs: readonly ClusterJob[];
  readonly jobGroups: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly wanted: number | null;
    readonly running: number;
  }[];
  readonly anomalies: readonly { id: string; code: string; severity: string; message: string; since: string }[];
  readonly maintenances: readonly { id: string; title: string; state: string; startsAt: string; endsAt: string }[];
  readonly incidents: readonly { id: string; title: string; status: string | null; impact: string | null }[];
  readonly asOf: { readonly position: string; readonly recordedAt: string; readonly occurredAt: string };
  readonly completeness: {
    readonly complete: boolean;
    readonly gaps: readonly { collector: string; from: string | null; to: string | null; reason: string }[];
  };
}
export interface ClusterNode {
  readonly id: string;
  readonly name: string | null;
  readonly address: string | null;
  readonly zone: string | null;
  readonly kind: string | null;
  readonly schedulable: boolean | null;
  readonly role: string;
  readonly liveness: string;
  readonly following: { readonly id: string } | null;
  readonly followingTerm: number | null;
  readonly lastSeenAt: string | null;
  readonly since: string | null;
}
export interface ClusterJob {
  readonly id: string;
  readonly name: string | null;
  readonly critical: boolean;
  readonly group: { readonly id: string } | null;
  readonly state: string;
  readonly node: { readonly id: string } | null;
  readonly assignedTerm: number | null;
  readonly attempts: number;
  readonly since: string;
}

const CLUSTER = /* GraphQL */ `
  id leader { id name } leaderSince term electing scopes
  leaders { scope node { id } term since contested stale }
  nodes { id name address zone kind schedulable role liveness following { id } followingTerm lastSeenAt since }
  jobs { id name critical group { id } state node { id } assignedTerm attempts since }
  jobGroups { id name wanted running }
  anomalies(open: true) { id code severity message since }
  maintenances(open: true) { id title state startsAt endsAt }
  incidents(open: true) { id title status impact }
  asOf { position recordedAt occurredAt }
  completeness { complete gaps { collector from to reason } }`;
const GET = `query Cluster($id: ID!, $moment: Moment) { cluster(id: $id, moment: $moment) { ${CLUSTER} } }`;
const WATCH = `subscription Cluster($id: ID!, $after: Position) { cluster(id: $id, after: $after) { cursor cluster { ${CLUSTER} } } }`;

const LIST_SHAPE: ListShape<ClusterRow> = {
  none: 'no clusters yet',
  name: ({ id }) => `cluster/${plain(id)}`,
  columns: ({ paint, nowMs }) => [
    { title: 'CLUSTER', cell: ({ id }) => paint(plain(id), 'bold') },
    {
      title: 'LEADER',
      cell: ({ leader, electing }) => (leader ? plain(leader.id) : paint(electing ? 'electing' : 'none', 'red')),
    },
    { title: 'TERM', alignRight: true, cell: ({ term }) => plain(term) },
    { title: 'FOR', alignRight: true, cell: ({ leaderSince }) => age(leaderSince, nowMs) },
    { title: 'SINCE', wide: true, cell: ({ leaderSince }) => moment(leaderSince) },
    {
      title: 'NODES ALIVE',
      alignRight: true,
      cell: ({ nodes }) => {
        const there = nodes.filter(({ liveness }) => liveness !== 'LEFT');
        const alive = there.filter(({ liveness }) => liveness === 'ALIVE').length;
        return paint(`${alive}/${there.length}`, alive === there.length ? 'green' : 'yellow');
      },
    },
    {
      title: 'NOT RUNNING',
      alignRight: true,
      cell: ({ jobs }) => {
        const missing = notRunning(jobs).length;
        return paint(`${missing}/${jobs.length}`, missing === 0 ? 'green' : 'red');
      },
    },
    {
      title: 'INCIDENTS',
      alignRight: true,
      cell: ({ incidents }) => (incidents.length > 0 ? paint(String(incidents.length), 'red') : '0'),
    },
  ],
};

const ITEM_SHAPE: ItemShape<ClusterItem> = { draw: drawCluster, name: ({ id }) => `cluster/${plain(id)}` };

export function addCluster(program: Command, runtime: Runtime): void {
  const cluster = program
    .command('cluster')
    .description('clusters: who leads, who follows, what runs where, what does not run');

  withReading(cluster.command('ls'), { watch: true })
    .description('all clusters, a line each')
    .action(async (options: ReadingOptions) => {
      await showList(runtime, options, {
        shape: LIST_SHAPE,
        read: (client, variables) => readPages<ClusterRow>(client, { document: LIST, field: 'clusters', variables }),
      });
    });

  withReading(cluster.command('get <id>'), { watch: true })
    .description('one cluster: what does not run first, then leader, nodes and jobs')
    .action(async (id: string, options: ReadingOptions) => {
      const { output } = options;
      const { variables, seenFrom } = atMoment(askedMoment(options));
      await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
        const { cluster: item } = await client.ask<{ cluster: ClusterItem | null }>(GET, { id, ...variables });
        if (!item) throw notFoundFailure(`cluster ${id}`, '`musterbook cluster ls` lists those there are.');
        if (!options.watch) return printItem(item, output, { ...ITEM_SHAPE, ...seenFrom }, runtime.terminal);
        const subscription = { document: WATCH, field: 'cluster', variables: { id } };
        for await (const change of client.watch<{ cluster: ClusterItem }>(subscription, runtime.signal)) {
          await printAgain(formatItem(change.cluster, output, ITEM_SHAPE, runtime.terminal), output, runtime.terminal);
        }
      });
    });
}
