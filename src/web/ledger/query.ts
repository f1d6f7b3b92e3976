/** What the ledger's page asks. */

export const LEDGER = `query Ledger($before: String) {
  ledger {
    head store events streams digest restoredUpTo
    projections { name version position lagEvents lagMs state digest error }
    links {
      name state since
      fault { code message hint }
      parts { name at lag paused }
      counts { name count }
    }
  }
  rejections(first: 25, after: $before) {
    total dropped
    nodes { id at door code message path record truncated }
    pageInfo { hasNextPage endCursor }
  }
}`;

export interface LedgerAnswer {
  readonly ledger: {
    readonly head: string;
    readonly store: string;
    readonly events: number;
    readonly streams: number;
    readonly digest: string | null;
    readonly restoredUpTo: string | null;
    readonly projections: readonly ProjectionRow[];
    readonly links: readonly LinkRow[];
  };
  readonly rejections: {
    readonly total: number;
    readonly dropped: number;
    readonly nodes: readonly RejectionRow[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

export interface ProjectionRow {
  readonly name: string;
  readonly version: number;
  readonly position: string;
  readonly lagEvents: number;
  readonly lagMs: number;
  readonly state: string;
  readonly digest: string | null;
  readonly error: string | null;
}

export interface LinkRow {
  readonly name: string;
  readonly state: 'CONNECTING' | 'UP' | 'RETRYING' | 'STOPPED';
  readonly since: string;
  readonly fault: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly parts: readonly {
    readonly name: string;
    readonly at: number | null;
    readonly lag: number | null;
    readonly paused: boolean;
  }[];
  readonly counts: readonly { readonly name: string; readonly count: number }[];
}

export interface RejectionRow {
  readonly id: string;
  readonly at: string;
  readonly door: string;
  readonly code: string;
  readonly message: string;
  readonly path: string | null;
  readonly record: string;
  readonly truncated: boolean;
}

export interface GapRow {
  readonly collector: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
  readonly clusterIds: readonly string[] | null;
  readonly componentIds: readonly string[] | null;
  readonly event: { readonly position: string };
}
