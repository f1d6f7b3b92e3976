/** What a cluster looks like after a story, and what its election history says. */
import { cluster } from '../../projections/cluster/cluster.ts';
import { type ClusterNodeView, type ClusterView, clusterView, type JobView } from '../../projections/cluster/view.ts';
import { elections } from '../../projections/elections/elections.ts';
import { type ElectionView, electionsOf } from '../../projections/elections/view.ts';
import { gaps } from '../../projections/gaps/gaps.ts';
import { openGapsOf } from '../../projections/gaps/view.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { foldSet } from './fold.ts';

/** The cluster over a set of events, gaps applied. */
export function topologyOf(events: readonly AnyFoldEvent[], id = 'payments'): ClusterView {
  return clusterView(foldSet(cluster, events, id), openGapsOf(foldSet(gaps, events)));
}

/** All elections over a set of events, or those of one scope. */
export function electionsAfter(
  events: readonly AnyFoldEvent[],
  scope?: string,
  id = 'payments',
): readonly ElectionView[] {
  return electionsOf(foldSet(elections, events, id), topologyOf(events, id), { scope, last: Infinity });
}

export function nodeAfter(events: readonly AnyFoldEvent[], id: string): ClusterNodeView {
  return found(topologyOf(events).nodesById.get(id), `node ${id}`);
}

export function jobAfter(events: readonly AnyFoldEvent[], id: string): JobView {
  return found(topologyOf(events).jobsById.get(id), `job ${id}`);
}

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`${what} is not known`);
  return value;
}
