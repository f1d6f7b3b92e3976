/** What was known when: an incident as it was believed to be after each event of its own stream, in the order of recording. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { Impact, IncidentStatus } from '../../schemas/words.ts';
import { incidentView } from '../incident/answers.ts';
import { incident } from '../incident/incident.ts';
import type { Moment } from '../incident/reading.ts';
import type { IncidentView } from '../incident/view.ts';

/** From `recordedAt` on this was believed. */
export interface Belief {
  readonly recordedAt: Micros;
  readonly eventPosition: Position;
  /** Null where nothing was believed any more: its declaration was taken back. */
  readonly title: string | null;
  readonly status: IncidentStatus | null;
  readonly impact: Impact | null;
  readonly impactOpen: boolean;
  readonly impactStartedAt: Micros | null;
  readonly impactEndedAt: Micros | null;
  readonly resolvedAt: Micros | null;
}

/**
 * Each change of belief. `events`: the incident's stream by position, retractions included; the state after each is that
 * of `knownAt` its position.
 */
export function beliefsOf(id: string, events: readonly AnyFoldEvent[], moment: Moment = {}): readonly Belief[] {
  const beliefs: Belief[] = [];
  const taken = new Map<string, AnyFoldEvent>();
  let state = incident.initial(id);
  for (const event of events) {
    if (event.erased) continue;
    if (event.type === 'EventRetracted') {
      const key = keyOf(event.data.eventSource, event.data.eventId);
      const named = taken.get(key);
      taken.delete(key);
      if (named === undefined || !incident.patch?.(state, named, 'remove')) continue;
    } else {
      taken.set(keyOf(event.source, event.id), event);
      if (!incident.patch?.(state, event, 'insert')) state = incident.fold(state, event);
    }
    const belief = beliefOf(incidentView(state, moment), event);
    const before = beliefs.at(-1);
    if (before ? said(before) !== said(belief) : belief.title !== null) beliefs.push(belief);
  }
  return beliefs;
}

function beliefOf(view: IncidentView | null, { recordedAt, position: eventPosition }: AnyFoldEvent): Belief {
  return {
    recordedAt,
    eventPosition,
    title: view?.title ?? null,
    status: view?.status ?? null,
    impact: view?.impact ?? null,
    impactOpen: view?.impactOpen ?? false,
    impactStartedAt: view?.impactStartedAt ?? null,
    impactEndedAt: view?.impactEndedAt ?? null,
    resolvedAt: view?.resolvedAt ?? null,
  };
}

function said({ recordedAt: _, eventPosition: __, ...belief }: Belief): string {
  return JSON.stringify(belief);
}

function keyOf(source: string, id: string): string {
  return JSON.stringify([source, id]);
}
