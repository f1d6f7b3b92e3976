/** Incidents written up. */
export const POSTMORTEM = /* GraphQL */ `
"""
What the record says of an incident, each statement with its events. Nothing is inferred: what the record does not say is
said to be absent. The published body stands beside it and is in neither text.
"""
type Postmortem {
  incident: Incident!
  "The generated record: CommonMark with GitHub's tables. Text from events is escaped. linksTo: the explorer's address, for a copy to be read elsewhere: each event becomes a link to its page there."
  markdown(linksTo: String): String!
  "The same as one HTML file that asks for nothing else, the published body beside it as preformatted text."
  html: String!
  "The published body as its author wrote it, Markdown; null where none was published."
  published: String
  publishedEvent: Event
  "At most 500 rows, by time: the incident's own, and what its clusters told in its time, in linked evidence and in the hour before. Where there are more, like events are told as runs."
  timeline: [TimelineEntry!]!
  measures: [Measure!]!
  "The measures that are not known, and why."
  absentMeasures: [AbsentMeasure!]!
  contradictions: [Contradiction!]!
  gaps: [Gap!]!
  "What was known when: each change of what was believed of the incident, in the order of recording."
  beliefs: [Belief!]!
  "Deployments and maintenances that began or ended before the impact began."
  before: [TimelineEntry!]!
  "Elections and losses of leaders among what was read."
  leadership: [TimelineEntry!]!
  "Anomalies among what was read."
  anomalies: [TimelineEntry!]!
  "Its clusters when the impact began, and when it ended or was said to be over."
  pictures: [ClusterPicture!]!
  "What was left out to stay within bounds, in whole sentences."
  omissions: [String!]!
  asOf: AsOf!
}
"""
Statements that cannot all hold, by time. kind: impact_start, impact_end, impact_order, resolved_before_end,
leaders_of_one_term, operational_while_orphaned. goesBy: which statement answers go by; null: none.
"""
type Contradiction { about: String! kind: String! goesBy: String statements: [TimelineEntry!]! }
type AbsentMeasure { name: String! reason: String! }
"Believed from recordedAt until the next one. title is null where the declaration was taken back."
type Belief {
  recordedAt: DateTime!
  title: String
  status: IncidentStatus
  impact: Impact
  impactOpen: Boolean!
  impactStartedAt: DateTime
  impactEndedAt: DateTime
  resolvedAt: DateTime
  event: Event!
}
"when: start or end of the impact. nodes by liveness and jobs by state, those that are not zero."
type ClusterPicture {
  clusterId: ID!
  at: DateTime!
  when: String!
  leaders: [PicturedLeader!]!
  followers: SafeInt!
  nodes: [PicturedCount!]!
  jobs: [PicturedCount!]!
}
type PicturedLeader { nodeId: ID! scope: String term: SafeInt }
type PicturedCount { word: String! count: SafeInt! }
extend type TimelineEntry {
  "The events it rests on; of a run its first and its last."
  events: [Event!]!
  "How many events it stands for."
  count: SafeInt!
  "Of a run: when the last of them happened."
  until: DateTime
  "Null: the incident itself."
  clusterId: ID
  "In a postmortem: it had happened when the incident was resolved, but was recorded only after that."
  late: Boolean!
}
extend type Query {
  postmortem(incidentId: ID!, moment: Moment, atLeast: Position): Postmortem
}
`;
