/** Reads a Relay connection to its end. */
import type { Client, Variables } from './client.ts';

interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface PagesQuery {
  /** Takes `$after` and selects `nodes` and `pageInfo { hasNextPage endCursor }`. */
  readonly document: string;
  readonly field: string;
  readonly variables?: Variables;
  /** Nodes at most. */
  readonly limit?: number;
  /** Where to begin. */
  readonly after?: string;
}

export async function readPages<Node>(client: Client, query: PagesQuery): Promise<Node[]> {
  const { document, field, variables = {}, limit = Number.POSITIVE_INFINITY } = query;
  const nodes: Node[] = [];
  let after: string | null = query.after ?? null;
  do {
    const answer: Record<string, Connection<Node>> = await client.ask(document, { ...variables, after });
    const page: Connection<Node> | undefined = answer[field];
    if (!page) break;
    nodes.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null && nodes.length < limit);
  return nodes.slice(0, limit);
}
