/** What the demo shows, as GraphQL gives it. */

interface DemoNode {
  readonly id: string;
  readonly liveness: string;
  readonly following: { readonly id: string } | null;
}

export interface DemoJob {
  readonly id: string;
  readonly state: string;
  readonly critical: boolean;
  readonly node: { readonly id: string } | null;
}

export interface DemoCluster {
  readonly leader: { readonly id: string } | null;
  readonly leaderSince: string | null;
  readonly term: number | null;
  readonly nodes: readonly DemoNode[];
  readonly jobs: readonly DemoJob[];
  readonly jobGroups: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly wanted: number | null;
    readonly running: number;
  }[];
  readonly deployments: readonly { readonly description: string | null; readonly finishedAt: string | null }[];
  readonly maintenances: readonly { readonly title: string; readonly state: string }[];
}

interface DemoIncident {
  readonly title: string;
  readonly status: string | null;
  readonly impactOpen: boolean;
  readonly impactStartedAt: string | null;
  readonly impactEndedAt: string | null;
  readonly updates: readonly { readonly status: string | null; readonly message: string | null }[];
  readonly postmortem: string | null;
}

interface DemoComponent {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

export interface DemoAnswer {
  readonly cluster: DemoCluster | null;
  readonly incident: DemoIncident | null;
  readonly components: readonly DemoComponent[];
}

export interface DemoEvent {
  readonly type: string;
  readonly occurredAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const DEMO_QUESTION = /* GraphQL */ `
  query Demo($clusterId: ID!, $incidentId: ID!, $atLeast: Position) {
    cluster(id: $clusterId, atLeast: $atLeast) {
      leader { id } leaderSince term
      nodes { id liveness following { id } }
      jobs { id state critical node { id } }
      jobGroups { id name wanted running }
      deployments(last: 1) { description finishedAt }
      maintenances(open: true) { title state }
    }
    incident(id: $incidentId) {
      title status impactOpen impactStartedAt impactEndedAt postmortem updates { status message }
    }
    components { id name status }
  }`;

export const DEMO_EVENTS = /* GraphQL */ `
  subscription DemoEvents($after: Position) {
    events(after: $after) { cursor event { type subject occurredAt data } }
  }`;

export interface Followers {
  readonly following: number;
  readonly of: number;
}

/** How many of the nodes beside the leader follow it. */
export function followersOf({ leader, nodes }: DemoCluster): Followers {
  const others = nodes.filter(({ id }) => id !== leader?.id);
  return {
    following: others.filter(({ following }) => leader !== null && following?.id === leader.id).length,
    of: others.length,
  };
}

export function runningOf({ jobs }: DemoCluster): number {
  return jobs.filter(({ state }) => state === 'RUNNING').length;
}
