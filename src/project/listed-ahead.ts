/** A reader for an answer about many clusters: what is open is listed once, not once for each of them. */
import type { Projection } from '../../projections/projection.ts';
import { andThen, type MaybePromise } from './reader.ts';
import type { ListEntry, ListQuery, ViewReader } from './views.ts';

type ByTag = ReadonlyMap<string, readonly ListEntry<unknown>[]>;

const PAGE = 200;
/** Asked so often on one reader, all that is open is read: for fewer, a list of each costs less. */
const ASKED_MAX = 3;

/** Answers as the reader does. To be dropped with the answer it is for: it keeps what it has listed. */
export function listedAhead(reader: ViewReader): ViewReader {
  const asked = new Map<string, number>();
  const lists = new Map<string, MaybePromise<ByTag>>();
  return {
    ...reader,
    list<State>(projection: Projection<State>, query: ListQuery) {
      const tag = tagOfOpen(query);
      const times = (asked.get(projection.name) ?? 0) + 1;
      asked.set(projection.name, times);
      if (tag === null || times <= ASKED_MAX) return reader.list(projection, query);
      const all = lists.get(projection.name) ?? openByTag(reader, projection);
      lists.set(projection.name, all);
      return andThen(all, (byTag) => (byTag.get(tag) ?? []).slice(0, query.limit) as readonly ListEntry<State>[]);
    },
  };
}

/** Of a list of what is open and has one tag beside, the newest first, from its beginning: that tag. */
function tagOfOpen({ allTags, anyTag, after, descending }: ListQuery): string | null {
  if (anyTag !== undefined || after !== undefined || descending !== true) return null;
  const [tag, open, ...more] = allTags ?? [];
  return tag !== undefined && open === 'open' && more.length === 0 ? tag : null;
}

async function openByTag<State>(reader: ViewReader, projection: Projection<State>): Promise<ByTag> {
  const byTag = new Map<string, ListEntry<unknown>[]>();
  let after: string | undefined;
  do {
    const page = await reader.list(projection, {
      allTags: ['open'],
      limit: PAGE,
      descending: true,
      ...(after !== undefined && { after }),
    });
    for (const entry of page) {
      const tags = projection.tags?.(entry.state as State, reader.happenedAt ?? undefined) ?? [];
      for (const tag of new Set(tags)) {
        const entries = byTag.get(tag) ?? [];
        byTag.set(tag, entries);
        entries.push(entry);
      }
    }
    after = page.length < PAGE ? undefined : page.at(-1)?.cursor;
  } while (after !== undefined);
  return byTag;
}
