/** The gaps in force, gathered from the clusters that they hide, page by page: GraphQL shows them nowhere else. Pure. */
import type { GapRow } from './query.ts';

/** The most that the server gives at once. */
export const PAGE_CLUSTERS = 200;
/** Beyond so many clusters it is said that they were not looked at. */
const CLUSTERS_MAX = 2_000;

export const GAPS = `query Gaps($first: Int!, $after: String) {
  clusters(first: $first, after: $after) {
    nodes { completeness { gaps { collector from to reason clusterIds componentIds event { position } } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export interface GapsAnswer {
  readonly clusters: {
    readonly nodes: readonly { readonly completeness: { readonly gaps: readonly GapRow[] } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

export interface GapPages {
  /** Of each page of clusters its gaps, as they were when it was read last. */
  readonly pages: readonly (readonly GapRow[])[];
  /** Which page is read next, and after which cluster. */
  readonly next: { readonly page: number; readonly after: string | null };
  /** Every page was read at least once. */
  readonly isWhole: boolean;
  /** There are clusters that are not looked at. */
  readonly isCut: boolean;
}

export const NO_PAGES: GapPages = { pages: [], next: { page: 0, after: null }, isWhole: false, isCut: false };

/** With the page that was due; behind the last one the first is due again. */
export function withPage(before: GapPages, { clusters: { nodes, pageInfo } }: GapsAnswer): GapPages {
  const { page } = before.next;
  const gaps = nodes.flatMap(({ completeness }) => completeness.gaps);
  const isLast = !pageInfo.hasNextPage || (page + 1) * PAGE_CLUSTERS >= CLUSTERS_MAX;
  const rest = isLast ? [] : before.pages.slice(page + 1);
  return {
    pages: [...before.pages.slice(0, page), gaps, ...rest],
    next: isLast ? { page: 0, after: null } : { page: page + 1, after: pageInfo.endCursor },
    isWhole: before.isWhole || isLast,
    isCut: isLast ? pageInfo.hasNextPage : before.isCut,
  };
}

/** Each once, however many clusters it hides, in the order in which they were stated. */
export function gapsIn({ pages }: GapPages): readonly GapRow[] {
  const gaps = new Map(pages.flat().map((gap) => [gap.event.position, gap]));
  return [...gaps.values()].sort((left, right) => Number(left.event.position) - Number(right.event.position));
}
