/** Draws one state that is folded on in place, after each of its events: most concern one job, and leave the rest as it was drawn. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { type GapView, gapsCoveringCluster } from '../gaps/view.ts';
import type { ClusterState } from './state.ts';
import { type ClusterView, clusterView, redrawJob } from './view.ts';

/** A view holds until the next one is drawn, which changes it in place. */
export class ClusterDrawing {
  #last: { readonly view: ClusterView; readonly covering: readonly GapView[] } | null = null;

  /**
   * What `clusterView` draws of the state and the gaps in force. To be asked after every event from the first one asked
   * of on, with gaps that are the same objects while they are the same gaps.
   */
  after(event: AnyFoldEvent, state: Readonly<ClusterState>, gaps: readonly GapView[]): ClusterView {
    const covering = gapsCoveringCluster(gaps, state.id, state.sources);
    const view = this.#redrawn(event, state, covering) ?? clusterView(state, gaps);
    this.#last = { view, covering };
    return view;
  }

  /** Null where more than one job may be shown otherwise than before. */
  #redrawn(event: AnyFoldEvent, state: Readonly<ClusterState>, covering: readonly GapView[]): ClusterView | null {
    const last = this.#last;
    if (last === null || last.view.state !== state || !isSame(last.covering, covering)) return null;
    const { view } = last;
    const named = namedBy(event);
    if (named === null || !view.jobsById.has(named.jobId)) return null;
    if (!named.nodeIds.every((id) => id === undefined || view.nodesById.has(id))) return null;
    redrawJob(view, named.jobId);
    return { ...view, latestEffectiveAt: state.latestEffectiveAt };
  }
}

/** The job that an event is about, and the nodes that it makes known; null where it is about more. */
function namedBy(
  event: AnyFoldEvent,
): { readonly jobId: string; readonly nodeIds: readonly (string | undefined)[] } | null {
  switch (event.type) {
    case 'JobAssigned':
      return { jobId: event.data.jobId, nodeIds: [event.data.nodeId, event.data.leaderId] };
    case 'JobStarted':
    case 'JobCompleted':
    case 'JobFailed':
    case 'JobUnassigned':
      return { jobId: event.data.jobId, nodeIds: [event.data.nodeId] };
    default:
      return null;
  }
}

function isSame(before: readonly GapView[], after: readonly GapView[]): boolean {
  return before.length === after.length && before.every((gap, index) => gap === after[index]);
}
