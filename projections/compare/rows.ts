/** Which rows of a cluster's topology differ between two moments, and what is to be looked for to explain each. */
import { type Both, CAUSES_MAX, type Cause, type CauseWalk } from './causes.ts';
import { type GapSight, gapCauses, silentIn } from './gaps.ts';
import { type FacetKey, NODE_FACETS, type Silent, type TopologyReading } from './reading.ts';

/** What is told as one: a node with all its facets, else a facet. */
export interface RowKey {
  readonly kind: Exclude<FacetKey['kind'], (typeof NODE_FACETS)[number]> | 'node';
  readonly id: string;
}

export interface CausedRow {
  readonly row: RowKey;
  /** In fold order, at least one, the newest `CAUSES_MAX`. */
  readonly causes: readonly Cause[];
}

export class TopologyComparison {
  /** What differs because of what was said, and not of gaps alone: what a `CauseWalk` has to watch. */
  readonly told: readonly FacetKey[];
  /** Under which collectors' silence the walk has to read. */
  readonly silents: readonly Silent[];
  /** What differs: leader, term, scopes, nodes, followings, jobs; each kind in the order of its ids. */
  readonly #differing: readonly FacetKey[];
  readonly #readings: Both<TopologyReading>;
  readonly #sights: Both<GapSight>;

  constructor(readings: Both<TopologyReading>, sights: Both<GapSight>) {
    this.#readings = readings;
    this.#sights = sights;
    const { from, to } = readings;
    const silent = { from: silentIn(sights.from), to: silentIn(sights.to) };
    this.silents = sameMembers(silent.from, silent.to) ? [silent.from] : [silent.from, silent.to];
    this.#differing = facetsOfEither(readings).filter(
      (facet) => from.value(facet, silent.from) !== to.value(facet, silent.to),
    );
    this.told = this.#differing.filter((facet) =>
      this.silents.every((each) => from.value(facet, each) !== to.value(facet, each)),
    );
  }

  /** Every row that differs, with its causes. `walk`: over all events of both sets; null where nothing had to be watched. */
  explained(walk: CauseWalk | null): readonly CausedRow[] {
    const rows = new Map<string, { readonly row: RowKey; readonly causes: Map<number, Cause> }>();
    for (const facet of this.#differing) {
      const row = rowOf(facet);
      const name = `${row.kind} ${row.id}`;
      const known = rows.get(name) ?? { row, causes: new Map<number, Cause>() };
      rows.set(name, known);
      const hidden = this.#isMovedByGaps(facet) ? this.#gapCauses(facet) : [];
      for (const cause of [...(walk?.causesOf(facet) ?? []), ...hidden]) known.causes.set(cause.position, cause);
    }
    return [...rows.values()].map(({ row, causes }) => ({
      row,
      causes: [...causes.values()].sort(byPlace).slice(-CAUSES_MAX),
    }));
  }

  /** Whether either side would read otherwise with the other side's gaps. */
  #isMovedByGaps(facet: FacetKey): boolean {
    const [silent, other] = this.silents;
    if (silent === undefined || other === undefined) return false;
    const { from, to } = this.#readings;
    return from.value(facet, silent) !== from.value(facet, other) || to.value(facet, silent) !== to.value(facet, other);
  }

  #gapCauses(facet: FacetKey): readonly Cause[] {
    const { from, to } = this.#readings;
    return gapCauses(facet, { from: from.state, to: to.state }, this.#sights);
  }
}

function rowOf({ kind, id }: FacetKey): RowKey {
  return kind === 'condition' || kind === 'role' || kind === 'attributes' ? { kind: 'node', id } : { kind, id };
}

/** Every facet that is on either side, each once. */
function facetsOfEither({ from, to }: Both<TopologyReading>): readonly FacetKey[] {
  const nodes = idsOfEither(from.state.nodes, to.state.nodes);
  const facets: FacetKey[] = [
    { kind: 'leader', id: '' },
    { kind: 'term', id: '' },
  ];
  for (const id of idsOfEither(from.state.leadership.scopes, to.state.leadership.scopes)) {
    facets.push({ kind: 'scope', id });
  }
  for (const id of nodes) for (const kind of NODE_FACETS) facets.push({ kind, id });
  for (const id of nodes) facets.push({ kind: 'following', id });
  for (const id of idsOfEither(from.state.jobs, to.state.jobs)) facets.push({ kind: 'job', id });
  return facets;
}

function idsOfEither(from: object, to: object): readonly string[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
}

function sameMembers(first: Silent, second: Silent): boolean {
  return first.size === second.size && [...first].every((member) => second.has(member));
}

function byPlace(first: Cause, second: Cause): number {
  return first.effectiveAt - second.effectiveAt || first.position - second.position;
}
