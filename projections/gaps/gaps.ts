/** When collectors did not see. Reads every event, since a gap without a stated start begins where its collector was last heard. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Projection } from '../projection.ts';
import { addHeard, type GapsState, heard, initialGaps, placeAgainst, statementOf } from './state.ts';

type Heeded = Exclude<EventName, 'EventRetracted'>;

// A record, so that the compiler asks for an event type that is missing here.
const HEEDED: Readonly<Record<Heeded, true>> = {
  NodeJoined: true,
  NodeLeft: true,
  ElectionStarted: true,
  LeaderElected: true,
  LeaderLost: true,
  FollowerAttached: true,
  FollowerDetached: true,
  HeartbeatLost: true,
  HeartbeatRestored: true,
  JobSubmitted: true,
  JobAssigned: true,
  JobStarted: true,
  JobCompleted: true,
  JobFailed: true,
  JobUnassigned: true,
  DeploymentStarted: true,
  DeploymentFinished: true,
  AnomalyDetected: true,
  AnomalyCleared: true,
  CollectorGapRecorded: true,
  IncidentDeclared: true,
  IncidentUpdated: true,
  IncidentUpdateAmended: true,
  IncidentReopened: true,
  ResponderNotified: true,
  ResponderAcknowledged: true,
  EvidenceLinked: true,
  ActionItemAdded: true,
  ActionItemCompleted: true,
  PostmortemPublished: true,
  ComponentRegistered: true,
  ComponentStatusChanged: true,
  ComponentRetired: true,
  MaintenanceScheduled: true,
  MaintenanceUpdated: true,
  MaintenanceStarted: true,
  MaintenanceCompleted: true,
  MaintenanceCancelled: true,
};

export const gaps: Projection<GapsState> = {
  name: 'gaps',
  version: 1,
  categories: ['cluster', 'collector', 'incident', 'component', 'maintenance'],
  types: Object.keys(HEEDED) as Heeded[],
  keyed: 'whole',
  dataOf: ['CollectorGapRecorded'],
  keepsValidTime: true,
  initial: initialGaps,
  fold(state, event) {
    if (event.type === 'CollectorGapRecorded') {
      state.statements.push(statementOf(event, heard(state, event.subject)?.[1] ?? null));
      return state;
    }
    const entry = heard(state, event.source);
    if (entry) entry[1] = event.effectiveAt;
    else addHeard(state, event.source, event.effectiveAt);
    return state;
  },
  patch(state, event, change) {
    if (event.type === 'CollectorGapRecorded') {
      return change === 'insert' ? insertStatement(state, event) : removeStatement(state, event);
    }
    return change === 'insert' ? insertHeard(state, event) : removeHeard(state, event);
  },
};

function insertStatement(state: GapsState, event: FoldEvent<'CollectorGapRecorded'>): boolean {
  const lastAt = heard(state, event.subject)?.[1] ?? null;
  // Where the collector was heard since, or in the same instant, the state no longer tells when it was heard before.
  if (event.data.from === undefined && lastAt !== null && lastAt >= event.effectiveAt) return false;
  const after = state.statements.findIndex((statement) => placeAgainst(event, statement) < 0);
  state.statements.splice(after < 0 ? state.statements.length : after, 0, statementOf(event, lastAt));
  return true;
}

function removeStatement(state: GapsState, event: FoldEvent): boolean {
  const index = state.statements.findIndex((statement) => statement.eventPosition === event.position);
  if (index < 0) return false;
  state.statements.splice(index, 1);
  return true;
}

function insertHeard(state: GapsState, event: AnyFoldEvent): boolean {
  const entry = heard(state, event.source);
  if (!entry) addHeard(state, event.source, event.effectiveAt);
  else if (event.effectiveAt > entry[1]) entry[1] = event.effectiveAt;
  for (const statement of state.statements) {
    if (statement.fromStated || statement.collector !== event.source || placeAgainst(event, statement) > 0) continue;
    if (statement.from === null || event.effectiveAt > statement.from) statement.from = event.effectiveAt;
  }
  return true;
}

/** What an event alone bears witness to cannot be told without it: then the fold must say. */
function removeHeard(state: GapsState, event: AnyFoldEvent): boolean {
  const entry = heard(state, event.source);
  if (!entry || event.effectiveAt >= entry[1]) return false;
  return !state.statements.some(
    (statement) =>
      !statement.fromStated &&
      statement.collector === event.source &&
      statement.from === event.effectiveAt &&
      placeAgainst(event, statement) < 0,
  );
}
