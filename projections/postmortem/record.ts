/** A postmortem: all that the record says of one incident, each statement with its events. Nothing in it is inferred. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus } from '../../schemas/words.ts';
import type { GapView } from '../gaps/view.ts';
import { type Moment, type Reading, readIncident } from '../incident/reading.ts';
import type { IncidentState } from '../incident/state.ts';
import type { IncidentView, MeasureView } from '../incident/view.ts';
import { type AbsentMeasure, absentMeasures } from './absent-measures.ts';
import type { Belief } from './beliefs.ts';
import { type Contradiction, postContradictions } from './contradictions.ts';
import { boundedRows, incidentRow, type PostmortemRow, type TellingRow } from './rows.ts';

/** Rows of a timeline at most. */
const ROWS_MAX = 500;
/** Rows of each list of what came before the impact at most. */
const BEFORE_ROWS_MAX = 25;

/** A cluster at one instant. */
export interface ClusterPicture {
  readonly clusterId: string;
  readonly at: Micros;
  readonly when: 'start' | 'end';
  readonly leaders: readonly { readonly nodeId: string; readonly scope: string | null; readonly term: number | null }[];
  readonly followers: number;
  /** Numbers of nodes by liveness and of jobs by state, those that are not zero, in the order of the words. */
  readonly nodes: readonly (readonly [word: string, count: number])[];
  readonly jobs: readonly (readonly [word: string, count: number])[];
}

/** What a postmortem is made from, read from one set of events. */
export interface PostmortemMaterial {
  readonly state: Readonly<IncidentState>;
  readonly moment: Moment;
  readonly view: IncidentView;
  /** The set. */
  readonly position: Position;
  readonly original: { readonly id: string; readonly title: string } | null;
  readonly components: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: ComponentStatus | null;
    /** What the register says of it at present, whoever said so. */
    readonly present: ComponentStatus;
  }[];
  /** What clusters and maintenances told inside the windows and shortly before the impact. */
  readonly told: readonly TellingRow[];
  readonly pictures: readonly ClusterPicture[];
  readonly measures: readonly MeasureView[];
  /** Whether an anomaly lies inside a linked evidence window. */
  readonly hasSignal: boolean;
  readonly beliefs: readonly Belief[];
  readonly gaps: readonly GapView[];
  /** Between what clusters and components said. */
  readonly contradictions: readonly Contradiction[];
  /** What was left out to stay within bounds, in whole sentences. */
  readonly omissions: readonly string[];
}

export interface PostmortemRecord extends Omit<PostmortemMaterial, 'told' | 'hasSignal'> {
  readonly reading: Reading;
  readonly rows: readonly PostmortemRow[];
  readonly before: {
    readonly deployments: readonly PostmortemRow[];
    readonly maintenances: readonly PostmortemRow[];
  };
  readonly leadership: readonly PostmortemRow[];
  readonly anomalies: readonly PostmortemRow[];
  readonly absent: readonly AbsentMeasure[];
  readonly published: { readonly body: string; readonly eventPosition: Position } | null;
}

/** Throws where the state has no declaration: then there is no incident to write up. */
export function drawPostmortem(material: PostmortemMaterial): PostmortemRecord {
  const { state, moment, view, told, hasSignal, omissions, ...kept } = material;
  const reading = readIncident(state, 'all', moment);
  if (reading === null) throw new Error(`expected the incident ${JSON.stringify(view.id)} to be declared`);
  const marked = (rows: readonly TellingRow[], most: number): readonly PostmortemRow[] =>
    boundedRows(rows, most).map((row) => ({ ...row, late: isLate(row, reading) }));
  const impactFrom = reading.impactStart?.at ?? reading.declaration.at;
  const ofKind = (...kinds: string[]) => told.filter(({ kind }) => kinds.includes(kind));
  const earlier = (rows: readonly TellingRow[]) => rows.filter(({ at }) => at <= impactFrom);
  const all = [...view.timeline.map(incidentRow), ...told];
  const rows = marked(all, ROWS_MAX);
  return {
    ...kept,
    state,
    moment,
    view,
    reading,
    rows,
    before: {
      deployments: marked(earlier(ofKind('deployment_started', 'deployment_finished')), BEFORE_ROWS_MAX),
      maintenances: marked(earlier(ofKind('maintenance_started', 'maintenance_ended')), BEFORE_ROWS_MAX),
    },
    leadership: marked(ofKind('leader_elected', 'leader_lost'), BEFORE_ROWS_MAX),
    anomalies: marked(ofKind('anomaly_detected'), BEFORE_ROWS_MAX),
    absent: absentMeasures(reading, { present: kept.measures, hasSignal }),
    contradictions: [...postContradictions(reading), ...kept.contradictions],
    published: publishedOf(reading),
    omissions: rows.length < all.length ? [...omissions, summarised(all.length, rows)] : omissions,
  };
}

function summarised(events: number, rows: readonly PostmortemRow[]): string {
  const runs = rows.filter(({ count }) => count > 1);
  const within = runs.reduce((sum, { count }) => sum + count, 0);
  return `The timeline would have ${events} rows: ${within} of them are told in ${runs.length} rows, each with their number, first and last.`;
}

function isLate({ at, recordedAt }: TellingRow, { resolution }: Reading): boolean {
  return resolution !== null && at <= resolution.at && recordedAt > resolution.entry.recordedAt;
}

function publishedOf({ state, until }: Reading): PostmortemRecord['published'] {
  const entry = state.entries.findLast((each) => each.kind === 'postmortem' && each.at <= until);
  return entry?.kind === 'postmortem' ? { body: entry.body, eventPosition: entry.eventPosition } : null;
}

/** Every event that a record cites, by position. */
export function citedPositions(record: PostmortemRecord): readonly Position[] {
  const { rows, before, leadership, anomalies, measures, contradictions, beliefs, gaps, view } = record;
  const told = [...rows, ...before.deployments, ...before.maintenances, ...leadership, ...anomalies];
  return [
    ...new Set([
      ...told.flatMap(({ eventPositions }) => eventPositions),
      ...contradictions.flatMap(({ statements }) => statements.flatMap(({ eventPositions }) => eventPositions)),
      ...measures.flatMap(({ anchors }) => anchors),
      ...beliefs.map(({ eventPosition }) => eventPosition),
      ...gaps.map(({ eventPosition }) => eventPosition),
      ...view.evidence.map(({ eventPosition }) => eventPosition),
      ...(record.published === null ? [] : [record.published.eventPosition]),
    ]),
  ].sort((first, second) => first - second);
}
