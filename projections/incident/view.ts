/** An incident as GraphQL shows it. Property names are the fields' names; times are µs, events are positions. */
import type { EventData } from '../../schemas/catalogue.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus, Impact, IncidentStatus, Visibility } from '../../schemas/words.ts';

export interface IncidentView {
  readonly id: string;
  readonly title: string;
  /** Null before the first post that states one. */
  readonly status: IncidentStatus | null;
  readonly impact: Impact | null;
  readonly severity: string | null;
  readonly visibility: Visibility;
  /** As stated; null when no one stated it. */
  readonly impactStartedAt: Micros | null;
  readonly impactEndedAt: Micros | null;
  readonly impactOpen: boolean;
  readonly declaredAt: Micros;
  /** Null while it is not resolved. */
  readonly resolvedAt: Micros | null;
  readonly origin: EventData['IncidentDeclared']['origin'] | null;
  readonly dedupKey: string | null;
  /** The incident of which this one is a duplicate: the field `duplicateOf`. */
  readonly duplicateOfId: string | null;
  readonly components: readonly IncidentComponentView[];
  /** The field `clusters`. */
  readonly clusterIds: readonly string[];
  /** By their own time. */
  readonly updates: readonly IncidentUpdateView[];
  /** By time. */
  readonly timeline: readonly TimelineEntryView[];
  readonly actionItems: readonly ActionItemView[];
  readonly responders: readonly ResponderView[];
  readonly evidence: readonly EvidenceView[];
  /** The body last published, Markdown. */
  readonly postmortem: string | null;
  /** Every account that was published; the last one holds. */
  readonly accounts: readonly AccountView[];
  /** From the first instant at which it exists to the later of resolution and impact end; `to` null while either is missing. */
  readonly span: { readonly from: Micros; readonly to: Micros | null };
  /** `source` of the incident's own events. */
  readonly sources: readonly string[];
  /** The latest effective time folded (`asOf.occurredAt`). */
  readonly latestEffectiveAt: Micros;
}

/** `componentId` may be one that no one registered: then its name is its id. */
export interface IncidentComponentView {
  readonly componentId: string;
  /** Null when none was stated for it, or not yet. */
  readonly status: ComponentStatus | null;
}

export interface IncidentUpdateView {
  readonly id: string;
  /** The status that this post stated; null when it stated none. */
  readonly status: IncidentStatus | null;
  /** As last amended. */
  readonly message: string | null;
  /** As last corrected. */
  readonly at: Micros;
  readonly recordedAt: Micros;
  readonly by: string | null;
  readonly visibility: Visibility;
  /** The components that this post named; null where it stated no status. */
  readonly components: readonly IncidentComponentView[];
  readonly amendments: readonly AmendmentView[];
  readonly eventPosition: Position;
}

export interface AmendmentView {
  readonly message: string | null;
  /** The corrected time of the post; null when only its words were put right. */
  readonly at: Micros | null;
  readonly reason: string;
  readonly recordedAt: Micros;
  readonly by: string | null;
  /** What the post said until then; null where the words were left as they were. */
  readonly replaced: WordingView | null;
}

/** What a post said from one recording on; null: it came without words. */
interface WordingView {
  readonly message: string | null;
  readonly recordedAt: Micros;
}

/** An account as it was published. */
interface AccountView {
  /** Markdown. */
  readonly body: string;
  readonly recordedAt: Micros;
}

export type TimelineKind =
  | 'declared'
  | 'updated'
  | 'resolved'
  | 'reopened'
  | 'amended'
  | 'impact_started'
  | 'impact_ended'
  | 'notified'
  | 'acknowledged'
  | 'evidence_linked'
  | 'action_item_added'
  | 'action_item_completed'
  | 'postmortem_published';

export interface TimelineEntryView {
  /** When it held or happened: stated bounds and corrected times included. */
  readonly at: Micros;
  readonly notBefore: Micros | null;
  readonly recordedAt: Micros;
  readonly kind: TimelineKind;
  readonly summary: string;
  readonly eventPosition: Position;
}

export interface ActionItemView {
  readonly id: string;
  readonly title: string;
  readonly kind: EventData['ActionItemAdded']['kind'];
  readonly owner: string | null;
  readonly dueAt: Micros | null;
  readonly completedAt: Micros | null;
}

export interface ResponderView {
  readonly responder: string;
  readonly role: string | null;
  /** First notified and first acknowledged. */
  readonly notifiedAt: Micros | null;
  readonly acknowledgedAt: Micros | null;
}

/** A stretch [from, to) of a cluster's history; null: without that end. */
export interface EvidenceView {
  readonly clusterId: string;
  readonly from: Micros | null;
  readonly to: Micros | null;
  readonly note: string | null;
  readonly eventPosition: Position;
}

export type MeasureName = 'detect' | 'acknowledge' | 'inform' | 'mitigate' | 'settle' | 'resolve';

export interface MeasureView {
  readonly name: MeasureName;
  /** Positions of the two events it is measured between: the field `anchors`. */
  readonly anchors: readonly [Position, Position];
  /** Milliseconds; it lies between these two, which are equal when both anchors are known exactly. Negative when the second came first. */
  readonly ms: number;
  readonly msMax: number;
}
