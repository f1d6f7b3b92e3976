/** What the overview asks: every cluster as it is, then each again whenever it changes. */

const CLUSTER = `
  id
  leader { id name }
  term
  electing
  scopes
  leaders { scope node { id } contested stale }
  elections(last: 1) { startedAt }
  nodes { role liveness kind following { role } }
  jobs(states: [SUBMITTED, ASSIGNED, FAILED, UNASSIGNED, ORPHANED]) { state critical }
  jobGroups { wanted running }
  incidents(open: true) { id title impact }
  anomalies(open: true) { severity }
  maintenances(open: true) { state }
  completeness { complete }
  asOf { occurredAt }
`;

export const CLUSTERS = `subscription Clusters($after: Position) {
  clusters(after: $after) { cursor cluster { ${CLUSTER} } }
}`;

/** Whether there is anything to wait for. */
export const ANY_CLUSTER = '{ clusters(first: 1) { nodes { id } } ledger { head } }';

export interface AnyCluster {
  readonly clusters: { readonly nodes: readonly { readonly id: string }[] };
  readonly ledger: { readonly head: string };
}

export interface ClusterChange {
  readonly cursor: string;
  readonly cluster: OverviewCluster;
}

export interface OverviewCluster {
  readonly id: string;
  readonly leader: { readonly id: string; readonly name: string | null } | null;
  readonly term: number | null;
  readonly electing: boolean;
  /** Named scopes; a cluster that is led as a whole has none. */
  readonly scopes: readonly string[];
  readonly leaders: readonly {
    readonly scope: string | null;
    readonly node: { readonly id: string };
    readonly contested: boolean;
    readonly stale: boolean;
  }[];
  readonly elections: readonly { readonly startedAt: string }[];
  readonly nodes: readonly {
    readonly role: string;
    readonly liveness: string;
    readonly kind: string | null;
    readonly following: { readonly role: string } | null;
  }[];
  readonly jobs: readonly { readonly state: string; readonly critical: boolean }[];
  readonly jobGroups: readonly { readonly wanted: number | null; readonly running: number }[];
  readonly incidents: readonly { readonly id: string; readonly title: string; readonly impact: string | null }[];
  readonly anomalies: readonly { readonly severity: string }[];
  readonly maintenances: readonly { readonly state: string }[];
  readonly completeness: { readonly complete: boolean };
  readonly asOf: { readonly occurredAt: string } | null;
}
