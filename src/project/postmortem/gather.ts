/** Gathers what a postmortem is made from, all of it from one set of events, within bounds that it states. */
import { namedComponentView } from '../../../projections/components/answers.ts';
import { measures } from '../../../projections/incident/measures.ts';
import type { IncidentView } from '../../../projections/incident/view.ts';
import { type Belief, beliefsOf } from '../../../projections/postmortem/beliefs.ts';
import { drawPostmortem, type PostmortemRecord } from '../../../projections/postmortem/record.ts';
import type { AnyFoldEvent, RecordedEvent } from '../../../schemas/event.ts';
import { type Position, type Revision, streamName } from '../../../schemas/ids.ts';
import type { LedgerReader } from '../../ledger/port.ts';
import { componentsAt, incidentAt, originOf } from '../answers.ts';
import { anomaliesInEvidence, gapsOfIncident } from '../incident-scope.ts';
import type { MaybePromise } from '../reader.ts';
import type { ViewReader, Views } from '../views.ts';
import { clusterStories } from './clusters.ts';

export interface PostmortemSources {
  readonly views: Views;
  readonly ledger: Pick<LedgerReader, 'readStream'>;
  /** The set of events. */
  readonly reader: ViewReader;
  eventAt(position: Position): MaybePromise<RecordedEvent>;
  /** Events of clusters read at most, shared evenly by the clusters; absent: 100,000. */
  readonly eventsMax?: number;
}

/** Events of an incident's stream of which what was believed after each is told. */
const BELIEVED_EVENTS_MAX = 2_000;

/** Null for an incident that the set does not know. */
export async function postmortemAt(sources: PostmortemSources, id: string): Promise<PostmortemRecord | null> {
  const { reader } = sources;
  const view = await incidentAt(reader, id);
  if (view === null) return null;
  const { state, moment } = originOf(view);
  const anomalies = await anomaliesInEvidence(view, sources);
  const told = await clusterStories(sources, view);
  const omissions = [...told.omissions];
  const original = view.duplicateOfId === null ? null : await incidentAt(reader, view.duplicateOfId);
  return drawPostmortem({
    state,
    moment,
    view,
    position: reader.position,
    original:
      view.duplicateOfId === null ? null : { id: view.duplicateOfId, title: original?.title ?? 'not known here' },
    components: await componentsOf(view, reader),
    told: told.rows,
    pictures: told.pictures,
    measures: measures(state, anomalies, moment),
    hasSignal: anomalies.some(({ at }) => at <= (moment.happenedAt ?? Number.POSITIVE_INFINITY)),
    beliefs: await beliefs(sources, view, omissions),
    gaps: await gapsOfIncident(view, reader),
    contradictions: told.contradictions,
    omissions,
  });
}

async function componentsOf(view: IncidentView, reader: ViewReader) {
  const { state, open } = await componentsAt(reader);
  return view.components.map(({ componentId: id, status }) => {
    const named = namedComponentView(state, id, open);
    return { id, name: named.name, status, present: named.status };
  });
}

async function beliefs(
  { ledger, reader }: PostmortemSources,
  { id }: IncidentView,
  omissions: string[],
): Promise<readonly Belief[]> {
  const { position: upTo, happenedAt } = reader;
  const stream = streamName('incident', id);
  const events = await ledger.readStream(stream, { from: 0 as Revision, upTo, limit: BELIEVED_EVENTS_MAX + 1 });
  if (events.length > BELIEVED_EVENTS_MAX) {
    omissions.push(`What was known when is told for the first ${BELIEVED_EVENTS_MAX} events of the incident.`);
  }
  const moment = happenedAt === null ? {} : { happenedAt };
  return beliefsOf(id, events.slice(0, BELIEVED_EVENTS_MAX) as readonly AnyFoldEvent[], moment);
}
