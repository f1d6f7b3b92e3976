/** Which rows of a cluster's topology differ between two moments, and what is to be looked for to explain each. */
import { type Both, CAUSES_MAX, type Cause, type CauseWalk } from './causes.ts';
import { type GapSight, gapCauses, silentIn } from './gaps.ts';
import { type RowKey, rowName, type Silent, type TopologyReading } from './reading.ts';

export class TopologyComparison {
  /** The rows that differ: leader, term, scopes, nodes, followings, jobs; each kind in the order of its ids. */
  readonly rows: readonly RowKey[];
  /** Those of them that differ because of what was said, and not of gaps alone: what a `CauseWalk` has to watch. */
  readonly told: readonly RowKey[];
  /** Under which collectors' silence the walk has to read. */
  readonly silents: readonly Silent[];
  readonly #readings: Both<TopologyReading>;
  readonly #sights: Both<GapSight>;
  readonly #silent: Both<Silent>;

  constructor(readings: Both<TopologyReading>, sights: Both<GapSight>) {
    this.#readings = readings;
    this.#sights = sights;
    this.#silent = { from: silentIn(sights.from), to: silentIn(sights.to) };
    this.silents = sameMembers(this.#silent.from, this.#silent.to)
      ? [this.#silent.from]
      : [this.#silent.from, this.#silent.to];
    this.rows = rowsOfEither(readings).filter(
      (row) => readings.from.value(row, this.#silent.from) !== readings.to.value(row, this.#silent.to),
    );
    this.told = this.rows.filter((row) =>
      this.silents.every((silent) => readings.from.value(row, silent) !== readings.to.value(row, silent)),
    );
  }

  /** At least one for each row that differs, in fold order, the newest `CAUSES_MAX`. `walk`: null where nothing had to be watched. */
  causesOf(row: RowKey, walk: CauseWalk | null): readonly Cause[] {
    const told = walk?.causesOf(row) ?? [];
    const hidden = this.#isMovedByGaps(row) ? this.#gapCauses(row) : [];
    return [...told, ...hidden].sort(byPlace).slice(-CAUSES_MAX);
  }

  /** Whether either side would read otherwise with the other side's gaps. */
  #isMovedByGaps(row: RowKey): boolean {
    const [silent, other] = this.silents;
    if (silent === undefined || other === undefined) return false;
    const { from, to } = this.#readings;
    return from.value(row, silent) !== from.value(row, other) || to.value(row, silent) !== to.value(row, other);
  }

  #gapCauses(row: RowKey): readonly Cause[] {
    const { from, to } = this.#readings;
    return gapCauses(row, { from: from.state, to: to.state }, this.#sights);
  }
}

/** Every row that is on either side, each once. */
function rowsOfEither({ from, to }: Both<TopologyReading>): readonly RowKey[] {
  const nodes = idsOfEither(from.state.nodes, to.state.nodes);
  const rows = new Map<string, RowKey>();
  const add = (row: RowKey) => rows.set(rowName(row), row);
  add({ kind: 'leader', id: '' });
  add({ kind: 'term', id: '' });
  for (const id of idsOfEither(from.state.leadership.scopes, to.state.leadership.scopes)) add({ kind: 'scope', id });
  for (const id of nodes) add({ kind: 'node', id });
  for (const id of nodes) add({ kind: 'following', id });
  for (const id of idsOfEither(from.state.jobs, to.state.jobs)) add({ kind: 'job', id });
  return [...rows.values()];
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
