/** Who was called, what is to be done, and which stretches of history belong to an incident. */
import type { Reading } from './reading.ts';
import type { IncidentState } from './state.ts';
import type { ActionItemView, EvidenceView, ResponderView } from './view.ts';

/** In the order in which each first appears. */
export function respondersOf({ state, until }: Pick<Reading, 'state' | 'until'>): readonly ResponderView[] {
  const responders = new Map<string, ResponderView>();
  for (const entry of state.entries) {
    if (entry.at > until || (entry.kind !== 'notified' && entry.kind !== 'acknowledged')) continue;
    const { responder } = entry;
    const before = responders.get(responder) ?? { responder, role: null, notifiedAt: null, acknowledgedAt: null };
    responders.set(
      responder,
      entry.kind === 'notified'
        ? { ...before, role: entry.role ?? before.role, notifiedAt: before.notifiedAt ?? entry.at }
        : { ...before, acknowledgedAt: before.acknowledgedAt ?? entry.at },
    );
  }
  return [...responders.values()];
}

/** In the order in which they were first added; added again, an item is restated. */
export function actionItemsOf({ state, until }: Pick<Reading, 'state' | 'until'>): readonly ActionItemView[] {
  const items = new Map<string, ActionItemView>();
  for (const entry of state.entries) {
    if (entry.at > until || entry.kind !== 'item_added') continue;
    const { itemId: id, title, itemKind: kind, owner, dueAt } = entry;
    const done = state.entries.find((each) => each.kind === 'item_completed' && each.itemId === id && each.at <= until);
    items.set(id, { id, title, kind, owner, dueAt, completedAt: done?.at ?? null });
  }
  return [...items.values()];
}

/** Windows are stated intervals: valid time, from every event of the set, whenever it took place. */
export function evidenceOf({ entries }: Readonly<IncidentState>): readonly EvidenceView[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'evidence') return [];
    const { clusterId, from, to, note, eventPosition } = entry;
    return [{ clusterId, from, to, note, eventPosition }];
  });
}
