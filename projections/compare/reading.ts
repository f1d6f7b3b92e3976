/**
 * A cluster's topology facet by facet: what of it is compared, read from its state as its view would show it, so that one facet can
 * be looked at again after every event without drawing the whole.
 */
import { scopeAsked } from '../cluster/answers.ts';
import { leadingClaim, type ScopeState } from '../cluster/leadership.ts';
import type { Liveness } from '../cluster/shapes.ts';
import type { ClusterState, NodeState } from '../cluster/state.ts';
import { isUnheard, roleOf, shownState } from '../cluster/view.ts';
import { entryOf } from '../record.ts';

/**
 * What is followed by itself: the leader and the term that a cluster shows without an argument (no id), a scope by its name (the
 * cluster itself: ``), and by their ids whom a node follows, a job's place and state, and of a node its condition (member or
 * not, and its liveness), its role and what was stated of it.
 */
export interface FacetKey {
  readonly kind: 'leader' | 'term' | 'scope' | 'condition' | 'role' | 'attributes' | 'following' | 'job';
  readonly id: string;
}

/** The facets of a node. */
export const NODE_FACETS = ['condition', 'role', 'attributes'] as const;

export function facetName({ kind, id }: FacetKey): string {
  return `${kind} ${id}`;
}

/** Collectors that are inside a gap. */
export type Silent = ReadonlySet<string>;

export class TopologyReading {
  protected current: Readonly<ClusterState>;
  /** By node, in how many scopes it leads, and in how many it stands as a candidate while nobody leads. */
  readonly #leads = new Map<string, number>();
  readonly #stands = new Map<string, number>();

  constructor(state: Readonly<ClusterState>) {
    this.current = state;
    for (const scope of Object.values(state.leadership.scopes)) this.countRoles(scope, 1);
  }

  get state(): Readonly<ClusterState> {
    return this.current;
  }

  /** What is compared of a facet, as text: equal exactly where nothing of it differs. `null` where there is nothing. */
  value({ kind, id }: FacetKey, silent: Silent): string {
    switch (kind) {
      case 'leader':
        return JSON.stringify(leaderIdOf(scopeAsked(this.current)));
      case 'term':
        return JSON.stringify(scopeAsked(this.current)?.term ?? null);
      case 'scope': {
        const scope = entryOf(this.current.leadership.scopes, id) ?? null;
        return JSON.stringify([leaderIdOf(scope), scope?.term ?? null]);
      }
      case 'condition':
      case 'role':
      case 'attributes':
        return this.#node(kind, id, silent);
      case 'following': {
        const following = entryOf(this.current.nodes, id)?.following ?? null;
        return JSON.stringify(following && [following.leaderId, following.term]);
      }
      case 'job':
        return this.#job(id, silent);
    }
  }

  /** Adds (1) or takes off (-1) what a scope says of the roles of nodes; gives those nodes. */
  protected countRoles(scope: Readonly<ScopeState>, change: 1 | -1): readonly string[] {
    const leader = leaderIdOf(scope);
    const candidates = scope.leading === null ? (scope.candidateIds ?? []) : [];
    if (leader !== null) count(this.#leads, leader, change);
    for (const id of candidates) count(this.#stands, id, change);
    return leader === null ? candidates : [leader];
  }

  #node(kind: (typeof NODE_FACETS)[number], id: string, silent: Silent): string {
    const node = entryOf(this.current.nodes, id);
    if (node === undefined) return 'null';
    if (kind === 'condition') return JSON.stringify([node.liveness === 'LEFT', livenessShown(node, silent)]);
    if (kind === 'role') return roleOf(node, { leads: this.#leads.has(id), stands: this.#stands.has(id) });
    const { name, address, zone, kind: stated, schedulable, incarnation, labels } = node;
    const sorted = labels && Object.entries(labels).sort(byName);
    return JSON.stringify([name, address, zone, stated, schedulable, incarnation, sorted]);
  }

  #job(id: string, silent: Silent): string {
    const job = entryOf(this.current.jobs, id);
    if (job === undefined) return 'null';
    const holder = job.nodeId === null ? undefined : entryOf(this.current.nodes, job.nodeId);
    return JSON.stringify([shownState(job, holder ? { liveness: livenessShown(holder, silent) } : null), job.nodeId]);
  }
}

function livenessShown(node: Readonly<NodeState>, silent: Silent): Liveness {
  return silent.size > 0 && isUnheard(node, silent) ? 'UNKNOWN' : node.liveness;
}

function leaderIdOf(scope: Readonly<ScopeState> | null): string | null {
  return scope === null ? null : (leadingClaim(scope)?.leaderId ?? null);
}

function count(counts: Map<string, number>, id: string, change: 1 | -1): void {
  const counted = (counts.get(id) ?? 0) + change;
  if (counted === 0) counts.delete(id);
  else counts.set(id, counted);
}

function byName([first]: readonly [string, string], [second]: readonly [string, string]): number {
  return first < second ? -1 : 1;
}
