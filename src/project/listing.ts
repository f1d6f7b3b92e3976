/** Lists of views: which they hold, in what order, and where one goes on. */
import type { Projection } from '../../projections/projection.ts';
import type { Micros } from '../../schemas/time.ts';
import { compareRows, isListed } from './memory/store.ts';
import type { RowQuery, ViewRow } from './store.ts';
import type { ListEntry, ListQuery, View } from './views.ts';

/** A view as lists have it. */
interface Listing<State> {
  readonly row: Pick<ViewRow, 'key' | 'sort' | 'tags'>;
  readonly view: View<State>;
}

/** Of views as they were, those that a list of that moment holds. */
export function rowsThen<State>(
  projection: Projection<State>,
  views: readonly (View<State> | null)[],
  { asked, happenedAt }: { readonly asked: RowQuery; readonly happenedAt: Micros | null },
): readonly Listing<State>[] {
  const then = happenedAt ?? undefined;
  return views.flatMap((view) => {
    if (view === null) return [];
    const state = view.state as State;
    const { key } = view;
    const row = { key, sort: projection.order?.(state, then) ?? key, tags: projection.tags?.(state, then) ?? [] };
    return isListed(row, asked) ? [{ row, view }] : [];
  });
}

export function listed<State>(
  entries: readonly Listing<State>[],
  { descending, limit }: RowQuery,
): readonly ListEntry<State>[] {
  const sorted = entries.toSorted((a, b) => compareRows(a.row, b.row) * (descending ? -1 : 1));
  return sorted.slice(0, limit).map(({ row, view }) => ({ ...view, cursor: cursorOf(row) }));
}

export function rowQuery(query: ListQuery): RowQuery {
  const { after, ...rest } = query;
  const place = after === undefined ? null : readCursor(after);
  return place === null ? rest : { ...rest, after: place };
}

export function cursorOf({ sort, key }: { sort: string; key: string }): string {
  return Buffer.from(JSON.stringify([sort, key])).toString('base64url');
}

/** Null for a text that is none of our cursors: the list then begins at its start. */
function readCursor(text: string): { sort: string; key: string } | null {
  try {
    const [sort, key] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    return typeof sort === 'string' && typeof key === 'string' ? { sort, key } : null;
  } catch {
    return null;
  }
}
