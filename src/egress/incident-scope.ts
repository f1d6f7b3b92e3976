/** What belongs to an incident: which streams, and which of their events. docs/proof.md says it in words. */
import type { EventData } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { type Position, type Revision, type StreamName, streamName } from '../../schemas/ids.ts';
import { type Micros, parseTime } from '../../schemas/time.ts';

/** What an incident's own stream says about its extent. */
export interface IncidentScope {
  /** The incident's time, µs, without a margin; `to` is null while it is not over. */
  readonly from: Micros;
  readonly to: Micros | null;
  readonly clusterIds: ReadonlySet<string>;
  readonly componentIds: ReadonlySet<string>;
  /** Revisions of statements that the status page may show. */
  readonly publicRevisions: ReadonlySet<Revision>;
}

/** Reads an incident's stream; what was retracted or erased says nothing. Null where nothing is left. */
export function scopeOf(events: readonly FoldEvent[], retracted: ReadonlySet<Position>): IncidentScope | null {
  const said = events.filter(({ position, erased }) => !erased && !retracted.has(position)) as readonly AnyFoldEvent[];
  const inOrder = said.toSorted(
    (left, right) => left.effectiveAt - right.effectiveAt || left.position - right.position,
  );
  const scope = new Scope();
  // The declaration's visibility is also that of posts which say nothing of their own, earlier ones included.
  for (const event of inOrder) if (event.type === 'IncidentDeclared') scope.takeDeclaration(event.data);
  for (const event of inOrder) scope.take(event);
  return scope.result();
}

class Scope {
  #from = Number.MAX_SAFE_INTEGER;
  #to = 0;
  #isOver = false;
  #visibility: 'public' | 'private' = 'private';
  readonly #clusterIds = new Set<string>();
  readonly #componentIds = new Set<string>();
  readonly #public = new Set<Revision>();
  /** Posts that are public, by their id. */
  readonly #publicPosts = new Set<string>();

  take(event: AnyFoldEvent): void {
    switch (event.type) {
      case 'IncidentDeclared':
        this.#takePost(event, event.data);
        break;
      case 'IncidentUpdated':
        this.#takeNames(event.data);
        this.#ends(timeOf(event.data.impactEndedAt));
        this.#takePost(event, event.data);
        break;
      case 'IncidentReopened':
        this.#takePost(event, { ...event.data, status: event.data.status ?? 'investigating' });
        break;
      case 'IncidentUpdateAmended':
        if (this.#publicPosts.has(event.data.updateId)) this.#public.add(event.revision);
        break;
      case 'EvidenceLinked':
        this.#clusterIds.add(event.data.clusterId);
        this.#begins(timeOf(event.data.from));
        this.#ends(timeOf(event.data.to));
        break;
      case 'PostmortemPublished':
        if (event.data.visibility === 'public') this.#public.add(event.revision);
        break;
    }
  }

  result(): IncidentScope | null {
    if (this.#from === Number.MAX_SAFE_INTEGER) return null;
    return {
      from: this.#from as Micros,
      to: this.#isOver ? (Math.max(this.#from, this.#to) as Micros) : null,
      clusterIds: this.#clusterIds,
      componentIds: this.#componentIds,
      publicRevisions: this.#public,
    };
  }

  takeDeclaration(data: EventData['IncidentDeclared']): void {
    const isPublic = data.origin === 'manual' || data.origin === 'import';
    this.#visibility = data.visibility ?? (isPublic ? 'public' : 'private');
    this.#takeNames(data);
  }

  #takeNames({ clusterIds, components, impactStartedAt }: Named): void {
    for (const id of clusterIds ?? []) this.#clusterIds.add(id);
    for (const { componentId } of components ?? []) this.#componentIds.add(componentId);
    this.#begins(timeOf(impactStartedAt));
  }

  #takePost(event: AnyFoldEvent, { updateId, status, visibility }: Post): void {
    this.#begins(event.effectiveAt);
    if (status === 'resolved') this.#ends(event.effectiveAt);
    if (status !== undefined) this.#isOver = status === 'resolved';
    if ((visibility ?? this.#visibility) !== 'public') return;
    this.#public.add(event.revision);
    this.#publicPosts.add(updateId ?? event.id);
  }

  #begins(at: Micros | null): void {
    if (at !== null) this.#from = Math.min(this.#from, at);
  }

  #ends(at: Micros | null): void {
    if (at !== null) this.#to = Math.max(this.#to, at);
  }
}

type Named = Pick<EventData['IncidentDeclared'], 'clusterIds' | 'components' | 'impactStartedAt'>;
type Post = Partial<Pick<EventData['IncidentDeclared'], 'updateId' | 'status' | 'visibility'>>;

/** A stretch of time, µs, both inclusive. */
export interface Window {
  readonly from: Micros;
  readonly to: Micros;
}

export function isInside(at: Micros, { from, to }: Window): boolean {
  return at >= from && at <= to;
}

/** The streams that a maintenance or a gap concerns: of these events, those that name what the incident names. */
export function concernedStreams(
  events: readonly FoldEvent[],
  scope: IncidentScope,
  window: Window,
): ReadonlyMap<StreamName, ReadonlySet<Revision>> {
  const concerned = new Map<StreamName, Set<Revision>>();
  for (const event of events as readonly AnyFoldEvent[]) {
    if (event.erased || !concerns(event, scope, window)) continue;
    const revisions = concerned.get(event.stream) ?? new Set();
    concerned.set(event.stream, revisions.add(event.revision));
  }
  return concerned;
}

function concerns(event: AnyFoldEvent, scope: IncidentScope, window: Window): boolean {
  const names = (clusterIds: readonly string[] = [], componentIds: readonly string[] = []): boolean =>
    clusterIds.some((id) => scope.clusterIds.has(id)) || componentIds.some((id) => scope.componentIds.has(id));
  const overlaps = (from: Micros | null, to: Micros | null): boolean =>
    (from ?? event.effectiveAt) <= window.to && (to === null || to >= window.from);
  if (event.type === 'MaintenanceScheduled') {
    const { clusterIds, components = [], startsAt, endsAt } = event.data;
    const ids = components.map(({ componentId }) => componentId);
    return names(clusterIds, ids) && overlaps(timeOf(startsAt), timeOf(endsAt));
  }
  if (event.type !== 'CollectorGapRecorded') return false;
  const { clusterIds, componentIds, from, to } = event.data;
  // Without ids it is about everything that its collector reports, so perhaps about this.
  const isOpen = clusterIds === undefined && componentIds === undefined;
  return (isOpen || names(clusterIds, componentIds)) && overlaps(timeOf(from), timeOf(to));
}

function timeOf(text: string | null | undefined): Micros | null {
  const at = typeof text === 'string' ? parseTime(text) : null;
  return typeof at === 'number' ? at : null;
}

export function incidentStream(incident: string): StreamName {
  return streamName('incident', incident);
}
