/** Comparing two moments of a cluster. */
export const COMPARE = /* GraphQL */ `
enum ChangeKind { ADDED REMOVED CHANGED }
"""
How the topology of a cluster differs between two moments. Only what differs is listed; what changed and changed back in between is not.
Every difference names what caused it: the events that one of the moments takes into account and the other does not (because they happened
or were recorded in between), after which the row changed since the moments last agreed about it; the retraction of an event
that one of them is without; the gaps that hide a node. In fold order, the newest 20.
"""
type TopologyDiff {
  "The leader that the cluster shows without a scope; null where it is the same."
  leader: NodeChange
  "The term that the cluster shows without a scope; null where it is the same."
  term: TermChange
  "Each scope whose leader or term differs, the cluster itself included."
  scopes: [ScopeChange!]!
  "Compared: membership, liveness, role, name, address, zone, labels, kind, schedulable, incarnation."
  nodes: [NodeRow!]!
  "Each node that follows another leader, or in another term; null: nobody."
  followings: [NodeChange!]!
  "Each job whose place or state differs."
  jobs: [JobChange!]!
  from: ComparedMoment!
  to: ComparedMoment!
}
"id: of the node that follows, null for the leader. fromTerm and toTerm: the term it leads or follows in."
type NodeChange { id: ID from: ClusterNode to: ClusterNode fromTerm: SafeInt toTerm: SafeInt causes: [Event!]! }
type TermChange { from: SafeInt to: SafeInt causes: [Event!]! }
"scope: null for the cluster itself. from and to: who leads."
type ScopeChange {
  scope: String
  from: ClusterNode
  to: ClusterNode
  fromTerm: SafeInt
  toTerm: SafeInt
  causes: [Event!]!
}
"""
ADDED: known or a member again at \`to\` alone; REMOVED: at \`from\` alone. A node that left is still known: it is shown with the liveness LEFT.
"""
type NodeRow { id: ID! change: ChangeKind! from: ClusterNode to: ClusterNode causes: [Event!]! }
"from and to: the node that holds the job, or that it ended on. ADDED and REMOVED: known at one of the moments alone."
type JobChange {
  id: ID!
  change: ChangeKind!
  from: ClusterNode
  to: ClusterNode
  fromState: JobState
  toState: JobState
  causes: [Event!]!
}
"exists: whether anything was known of the cluster."
type ComparedMoment { exists: Boolean! asOf: AsOf completeness: Completeness! }

extend type Query {
  "\`from\` may be the later one: then what was added is removed, for the same causes."
  topologyDiff(clusterId: ID!, from: Moment!, to: Moment!, atLeast: Position): TopologyDiff!
}
`;
