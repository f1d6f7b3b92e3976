/** What the pages of incidents ask. */

const EVENT = 'event { position type }';

export const INCIDENTS = `query Incidents($first: Int, $after: String, $status: [IncidentStatus!], $cluster: ID, $moment: Moment, $atLeast: Position) {
  incidents(first: $first, after: $after, status: $status, clusterId: $cluster, moment: $moment, atLeast: $atLeast) {
    nodes {
      id title status impact severity visibility declaredAt resolvedAt impactStartedAt impactEndedAt impactOpen
      clusters { id }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Anything that may change a list of incidents. */
export const INCIDENTS_CHANGING = `subscription Changing($after: Position, $types: [String!]) {
  events(after: $after, filter: { types: $types }) { cursor }
}`;
export const LISTED_TYPES = [
  'IncidentDeclared',
  'IncidentUpdated',
  'IncidentUpdateAmended',
  'IncidentReopened',
  'EventRetracted',
];

export interface Listed {
  readonly id: string;
  readonly title: string;
  readonly status: string | null;
  readonly impact: string | null;
  readonly severity: string | null;
  readonly visibility: string;
  readonly declaredAt: string;
  readonly resolvedAt: string | null;
  readonly impactStartedAt: string | null;
  readonly impactEndedAt: string | null;
  readonly impactOpen: boolean | null;
  readonly clusters: readonly { readonly id: string }[];
}

export interface ListedPage {
  readonly incidents: {
    readonly nodes: readonly Listed[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const ENTRY = `at notBefore recordedAt kind summary count until clusterId late ${EVENT}`;
const GAP = `collector from to reason ${EVENT}`;

export const INCIDENT = `query Incident($id: ID!, $moment: Moment, $atLeast: Position) {
  incident(id: $id, moment: $moment, atLeast: $atLeast) {
    id title status impact severity visibility declaredAt resolvedAt impactStartedAt impactEndedAt impactOpen origin
    duplicateOf { id title }
    components { component { id name } status }
    clusters { id }
    updates { id status message at recordedAt by visibility amendments { message at reason recordedAt by } event { position data } }
    actionItems { id title kind owner dueAt completedAt }
    responders { responder role notifiedAt acknowledgedAt }
    evidence { clusterId from to note ${EVENT} }
    asOf { position recordedAt }
  }
  postmortem(incidentId: $id, moment: $moment, atLeast: $atLeast) {
    timeline { ${ENTRY} }
    measures { name ms msMax anchors { position type } }
    absentMeasures { name reason }
    contradictions { about kind goesBy statements { at recordedAt summary ${EVENT} } }
    gaps { ${GAP} }
    omissions
  }
}`;

export const INCIDENT_CHANGING = `subscription Incident($id: ID!, $after: Position) {
  incident(id: $id, after: $after) { cursor }
}`;
export const CLUSTER_TELLING = `subscription Telling($id: ID!, $after: Position) {
  events(after: $after, filter: { clusterId: $id }) { cursor }
}`;

export const POSTMORTEM = `query Postmortem($id: ID!, $moment: Moment, $atLeast: Position, $linksTo: String!) {
  postmortem(incidentId: $id, moment: $moment, atLeast: $atLeast) {
    html
    markdown(linksTo: $linksTo)
    asOf { position recordedAt }
  }
}`;

export interface Cited {
  readonly position: string;
  readonly type: string;
}
export interface Entry {
  readonly at: string;
  readonly notBefore: string | null;
  readonly recordedAt: string;
  readonly kind: string;
  readonly summary: string;
  readonly count: number;
  readonly until: string | null;
  readonly clusterId: string | null;
  readonly late: boolean;
  readonly event: Cited;
}
export interface Amendment {
  readonly message: string | null;
  readonly at: string | null;
  readonly reason: string;
  readonly recordedAt: string;
  readonly by: string | null;
}
export interface Update {
  readonly id: string;
  readonly status: string | null;
  readonly message: string | null;
  readonly at: string;
  readonly recordedAt: string;
  readonly by: string | null;
  readonly visibility: string;
  readonly amendments: readonly Amendment[];
  /** As it was posted: what was said first. Erased: null. */
  readonly event: { readonly position: string; readonly data: { readonly message?: string } | null };
}
export interface Incident extends Listed {
  readonly origin: string | null;
  readonly duplicateOf: { readonly id: string; readonly title: string } | null;
  readonly components: readonly {
    readonly component: { readonly id: string; readonly name: string };
    readonly status: string | null;
  }[];
  readonly updates: readonly Update[];
  readonly actionItems: readonly ActionItem[];
  readonly responders: readonly Responder[];
  readonly evidence: readonly Evidence[];
  readonly asOf: { readonly position: string; readonly recordedAt: string };
}
export interface ActionItem {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly owner: string | null;
  readonly dueAt: string | null;
  readonly completedAt: string | null;
}
export interface Responder {
  readonly responder: string;
  readonly role: string | null;
  readonly notifiedAt: string | null;
  readonly acknowledgedAt: string | null;
}
export interface Evidence {
  readonly clusterId: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly note: string | null;
  readonly event: Cited;
}
export interface Measure {
  readonly name: string;
  readonly ms: number;
  readonly msMax: number;
  readonly anchors: readonly Cited[];
}
export interface Contradiction {
  readonly about: string;
  readonly kind: string;
  readonly goesBy: string | null;
  readonly statements: readonly {
    readonly at: string;
    readonly recordedAt: string;
    readonly summary: string;
    readonly event: Cited;
  }[];
}
export interface Story {
  readonly timeline: readonly Entry[];
  readonly measures: readonly Measure[];
  readonly absentMeasures: readonly { readonly name: string; readonly reason: string }[];
  readonly contradictions: readonly Contradiction[];
  readonly gaps: readonly {
    readonly collector: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly reason: string;
    readonly event: Cited;
  }[];
  readonly omissions: readonly string[];
}
export interface IncidentAnswer {
  readonly incident: Incident | null;
  readonly postmortem: Story | null;
}
export interface PostmortemAnswer {
  readonly postmortem: {
    readonly html: string;
    readonly markdown: string;
    readonly asOf: { readonly position: string; readonly recordedAt: string };
  } | null;
}
