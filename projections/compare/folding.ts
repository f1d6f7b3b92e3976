/** A topology folded on event by event, and which facets each event may have changed. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { cluster } from '../cluster/cluster.ts';
import { UNNAMED } from '../cluster/leadership.ts';
import type { ClusterState } from '../cluster/state.ts';
import { entryOf } from '../record.ts';
import { type FacetKey, NODE_FACETS, TopologyReading } from './reading.ts';

const MAY_MOVE_LEADERS = new Set(['ElectionStarted', 'LeaderElected', 'LeaderLost', 'NodeLeft']);
const MAY_MOVE_LIVENESS = new Set(['NodeJoined', 'NodeLeft', 'HeartbeatLost', 'HeartbeatRestored']);

export class TopologyFolding extends TopologyReading {
  /** By node, the jobs it holds or that ended on it: their state follows from its liveness, too. */
  readonly #jobsOn = new Map<string, Set<string>>();

  /** `state` is folded on in place: whoever shares it gives a copy. */
  constructor(state: ClusterState) {
    super(state);
    for (const id of Object.keys(state.jobs)) this.#placeJob(id);
  }

  /** Folds the next event in order. Gives every facet that it may have changed, and some that it did not. */
  fold(event: AnyFoldEvent): readonly FacetKey[] {
    const { nodes, jobs } = namedIn(event);
    const scopes = MAY_MOVE_LEADERS.has(event.type) ? this.#scopesMoved(event) : [];
    if (MAY_MOVE_LIVENESS.has(event.type)) {
      for (const nodeId of nodes) for (const jobId of this.#jobsOn.get(nodeId) ?? []) jobs.add(jobId);
    }
    for (const name of scopes) this.#countScope(name, -1, nodes);
    for (const id of jobs) this.#takeJobOff(id);
    this.current = cluster.fold(this.current as ClusterState, event);
    for (const name of scopes) this.#countScope(name, 1, nodes);
    for (const id of jobs) this.#placeJob(id);
    return facetsOf({ nodes, jobs, scopes });
  }

  #scopesMoved(event: AnyFoldEvent): readonly string[] {
    if (event.type !== 'NodeLeft') return [(event as LeadershipEvent).data.scope ?? UNNAMED];
    const { nodeId } = event.data;
    return Object.entries(this.current.leadership.scopes)
      .filter(([, { open }]) => open.some(({ leaderId }) => leaderId === nodeId))
      .map(([name]) => name);
  }

  #countScope(name: string, change: 1 | -1, nodes: Set<string>): void {
    const scope = entryOf(this.current.leadership.scopes, name);
    if (scope !== undefined) for (const id of this.countRoles(scope, change)) nodes.add(id);
  }

  #takeJobOff(id: string): void {
    const nodeId = entryOf(this.current.jobs, id)?.nodeId ?? null;
    if (nodeId !== null) this.#jobsOn.get(nodeId)?.delete(id);
  }

  #placeJob(id: string): void {
    const nodeId = entryOf(this.current.jobs, id)?.nodeId ?? null;
    if (nodeId === null) return;
    const held = this.#jobsOn.get(nodeId);
    if (held === undefined) this.#jobsOn.set(nodeId, new Set([id]));
    else held.add(id);
  }
}

type LeadershipEvent = Extract<AnyFoldEvent, { readonly type: 'ElectionStarted' | 'LeaderElected' | 'LeaderLost' }>;

interface Named {
  readonly nodes: Set<string>;
  readonly jobs: Set<string>;
}

/** What an event names; observers are not nodes. Data may hold keys that its schema does not know, of any shape. */
function namedIn({ data }: AnyFoldEvent): Named {
  const { nodeId, leaderId, candidateId, nodeIds, jobId, jobIds } = data as Readonly<Record<string, unknown>>;
  return {
    nodes: new Set([nodeId, leaderId, candidateId, nodeIds].flatMap(ids)),
    jobs: new Set([jobId, jobIds].flatMap(ids)),
  };
}

function ids(named: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(named) ? named : [named];
  return list.filter((id) => typeof id === 'string');
}

function facetsOf({ nodes, jobs, scopes }: Named & { readonly scopes: readonly string[] }): readonly FacetKey[] {
  const facets: FacetKey[] = [];
  for (const id of nodes) {
    for (const kind of NODE_FACETS) facets.push({ kind, id });
    facets.push({ kind: 'following', id });
  }
  for (const id of jobs) facets.push({ kind: 'job', id });
  for (const id of scopes) facets.push({ kind: 'scope', id });
  if (scopes.length > 0) facets.push({ kind: 'leader', id: '' }, { kind: 'term', id: '' });
  return facets;
}
