/** What a comparison asks. */

const CAUSES = 'causes { position type occurredAt recordedAt subject }';
const NODE = 'id liveness role name address zone kind schedulable incarnation labels following { id }';
const COMPARED = 'exists asOf { position recordedAt occurredAt } completeness { complete }';

export const COMPARISON = `query Compare($id: ID!, $a: Moment!, $b: Moment!) {
  topologyDiff(clusterId: $id, from: $a, to: $b) {
    leader { from { id } to { id } fromTerm toTerm ${CAUSES} }
    term { from to ${CAUSES} }
    scopes { scope from { id } to { id } fromTerm toTerm ${CAUSES} }
    nodes { id change from { ${NODE} } to { ${NODE} } ${CAUSES} }
    followings { id from { id } to { id } fromTerm toTerm ${CAUSES} }
    jobs { id change from { id } to { id } fromState toState ${CAUSES} }
    from { ${COMPARED} }
    to { ${COMPARED} }
  }
}`;

export const HEAD = '{ ledger { head } }';
export interface HeadAnswer {
  readonly ledger: { readonly head: string };
}

export interface Cause {
  readonly position: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly subject: string;
}
interface Caused {
  readonly causes: readonly Cause[];
}
interface Named {
  readonly id: string;
}
export interface Led extends Caused {
  readonly from: Named | null;
  readonly to: Named | null;
  readonly fromTerm: number | null;
  readonly toTerm: number | null;
}
export interface ComparedNode extends Named {
  readonly [attribute: string]: unknown;
}
export type Change = 'ADDED' | 'REMOVED' | 'CHANGED';

export interface Diff {
  readonly leader: Led | null;
  readonly term: (Caused & { readonly from: number | null; readonly to: number | null }) | null;
  readonly scopes: readonly (Led & { readonly scope: string | null })[];
  readonly nodes: readonly (Caused & {
    readonly id: string;
    readonly change: Change;
    readonly from: ComparedNode | null;
    readonly to: ComparedNode | null;
  })[];
  readonly followings: readonly (Led & { readonly id: string })[];
  readonly jobs: readonly (Caused & {
    readonly id: string;
    readonly change: Change;
    readonly from: Named | null;
    readonly to: Named | null;
    readonly fromState: string | null;
    readonly toState: string | null;
  })[];
  readonly from: Compared;
  readonly to: Compared;
}
export interface Compared {
  readonly exists: boolean;
  readonly asOf: { readonly position: string; readonly recordedAt: string; readonly occurredAt: string } | null;
  readonly completeness: { readonly complete: boolean };
}
export interface DiffAnswer {
  readonly topologyDiff: Diff;
}
