/** The ledger itself, and what may be asked and subscribed to. */
export const ROOTS = /* GraphQL */ `
type Ledger {
  head: Position!
  store: String!
  events: SafeInt!
  streams: SafeInt!
  "SHA-256 over the ends of all streams at the head, as \`musterbook checkpoint\` prints it; null where there are too many to say at once."
  digest: String
  restoredUpTo: Position
  projections: [ProjectionState!]!
  "While the ledger is folded from its beginning and nothing can be answered yet: how far; else null."
  building: Building
  "Connections to what lies outside the process: the store of record, Kafka in, Kafka out. None where there is one process and one file."
  links: [Link!]!
}
"State of a connection. CONNECTING: not yet up since the start. RETRYING: refused or lost, tried again by itself. STOPPED: goes on only after someone has done what \`fault\` says."
enum LinkState { CONNECTING UP RETRYING STOPPED }
"What this process carries of a connection: with several replicas, its own part."
type Link {
  name: String!
  state: LinkState!
  since: DateTime!
  fault: LinkFault
  parts: [LinkPart!]!
  counts: [LinkCount!]!
}
type LinkFault { code: String! message: String! hint: String! }
"One partition of a topic, or the one sequence of what has none. at: the last offset or position that was confirmed; lag: how many are left, null while unknown; paused: held back since the other side takes no more."
type LinkPart { name: String! at: SafeInt lag: SafeInt paused: Boolean! }
"Counted since the process started."
type LinkCount { name: String! count: SafeInt! }
type Building { position: Position! of: Position! }
type ProjectionState {
  name: String!
  version: Int!
  position: Position!
  lagEvents: SafeInt!
  lagMs: SafeInt!
  state: ProjectionRun!
  "Of its whole state at its position: the same on every replica, and after a rebuild."
  digest: String
  error: String
}
type Rejection {
  id: ID!
  at: DateTime!
  door: String!
  code: String!
  message: String!
  path: String
  record: String!
  truncated: Boolean!
}
type RejectionEdge { cursor: String! node: Rejection! }
"dropped: how many of the oldest are gone, beyond 100,000."
type RejectionConnection {
  edges: [RejectionEdge!]!
  nodes: [Rejection!]!
  pageInfo: PageInfo!
  total: SafeInt!
  dropped: SafeInt!
}
"A projection's own state for one key, to fold on from."
type ProjectionSnapshot { projection: String! version: Int! position: Position! state: JSON! }

type Query {
  ledger(atLeast: Position): Ledger!
  clusters(first: Int, after: String, moment: Moment, atLeast: Position): ClusterConnection!
  cluster(id: ID!, moment: Moment, atLeast: Position): Cluster
  clusterSnapshot(id: ID!, moment: Moment, atLeast: Position): ProjectionSnapshot
  incidents(
    first: Int
    after: String
    status: [IncidentStatus!]
    clusterId: ID
    moment: Moment
    atLeast: Position
  ): IncidentConnection!
  incident(id: ID!, moment: Moment, atLeast: Position): Incident
  components(moment: Moment, atLeast: Position): [Component!]!
  statusPage(moment: Moment, atLeast: Position): StatusPage!
  maintenances(
    first: Int
    after: String
    state: [MaintenanceState!]
    moment: Moment
    atLeast: Position
  ): MaintenanceConnection!
  "Newest page with last/before, oldest with first/after; cursors are positions. A page examines at most 50,000 events and may be short with hasNextPage true."
  events(
    filter: EventFilter
    first: Int
    after: String
    last: Int
    before: String
    moment: Moment
    atLeast: Position
  ): EventConnection!
  event(ref: EventRef!, atLeast: Position): Event
  rejections(first: Int, after: String): RejectionConnection!
}

type EventChange { cursor: Position! event: Event! }
type ClusterChange { cursor: Position! event: Event cluster: Cluster! skipped: Int! }
type IncidentChange { cursor: Position! event: Event incident: Incident! skipped: Int! }
type StatusPageChange { cursor: Position! event: Event statusPage: StatusPage! skipped: Int! }

type Subscription {
  events(after: Position, filter: EventFilter): EventChange!
  cluster(id: ID!, after: Position): ClusterChange!
  clusters(after: Position): ClusterChange!
  incident(id: ID!, after: Position): IncidentChange!
  statusPage(after: Position): StatusPageChange!
}
`;
