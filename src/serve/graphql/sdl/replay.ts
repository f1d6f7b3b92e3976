/** History told again. */
export const REPLAY = /* GraphQL */ `
"One event of a replay. cursor: the event's position, to go on from as after. at: its effective time, by which replays are ordered and paced. cluster: as the event left it, folded only where asked for; asOf and what is not the cluster's own (incidents, maintenances, components) are of the same set of events at that time. knownAt: the set, to be given again with after."
type ReplayFrame { cursor: Position! at: DateTime! event: Event! cluster: Cluster! knownAt: DateTime! }

extend type Subscription {
  "History in effective order at a chosen speed (1 = as it happened, 0 = as fast as it is read), from (exclusive) to (inclusive); completes after the last frame. The set of events is fixed at the start: what was known at knownAt, else now; retracted events and retractions give no frame. skipIdle: no wait between frames is longer than a second. A reader that stops reading pauses it. To resume, give the knownAt of a frame with its cursor as after."
  replay(clusterId: ID!, from: DateTime!, to: DateTime!, speed: Float = 1, skipIdle: Boolean = false, knownAt: DateTime, after: Position): ReplayFrame!
}
`;
