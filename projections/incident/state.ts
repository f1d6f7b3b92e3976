/**
 * What was said about an incident: each event as one entry, in fold order. Stated intervals are valid time and posts may be
 * re-dated afterwards, so no running total would do; what follows from the entries is worked out when it is asked for.
 */
import type { EventData } from '../../schemas/catalogue.ts';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus, Impact, IncidentStatus, Visibility } from '../../schemas/words.ts';

export interface IncidentState {
  readonly id: string;
  readonly entries: IncidentEntry[];
}

interface EntryBase {
  /** Effective time: with the position, the entry's place in the fold. */
  readonly at: Micros;
  readonly eventPosition: Position;
  readonly notBefore: Micros | null;
  readonly recordedAt: Micros;
  readonly by: string | null;
  readonly source: string;
}

/** A post: the declaration, an update, a reopening. Null where it states nothing. */
export interface PostEntry extends EntryBase {
  readonly kind: 'declared' | 'updated' | 'reopened';
  readonly updateId: string;
  readonly message: string | null;
  readonly title: string | null;
  readonly status: IncidentStatus | null;
  readonly impact: Impact | null;
  readonly severity: string | null;
  /** Null: as the declaration. A declaration always has one. */
  readonly visibility: Visibility | null;
  readonly impactStartedAt: Micros | null;
  /** `withdrawn`: an end that was stated before is taken back. */
  readonly impactEndedAt: Micros | 'withdrawn' | null;
  readonly components: readonly StatedComponent[];
  readonly clusterIds: readonly string[] | null;
  readonly duplicateOfId: string | null;
  readonly origin: EventData['IncidentDeclared']['origin'] | null;
  readonly dedupKey: string | null;
}

interface StatedComponent {
  readonly componentId: string;
  readonly status: ComponentStatus | null;
}

export interface AmendmentEntry extends EntryBase {
  readonly kind: 'amended';
  readonly updateId: string;
  readonly message: string | null;
  readonly correctedAt: Micros | null;
  readonly reason: string;
}

interface ResponderEntry extends EntryBase {
  readonly kind: 'notified' | 'acknowledged';
  readonly responder: string;
  readonly channel: string | null;
  readonly role: string | null;
}

interface EvidenceEntry extends EntryBase {
  readonly kind: 'evidence';
  readonly clusterId: string;
  readonly from: Micros | null;
  readonly to: Micros | null;
  readonly note: string | null;
}

interface ActionItemEntry extends EntryBase {
  readonly kind: 'item_added';
  readonly itemId: string;
  readonly title: string;
  readonly itemKind: EventData['ActionItemAdded']['kind'];
  readonly owner: string | null;
  readonly dueAt: Micros | null;
}

interface ActionItemDoneEntry extends EntryBase {
  readonly kind: 'item_completed';
  readonly itemId: string;
}

export interface PostmortemEntry extends EntryBase {
  readonly kind: 'postmortem';
  readonly body: string;
  /** Null: as the declaration. */
  readonly visibility: Visibility | null;
}

export type IncidentEntry =
  | PostEntry
  | AmendmentEntry
  | ResponderEntry
  | EvidenceEntry
  | ActionItemEntry
  | ActionItemDoneEntry
  | PostmortemEntry;

/** Visibility where a declaration states none. */
export function visibilityByOrigin(origin: EventData['IncidentDeclared']['origin']): Visibility {
  return origin === 'manual' || origin === 'import' ? 'public' : 'private';
}

export function entryBase(event: FoldEvent): EntryBase {
  return {
    at: event.effectiveAt,
    eventPosition: event.position,
    notBefore: event.notBefore,
    recordedAt: event.recordedAt,
    by: event.actor,
    source: event.source,
  };
}

export function isPost(entry: IncidentEntry): entry is PostEntry {
  return entry.kind === 'declared' || entry.kind === 'updated' || entry.kind === 'reopened';
}
