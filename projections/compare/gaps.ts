/** Gaps as causes: a node may differ because at one of the moments nobody could see. */
import { livenessSources } from '../cluster/nodes.ts';
import type { ClusterState } from '../cluster/state.ts';
import type { GapsState } from '../gaps/state.ts';
import type { GapView } from '../gaps/view.ts';
import { entryOf } from '../record.ts';
import type { Both, Cause, Holder } from './causes.ts';
import type { FacetKey, Silent } from './reading.ts';

/** What one side knows of gaps. */
export interface GapSight {
  readonly gaps: Readonly<GapsState>;
  /** Those in force at its moment that concern the cluster. */
  readonly covering: readonly GapView[];
}

export function silentIn({ covering }: GapSight): Silent {
  return new Set(covering.map(({ collector }) => collector));
}

/** Which statements made the gaps that hide a facet's node, and ended them: those that one side alone knows, else all. */
export function gapCauses(
  facet: FacetKey,
  states: Both<Readonly<ClusterState>>,
  sights: Both<GapSight>,
): readonly Cause[] {
  const sources = new Set([...sourcesOf(facet, states.from), ...sourcesOf(facet, states.to)]);
  const hiding = (sight: GapSight) => sight.covering.filter(({ collector }) => sources.has(collector));
  const [from, to] = [hiding(sights.from), hiding(sights.to)];
  const ofOne = [...without(from, to), ...without(to, from)];
  const causes = statementsOf(ofOne.length > 0 ? ofOne : [...from, ...to], sights);
  const unshared = causes.filter(({ holder }) => holder !== 'both');
  return unshared.length > 0 ? unshared : causes;
}

/** Whoever made known whether the facet's node is alive. */
function sourcesOf({ kind, id }: FacetKey, state: Readonly<ClusterState>): readonly string[] {
  const nodeId = kind === 'job' ? (entryOf(state.jobs, id)?.nodeId ?? null) : kind === 'condition' ? id : null;
  const node = nodeId === null ? undefined : entryOf(state.nodes, nodeId);
  return node === undefined ? [] : livenessSources(node).flat();
}

function without(gaps: readonly GapView[], others: readonly GapView[]): readonly GapView[] {
  return gaps.filter((gap) => !others.some(({ eventPosition }) => eventPosition === gap.eventPosition));
}

function statementsOf(gaps: readonly GapView[], sights: Both<GapSight>): readonly Cause[] {
  const found = new Map<number, Cause>();
  for (const side of ['from', 'to'] as const) {
    const { statements } = sights[side].gaps;
    for (const gap of gaps) {
      // A statement with an end closes what its collector left open since the same instant.
      const stated = statements.find(({ eventPosition }) => eventPosition === gap.eventPosition);
      const from = stated === undefined ? gap.from : stated.from;
      for (const { eventPosition: position, at: effectiveAt, ...statement } of statements) {
        const isOfGap = statement.collector === gap.collector && statement.from === from;
        if (!isOfGap) continue;
        const known = found.get(position);
        const holder: Holder = known === undefined || known.holder === side ? side : 'both';
        found.set(position, { effectiveAt, position, holder });
      }
    }
  }
  return [...found.values()];
}
