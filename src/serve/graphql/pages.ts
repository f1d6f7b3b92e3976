/** Relay connections. */
import { codedError } from './errors.ts';
import { PAGE_DEFAULT, PAGE_MAX } from './limits.ts';

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** How many entries a page may have: at most 200, whatever was asked for. Throws when a negative number was. */
export function pageSize(asked: number | null | undefined): number {
  if (asked === null || asked === undefined) return PAGE_DEFAULT;
  if (asked < 0) throw codedError('BAD_VALUE', 'a page has a number of entries that is not negative');
  return Math.min(asked, PAGE_MAX);
}

export function connection<Node>(
  edges: readonly { readonly cursor: string; readonly node: Node }[],
  more: { readonly next: boolean; readonly previous: boolean },
): Connection<Node> {
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: more.next,
      hasPreviousPage: more.previous,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
