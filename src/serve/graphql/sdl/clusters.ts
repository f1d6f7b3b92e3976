/** What a cluster looks like: leaders, nodes, jobs, elections, deployments, anomalies. */
export const CLUSTERS = /* GraphQL */ `
type Cluster {
  id: ID!
  "The leader of the scope; without an argument of the unnamed scope, else of the only one, else null."
  leader(scope: String): ClusterNode
  leaderSince(scope: String): DateTime
  term(scope: String): SafeInt
  electing(scope: String): Boolean!
  "Every open claim to lead, stale ones too; two of one scope are an overlap, two of one term are contested."
  leaders: [LeaderClaim!]!
  scopes: [String!]!
  nodes: [ClusterNode!]!
  node(id: ID!): ClusterNode
  jobs(states: [JobState!]): [Job!]!
  jobGroups: [JobGroup!]!
  elections(scope: String, last: Int = 20): [Election!]!
  anomalies(open: Boolean): [Anomaly!]!
  deployments(last: Int = 20): [Deployment!]!
  maintenances(open: Boolean): [Maintenance!]!
  incidents(open: Boolean): [Incident!]!
  asOf: AsOf!
  completeness: Completeness!
}
type LeaderClaim {
  scope: String
  node: ClusterNode!
  term: SafeInt
  since: DateTime!
  contested: Boolean!
  stale: Boolean!
  event: Event!
}
type ClusterNode {
  id: ID!
  name: String
  address: String
  zone: String
  kind: String
  schedulable: Boolean
  incarnation: String
  role: NodeRole!
  liveness: Liveness!
  following: ClusterNode
  followingTerm: SafeInt
  lastSeenAt: DateTime
  since: DateTime
  jobs: [Job!]!
  labels: JSON
  "What each observer said last."
  observers: [NodeObserver!]!
}
"observerId is null for the observer without a name."
type NodeObserver { observerId: ID lost: Boolean! since: DateTime! }
type Job {
  id: ID!
  name: String
  critical: Boolean!
  group: JobGroup
  state: JobState!
  node: ClusterNode
  assignedTerm: SafeInt
  attempts: SafeInt!
  component: Component
  since: DateTime!
  "Where else it was reported to run."
  copies: [JobCopy!]!
  "Ends reported by nodes that did not hold it; they changed nothing."
  strayReports: [StrayReport!]!
}
type JobCopy { node: ClusterNode! since: DateTime! endedAt: DateTime event: Event! }
"type: the event's bare name."
type StrayReport { node: ClusterNode! type: String! at: DateTime! event: Event! }
type JobGroup { id: ID! name: String wanted: SafeInt running: SafeInt! jobs: [Job!]! }
"endReason: stepped_down, crashed, partitioned, lease_expired, transferred, removed, superseded, left, unknown; null while it lasts. overlaps: terms led at the same time."
type Election {
  scope: String
  term: SafeInt
  leader: ClusterNode
  startedAt: DateTime!
  endedAt: DateTime
  endReason: String
  how: String
  contested: Boolean!
  stale: Boolean!
  overlaps: [SafeInt!]!
  event: Event!
}
type Deployment {
  id: ID!
  description: String
  startedAt: DateTime!
  finishedAt: DateTime
  outcome: String
}
type Anomaly {
  id: ID!
  code: String!
  severity: String!
  message: String!
  rule: String!
  ruleVersion: String!
  since: DateTime!
  clearedAt: DateTime
  nodes: [ClusterNode!]!
  jobs: [Job!]!
  term: SafeInt
  evidence: [Event!]!
}
type ClusterEdge { cursor: String! node: Cluster! }
type ClusterConnection { edges: [ClusterEdge!]! nodes: [Cluster!]! pageInfo: PageInfo! }
`;
