/** Scalars, words, moments, and events. */
export const EVENTS = /* GraphQL */ `
"RFC 3339, UTC, up to six decimals."
scalar DateTime
"A place in the ledger's order: a decimal string, also accepted as an integer."
scalar Position
"An integer up to 2^53−1, printed as a JSON number: terms, revisions, counts, milliseconds."
scalar SafeInt
scalar JSON

enum IncidentStatus { investigating identified monitoring resolved }
enum Impact { none minor major critical }
enum ComponentStatus { operational degraded_performance partial_outage major_outage under_maintenance }
enum MaintenanceState { scheduled in_progress completed cancelled }
enum Visibility { public private }
enum NodeRole { LEADER CANDIDATE FOLLOWER LEARNER WORKER UNKNOWN }
enum Liveness { ALIVE LOST LEFT UNKNOWN }
enum JobState { SUBMITTED ASSIGNED RUNNING COMPLETED FAILED UNASSIGNED ORPHANED }
enum ProjectionRun { CATCHING_UP LIVE REBUILDING STOPPED }

input Moment @oneOf {
  position: Position
  knownAt: DateTime
  happenedAt: DateTime
  bitemporal: BitemporalMoment
}
input BitemporalMoment { happenedAt: DateTime! knownAt: DateTime! }
input EventRef @oneOf { position: Position key: EventKey }
input EventKey { source: String! id: ID! }
"occurredAt from (inclusive) to (exclusive)."
input EventFilter {
  stream: String
  clusterId: ID
  incidentId: ID
  types: [String!]
  nodeId: ID
  jobId: ID
  from: DateTime
  to: DateTime
  text: String
}

type AsOf { position: Position! recordedAt: DateTime! occurredAt: DateTime! restored: Boolean! }
"clusterIds and componentIds both null: all that the collector reports."
type Gap {
  collector: String!
  from: DateTime
  to: DateTime
  reason: String!
  clusterIds: [ID!]
  componentIds: [ID!]
  event: Event!
}
type Completeness { complete: Boolean! gaps: [Gap!]! }
type PageInfo {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}

interface Event {
  id: ID!
  source: String!
  type: String!
  subject: ID!
  stream: String!
  revision: SafeInt!
  position: Position!
  occurredAt: DateTime!
  occurredAtKnown: Boolean!
  notBefore: DateTime
  recordedAt: DateTime!
  clockAhead: Boolean!
  synthetic: Boolean!
  actor: String
  hash: String!
  cause: Event
  retractedBy: Event
  erased: Boolean!
  data: JSON
}
type EventEdge { cursor: String! node: Event! }
type EventConnection { edges: [EventEdge!]! nodes: [Event!]! pageInfo: PageInfo! }
`;
