/** The timeline of a cluster: what an explorer draws as swimlanes. */
export const TIMELINE = /* GraphQL */ `
"""
A stretch [from, to) of a cluster's history, as of a set of events: a moment asked for at any instant of it says what the lanes say there.
counts: how many of the cluster's own events took effect in each bucket, retracted and erased ones left out; bucket i covers [from + i × bucketMs, from + (i + 1) × bucketMs), and bucketMs is a whole number of at least 1, so that the last buckets of a short stretch may lie behind its end.
followers: the fewest nodes that followed a leader at any instant of each bucket; null where that is not known: before the cluster's first event, and after now or knownAt. A node follows where a moment shows it as FOLLOWER or CANDIDATE, not LOST, and whom it follows as LEADER; one inside a gap counts as it was last said to.
lanes: at most 500, and fewer beyond 1,000 buckets: 500,000 / buckets. Leaders, then nodes, jobs, incidents, maintenances, gaps. Where there are more, those of each kind that changed last; lanesOmitted says how many are left out. Nodes that had left and jobs that had completed before the stretch have none.
"""
type Timeline {
  from: DateTime!
  to: DateTime!
  bucketMs: SafeInt!
  counts: [Int!]!
  followers: [Int]!
  lanes: [TimelineLane!]!
  lanesOmitted: Int!
  asOf: AsOf
  completeness: Completeness!
}
"""
Parallel lists, one entry an interval; kind: leader, node, job, incident, maintenance, gap; merged: how many intervals shorter than a bucket were joined into this one, 0 for one that stands as it was.
Intervals of one lane never overlap. They are cut to the stretch: one that starts at its beginning may have begun before, one that ends at its end lasted until then at least; an end is null where it surely lasts still in what is known. Values that no instant shows make no interval. A joined one has the value and term of the longest that was joined; a lane has at most as many intervals as there are buckets.
leader: id and group are the scope (of the unnamed one the cluster's id and null); the value is the id of who leads, with its term, or none, or electing (a node that is called so has a space before its name). Claims beside the one that leads (an overlap, a second leader of one term, a stale claim), as they were in the end, are on further lanes of the same group, with the ids scope#2, scope#3.
node: id; group is the zone; the value is its liveness: ALIVE, LOST, LEFT or UNKNOWN, the last one inside gaps, too.
job: id; group is the job's group; the value is its state and, after a space, the node that holds it or that it ended on (RUNNING web-3; SUBMITTED); the term is that of its assignment.
incident: id; name is the title; from the stated start of the impact, absent the declaration, to its end, absent the resolution; the value is the impact, or unstated.
maintenance: id; name is the title; from its start to its end, as planned where it did not start; the value is its state.
gap: id is the collector; the value is the reason, cut at 200 characters; of gaps that overlap the one that began last.
Incidents, maintenances and gaps are stated intervals: they are drawn whenever they were stated, and may lie ahead.
"""
type TimelineLane {
  id: ID!
  kind: String!
  name: String
  group: String
  starts: [DateTime!]!
  ends: [DateTime]!
  values: [String!]!
  terms: [SafeInt]!
  merged: [Int!]!
}

extend type Query {
  "buckets: 1 to 10,000. knownAt: what was known then; left out: all that is known."
  timeline(
    clusterId: ID!
    from: DateTime!
    to: DateTime!
    buckets: Int!
    knownAt: DateTime
    atLeast: Position
  ): Timeline!
}
`;
