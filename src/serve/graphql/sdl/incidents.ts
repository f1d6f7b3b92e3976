/** Incidents, components, maintenances, the status page. */
export const INCIDENTS = /* GraphQL */ `
type Incident {
  id: ID!
  title: String!
  status: IncidentStatus
  impact: Impact
  severity: String
  visibility: Visibility!
  "When the impact began and ended, as stated by then; impactOpen at the moment asked for."
  impactStartedAt: DateTime
  impactEndedAt: DateTime
  impactOpen: Boolean
  declaredAt: DateTime!
  resolvedAt: DateTime
  origin: String
  duplicateOf: Incident
  components: [IncidentComponent!]!
  clusters: [Cluster!]!
  updates: [IncidentUpdate!]!
  timeline: [TimelineEntry!]!
  actionItems: [ActionItem!]!
  responders: [Responder!]!
  measures: [Measure!]!
  "Stretches of cluster history that were linked to it."
  evidence: [Evidence!]!
  "The published body, Markdown."
  postmortem: String
  asOf: AsOf!
  completeness: Completeness!
}
"A stretch [from, to) of a cluster's history; null: without that end."
type Evidence { clusterId: ID! cluster: Cluster from: DateTime to: DateTime note: String event: Event! }
type IncidentComponent { component: Component! status: ComponentStatus }
type IncidentUpdate {
  id: ID!
  status: IncidentStatus
  message: String
  at: DateTime!
  recordedAt: DateTime!
  by: String
  visibility: Visibility!
  amendments: [Amendment!]!
  event: Event!
}
type Amendment { message: String at: DateTime reason: String! recordedAt: DateTime! by: String }
type TimelineEntry {
  at: DateTime!
  notBefore: DateTime
  recordedAt: DateTime!
  kind: String!
  summary: String!
  event: Event!
}
type ActionItem {
  id: ID!
  title: String!
  kind: String!
  owner: String
  dueAt: DateTime
  completedAt: DateTime
}
type Responder { responder: String! role: String notifiedAt: DateTime acknowledgedAt: DateTime }
"ms is a range when an anchor is known only as an interval: [ms, msMax]."
type Measure { name: String! anchors: [Event!]! ms: SafeInt! msMax: SafeInt! minutes: Float! }
type IncidentEdge { cursor: String! node: Incident! }
type IncidentConnection { edges: [IncidentEdge!]! nodes: [Incident!]! pageInfo: PageInfo! }
type Component {
  id: ID!
  name: String!
  group: String
  description: String
  status: ComponentStatus!
  statusSince: DateTime
  noData: Boolean!
  cluster: Cluster
  completeness: Completeness!
}
type Maintenance {
  id: ID!
  title: String!
  state: MaintenanceState!
  startsAt: DateTime!
  endsAt: DateTime!
  startedAt: DateTime
  endedAt: DateTime
  components: [Component!]!
  clusters: [Cluster!]!
  updates: [MaintenanceUpdate!]!
}
type MaintenanceUpdate { id: ID! message: String at: DateTime! }
type MaintenanceEdge { cursor: String! node: Maintenance! }
type MaintenanceConnection { edges: [MaintenanceEdge!]! nodes: [Maintenance!]! pageInfo: PageInfo! }
"indicator: none, minor, major, critical or maintenance, rolled up from the components."
type StatusPage {
  indicator: String!
  description: String!
  components: [Component!]!
  incidents: [Incident!]!
  maintenances: [Maintenance!]!
  asOf: AsOf
  completeness: Completeness!
}
`;
