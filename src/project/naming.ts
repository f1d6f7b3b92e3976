/**
 * Which subjects' answers an event may change. Incidents, maintenances and components name their clusters once; what
 * is said of them later concerns these clusters without naming them again, so their streams are read.
 */
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { type Revision, type StreamName, streamName } from '../../schemas/ids.ts';
import type { Visibility } from '../../schemas/words.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { retractedEvent } from './history.ts';

export const STATUS_PAGE = 'status page';
export const clusterTopic = (id: string) => `cluster ${id}`;
export const incidentTopic = (id: string) => `incident ${id}`;
/** The first that is heard of a cluster. */
export const firstTopic = (id: string) => `first of cluster ${id}`;
/** All clusters of which a collector reports. */
export const reportedTopic = (collector: string) => `reported ${collector}`;

/** What a stream's events have said so far. */
interface Said {
  /** The first revision not read yet. */
  next: number;
  /** Lists of clusters, in order of position; each replaces the one before. */
  readonly clusters: { readonly position: number; readonly ids: readonly string[] }[];
  declared: Visibility | null;
  /** Of the updates that state one, by updateId. */
  readonly updates: Map<string, Visibility>;
}

const STREAMS_MAX = 5_000;
const PAGE = 500;

export class Naming {
  readonly #reader: LedgerReader;
  readonly #said = new Map<StreamName, Said>();

  constructor(reader: LedgerReader) {
    this.#reader = reader;
  }

  /** Topics of the event, each once. */
  async topicsOf(event: FoldEvent): Promise<readonly string[]> {
    if (event.category === 'cluster') {
      const topic = clusterTopic(event.subject);
      return event.revision === 0 ? [topic, firstTopic(event.subject)] : [topic];
    }
    const fact = event as AnyFoldEvent;
    const stated = fact.type === 'EventRetracted' ? await retractedEvent(this.#reader, fact) : fact;
    if (event.category === 'collector') return stated === null ? [] : gapTopics(stated);
    const said = await this.#read(event);
    const topics = new Set(clustersOf(said, event, stated).map(clusterTopic));
    if (event.category !== 'incident') return [...topics, STATUS_PAGE];
    topics.add(incidentTopic(event.subject));
    if (stated?.type === 'IncidentUpdated' && stated.data.duplicateOf)
      topics.add(incidentTopic(stated.data.duplicateOf));
    // What is erased may have been public: nobody can tell any more.
    if (stated !== null && (stated.erased || isPublic(said, stated))) topics.add(STATUS_PAGE);
    return [...topics];
  }

  /** Clusters that an incident ever named as its own. */
  async clustersOfIncident(id: string): Promise<readonly string[]> {
    const { clusters } = await this.#read({ stream: streamName('incident', id), revision: Number.MAX_SAFE_INTEGER });
    return [...new Set(clusters.flatMap(({ ids }) => ids))];
  }

  /** What a stream has said up to a revision. */
  async #read({ stream, revision }: { readonly stream: StreamName; readonly revision: number }): Promise<Said> {
    const said = this.#said.get(stream) ?? { next: 0, clusters: [], declared: null, updates: new Map() };
    this.#said.delete(stream);
    this.#said.set(stream, said);
    const oldest = this.#said.keys().next();
    if (this.#said.size > STREAMS_MAX && !oldest.done) this.#said.delete(oldest.value);
    while (said.next <= revision) {
      const events = await this.#reader.readStream(stream, { from: said.next as Revision, limit: PAGE });
      if (events.length === 0) break;
      for (const event of events) {
        // Two readers may be here at once.
        if (event.revision < said.next) continue;
        said.next = event.revision + 1;
        listen(said, event as AnyFoldEvent);
      }
    }
    return said;
  }
}

function listen(said: Said, event: AnyFoldEvent): void {
  const ids = namedClusters(event);
  if (ids !== null && event.type !== 'EvidenceLinked') said.clusters.push({ position: event.position, ids });
  if (event.type === 'IncidentDeclared') {
    const byOrigin = event.data.origin === 'manual' || event.data.origin === 'import' ? 'public' : 'private';
    said.declared ??= event.data.visibility ?? byOrigin;
  }
  if (event.type === 'IncidentDeclared' || event.type === 'IncidentUpdated') {
    if (event.data.visibility) said.updates.set(event.data.updateId ?? event.id, event.data.visibility);
  }
}

/** Clusters that the event names by itself; null where it says nothing of clusters. */
function namedClusters(event: AnyFoldEvent): readonly string[] | null {
  switch (event.type) {
    case 'IncidentDeclared':
    case 'IncidentUpdated':
    case 'MaintenanceScheduled':
      return event.data.clusterIds ?? null;
    case 'EvidenceLinked':
      return event.data.clusterId === undefined ? null : [event.data.clusterId];
    case 'ComponentRegistered':
      return event.data.clusterId === undefined ? [] : [event.data.clusterId];
    default:
      return null;
  }
}

/** The clusters that its subject named before the event, and those it names itself; where it takes something back, all ever named. */
function clustersOf(said: Said, event: FoldEvent, stated: AnyFoldEvent | null): string[] {
  const own = stated === null ? [] : (namedClusters(stated) ?? []);
  const until = said.clusters.filter(({ position }) => position < event.position);
  const standing = event.type === 'EventRetracted' ? until.flatMap(({ ids }) => ids) : (until.at(-1)?.ids ?? []);
  return [...new Set([...standing, ...own])];
}

function isPublic(said: Said, event: AnyFoldEvent): boolean {
  switch (event.type) {
    case 'IncidentDeclared':
    case 'IncidentUpdated':
    case 'PostmortemPublished':
      return (event.data.visibility ?? said.declared) === 'public';
    case 'IncidentReopened':
      return said.declared === 'public';
    case 'IncidentUpdateAmended':
      return (said.updates.get(event.data.updateId) ?? said.declared) === 'public';
    default:
      return false;
  }
}

function gapTopics(event: AnyFoldEvent): readonly string[] {
  if (event.type !== 'CollectorGapRecorded') return [];
  const { clusterIds, componentIds } = event.data;
  if (clusterIds === undefined && componentIds === undefined) return [reportedTopic(event.subject), STATUS_PAGE];
  const clusters = [...new Set(clusterIds ?? [])].map(clusterTopic);
  return componentIds === undefined || componentIds.length === 0 ? clusters : [...clusters, STATUS_PAGE];
}
