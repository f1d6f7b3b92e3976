/** A comparison as GraphQL shows it: property names are the fields' names, causes are positions of events. */
import type { Position } from '../../schemas/ids.ts';
import { leaderOf, termOf } from '../cluster/answers.ts';
import { leadingClaim, UNNAMED } from '../cluster/leadership.ts';
import type { ClusterNodeView, ClusterView, JobStateName, JobView } from '../cluster/view.ts';
import { entryOf } from '../record.ts';
import type { Both } from './causes.ts';
import type { RowKey } from './rows.ts';

export interface TopologyDiffView {
  readonly leader: NodeChangeView | null;
  readonly term: TermChangeView | null;
  readonly scopes: readonly ScopeChangeView[];
  readonly nodes: readonly NodeRowView[];
  readonly followings: readonly NodeChangeView[];
  readonly jobs: readonly JobChangeView[];
}
interface Caused {
  /** In fold order; at least one, at most 20. */
  readonly causePositions: readonly Position[];
}
export interface NodeChangeView extends Caused {
  /** Of the node that follows; null for the leader. */
  readonly id: string | null;
  readonly from: ClusterNodeView | null;
  readonly to: ClusterNodeView | null;
  readonly fromTerm: number | null;
  readonly toTerm: number | null;
}
export interface TermChangeView extends Caused {
  readonly from: number | null;
  readonly to: number | null;
}
export interface ScopeChangeView extends Caused {
  /** Null: the cluster itself. */
  readonly scope: string | null;
  readonly from: ClusterNodeView | null;
  readonly to: ClusterNodeView | null;
  readonly fromTerm: number | null;
  readonly toTerm: number | null;
}
export type ChangeKind = 'ADDED' | 'REMOVED' | 'CHANGED';
export interface NodeRowView extends Caused {
  readonly id: string;
  readonly change: ChangeKind;
  readonly from: ClusterNodeView | null;
  readonly to: ClusterNodeView | null;
}
export interface JobChangeView extends Caused {
  readonly id: string;
  readonly change: ChangeKind;
  readonly from: ClusterNodeView | null;
  readonly to: ClusterNodeView | null;
  readonly fromState: JobStateName | null;
  readonly toState: JobStateName | null;
}

export interface ExplainedRow {
  readonly row: RowKey;
  readonly causePositions: readonly Position[];
}

export function topologyDiffView(rows: readonly ExplainedRow[], views: Both<ClusterView>): TopologyDiffView {
  const of = (kind: RowKey['kind']) => rows.filter(({ row }) => row.kind === kind);
  return {
    leader: of('leader').map((explained) => leaderChange(explained, views))[0] ?? null,
    term:
      of('term').map(({ causePositions }) => ({ from: termOf(views.from), to: termOf(views.to), causePositions }))[0] ??
      null,
    scopes: of('scope').map((explained) => scopeChange(explained, views)),
    nodes: of('node').map((explained) => nodeRow(explained, views)),
    followings: of('following').map((explained) => followingChange(explained, views)),
    jobs: of('job').map((explained) => jobChange(explained, views)),
  };
}

function leaderChange({ causePositions }: ExplainedRow, { from, to }: Both<ClusterView>): NodeChangeView {
  const terms = { fromTerm: termOf(from), toTerm: termOf(to) };
  return { id: null, from: leaderOf(from), to: leaderOf(to), ...terms, causePositions };
}

function scopeChange({ row: { id }, causePositions }: ExplainedRow, { from, to }: Both<ClusterView>): ScopeChangeView {
  const leader = (view: ClusterView): ClusterNodeView | null => {
    const scope = entryOf(view.state.leadership.scopes, id);
    const claim = scope === undefined ? null : leadingClaim(scope);
    return claim === null ? null : (view.nodesById.get(claim.leaderId) ?? null);
  };
  return {
    scope: id === UNNAMED ? null : id,
    from: leader(from),
    to: leader(to),
    fromTerm: termOf(from, id),
    toTerm: termOf(to, id),
    causePositions,
  };
}

/** A node that was said to have left is no part of the topology, though it stays known. */
function nodeRow({ row: { id }, causePositions }: ExplainedRow, views: Both<ClusterView>): NodeRowView {
  const from = views.from.nodesById.get(id) ?? null;
  const to = views.to.nodesById.get(id) ?? null;
  return { id, change: changeOf(presence(views.from, id), presence(views.to, id)), from, to, causePositions };
}

type Presence = 'unknown' | 'left' | 'member';

function presence({ state }: ClusterView, id: string): Presence {
  const node = entryOf(state.nodes, id);
  if (node === undefined) return 'unknown';
  return node.liveness === 'LEFT' ? 'left' : 'member';
}

/** Known on one side alone, a node was added or removed there; known on both, where its membership began or ended. */
function changeOf(from: Presence, to: Presence): ChangeKind {
  if (from === to) return 'CHANGED';
  if (from === 'unknown' || (from === 'left' && to === 'member')) return 'ADDED';
  return 'REMOVED';
}

function followingChange(
  { row: { id }, causePositions }: ExplainedRow,
  { from, to }: Both<ClusterView>,
): NodeChangeView {
  const [before, after] = [from.nodesById.get(id), to.nodesById.get(id)];
  return {
    id,
    from: before?.following ?? null,
    to: after?.following ?? null,
    fromTerm: before?.followingTerm ?? null,
    toTerm: after?.followingTerm ?? null,
    causePositions,
  };
}

function jobChange({ row: { id }, causePositions }: ExplainedRow, { from, to }: Both<ClusterView>): JobChangeView {
  const before: JobView | null = from.jobsById.get(id) ?? null;
  const after: JobView | null = to.jobsById.get(id) ?? null;
  return {
    id,
    change: before === null ? 'ADDED' : after === null ? 'REMOVED' : 'CHANGED',
    from: before?.node ?? null,
    to: after?.node ?? null,
    fromState: before?.state ?? null,
    toState: after?.state ?? null,
    causePositions,
  };
}
