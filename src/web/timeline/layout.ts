/** Which rows there are, how high, and what lies in each. Made anew when lanes or the filter change, not while panning. Pure. */
import { fitting } from './filter.ts';
import { type Interval, isNobody, type Lane } from './lanes.ts';

/** A job, as long as one node held it in one state. */
export interface Block extends Interval {
  readonly jobId: string;
  readonly name: string;
  /** ASSIGNED, RUNNING or ORPHANED on a node; SUBMITTED, FAILED or UNASSIGNED where none holds it. */
  readonly state: string;
  /** Which line of its row, from 0; set once. There are many blocks: no copy is made for it. */
  line: number;
}

/** Two claims of one scope at once. */
export interface Overlap {
  readonly start: number;
  readonly end: number;
  /** Both cannot be right. Otherwise the older one had not stepped down yet. */
  readonly isSameTerm: boolean;
  /** Of the one that leads; null: it has none. */
  readonly term: number | null;
}

interface Placed {
  readonly key: string;
  readonly label: string;
  readonly top: number;
  readonly height: number;
}

export type Row =
  | (Placed & { readonly kind: 'heading' })
  | (Placed & { readonly kind: 'leader'; readonly lanes: readonly Lane[]; readonly overlaps: readonly Overlap[] })
  | (Placed & { readonly kind: 'followers'; readonly lane: Lane; readonly gaps: readonly Lane[] })
  | (Placed & {
      readonly kind: 'node';
      readonly id: string;
      readonly liveness: readonly Interval[];
      readonly blocks: readonly Block[];
      readonly lines: number;
      /** It has no lane, since there would be too many. */
      readonly isOmitted: boolean;
    })
  | (Placed & { readonly kind: 'waiting'; readonly blocks: readonly Block[]; readonly lines: number })
  /** Incidents, maintenances, gaps: several where they do not overlap. */
  | (Placed & { readonly kind: 'stated'; readonly lanes: readonly Lane[] });

export interface Layout {
  readonly rows: readonly Row[];
  readonly height: number;
  /** Incidents and maintenances: drawn through all rows. */
  readonly bands: readonly Lane[];
  readonly lanes: readonly Lane[];
}

export interface Member {
  readonly id: string;
  readonly name: string | null;
  readonly zone: string | null;
}

export interface LayoutOptions {
  readonly lanes: readonly Lane[];
  /** Nodes that keep their row though no lane tells of them. */
  readonly roster: readonly Member[];
  /** Words that a row's label must have. */
  readonly filter: string;
  /** Whether the server left lanes out. */
  readonly hasOmissions?: boolean;
  /** Whether anyone ever followed: a cluster in which nobody does may have none to follow. */
  readonly history?: { readonly hasFollowers: boolean } | null;
}

export const LEADER_LINE = 24;
const FOLLOWERS_HEIGHT = 36;
export const NODE_BAR = 16;
export const JOB_LINE = 13;
const NODE_LINES_MAX = 5;
const STATED_HEIGHT = 20;
const HEADING_HEIGHT = 20;
const GAP = 4;

/** Collects rows from the top down. */
class Stack {
  readonly rows: Row[] = [];
  height = 0;

  add(row: DistributiveOmit<Row, 'top'>): void {
    this.rows.push({ ...row, top: this.height } as Row);
    this.height += row.height;
  }
}
type DistributiveOmit<Shape, Key extends PropertyKey> = Shape extends unknown ? Omit<Shape, Key> : never;

export function layoutOf({ lanes: told, roster, filter, hasOmissions = false, history }: LayoutOptions): Layout {
  const lanes = history?.hasFollowers ? told : told.filter((lane) => !isNobody(lane));
  const of = (kind: Lane['kind']): Lane[] => lanes.filter((lane) => lane.kind === kind);
  const fits = fitting(filter);
  const bands = [...of('incident'), ...of('maintenance')];
  const stack = new Stack();
  for (const lanes of [...packed(of('incident')), ...packed(of('maintenance'))]) stack.add(stated(lanes));
  for (const [scope, claims] of Map.groupBy(of('leader'), ({ group }) => group)) {
    const label = scope === null ? 'Leader' : `Leader of ${scope}`;
    if (!fits(label)) continue;
    const [key, height, overlaps] = [`leader ${scope ?? ''}`, claims.length * LEADER_LINE + GAP, overlapsIn(claims)];
    stack.add({ kind: 'leader', key, label, height, lanes: claims, overlaps });
  }
  const gaps = of('gap');
  for (const lane of of('followers')) {
    const label = 'Followers';
    if (fits(label)) stack.add({ kind: 'followers', key: 'followers', label, height: FOLLOWERS_HEIGHT, lane, gaps });
  }
  const { byNode, waiting } = placedJobs(of('job'));
  addNodes(stack, { nodes: nodesOf(of('node'), roster), byNode, fits, hasOmissions });
  if (waiting.length > 0 && fits('not placed', jobWords(waiting))) {
    const { blocks, lines } = inLines(waiting);
    const height = NODE_BAR + lines * JOB_LINE + GAP;
    stack.add({ kind: 'waiting', key: 'waiting', label: 'Not placed', height, blocks, lines });
  }
  const silent = gaps.filter(({ id }) => fits(id));
  if (silent.length > 0)
    stack.add({ kind: 'heading', key: 'heading gaps', label: 'Silent collectors', height: HEADING_HEIGHT });
  for (const lane of silent) stack.add(stated([lane]));
  return { rows: stack.rows, height: stack.height, bands, lanes };
}

const STATED_LABELS: Readonly<Partial<Record<Lane['kind'], string>>> = {
  incident: 'Incident',
  maintenance: 'Maintenance',
};

function stated(lanes: readonly [Lane, ...Lane[]]) {
  const [{ id, kind }] = lanes;
  const label = STATED_LABELS[kind] ?? id;
  return { kind: 'stated' as const, key: `${kind} ${id}`, label, height: STATED_HEIGHT, lanes };
}

/** Lanes on as few rows as can be without one over another, those that begin first on the first. */
function packed(lanes: readonly Lane[]): readonly (readonly [Lane, ...Lane[]])[] {
  const rows: { until: number; readonly lanes: [Lane, ...Lane[]] }[] = [];
  const startOf = ({ intervals }: Lane): number => intervals[0]?.start ?? 0;
  for (const lane of lanes.toSorted((one, other) => startOf(one) - startOf(other))) {
    const until = lane.intervals.at(-1)?.end ?? 0;
    const row = rows.find((each) => each.until <= startOf(lane));
    if (row === undefined) rows.push({ until, lanes: [lane] });
    else {
      row.lanes.push(lane);
      row.until = until;
    }
  }
  return rows.map((row) => row.lanes);
}

interface NodeRow extends Member {
  readonly liveness: readonly Interval[];
}

/** By zone, then by id as people count: node-2 before node-10. */
function nodesOf(lanes: readonly Lane[], roster: readonly Member[]): readonly NodeRow[] {
  const found = new Map<string, NodeRow>();
  for (const member of roster) found.set(member.id, { ...member, liveness: [] });
  for (const { id, name, group, intervals } of lanes) found.set(id, { id, name, zone: group, liveness: intervals });
  return [...found.values()].sort(byPlace);
}

const ORDER = new Intl.Collator('en', { numeric: true });

/** Where a node has its place, in rows and on the ring. */
export function byPlace(one: Member, other: Member): number {
  return ORDER.compare(one.zone ?? '\uffff', other.zone ?? '\uffff') || ORDER.compare(one.id, other.id);
}

interface Nodes {
  readonly nodes: readonly NodeRow[];
  readonly byNode: ReadonlyMap<string, readonly Block[]>;
  fits(...texts: readonly (string | null)[]): boolean;
  readonly hasOmissions: boolean;
}

function addNodes(stack: Stack, { nodes, byNode, fits, hasOmissions }: Nodes): void {
  for (const [zone, members] of Map.groupBy(nodes, (node) => node.zone)) {
    const wanted = members.filter(({ id, name }) => fits(id, name, zone, jobWords(byNode.get(id))));
    if (wanted.length === 0) continue;
    const isOmitted = ({ liveness }: NodeRow): boolean => hasOmissions && liveness.length === 0;
    const drawn = wanted.filter((node) => !isOmitted(node));
    // What there is to see comes first.
    const shown = [...drawn, ...wanted.filter(isOmitted)];
    const count = drawn.length < shown.length ? `${drawn.length} of ${shown.length}` : String(shown.length);
    const label = `${zone ?? 'No zone'} · ${count}`;
    stack.add({ kind: 'heading', key: `heading ${zone ?? ''}`, label, height: HEADING_HEIGHT });
    for (const node of shown) {
      const { id, name, liveness } = node;
      const { blocks, lines } = inLines(byNode.get(id) ?? []);
      const height = NODE_BAR + lines * JOB_LINE + GAP;
      stack.add({
        kind: 'node',
        key: `node ${id}`,
        label: name ?? id,
        id,
        height,
        liveness,
        blocks,
        lines,
        isOmitted: isOmitted(node),
      });
    }
  }
}

function jobWords(blocks: readonly Block[] | undefined): string {
  return blocks === undefined ? '' : [...new Set(blocks.map(({ name }) => name))].join(' ');
}

const ON_NODE: ReadonlySet<string> = new Set(['ASSIGNED', 'RUNNING', 'ORPHANED']);
const NOWHERE: ReadonlySet<string> = new Set(['SUBMITTED', 'FAILED', 'UNASSIGNED']);

function placedJobs(lanes: readonly Lane[]): { byNode: Map<string, Block[]>; waiting: Block[] } {
  const byNode = new Map<string, Block[]>();
  const waiting: Block[] = [];
  for (const { id, name, intervals } of lanes) {
    for (const interval of intervals) {
      const gap = interval.value.indexOf(' ');
      const state = gap < 0 ? interval.value : interval.value.slice(0, gap);
      const block: Block = { ...interval, jobId: id, name: name ?? id, state, line: 0 };
      if (NOWHERE.has(state)) waiting.push(block);
      else if (ON_NODE.has(state) && gap >= 0) {
        const nodeId = interval.value.slice(gap + 1);
        const blocks = byNode.get(nodeId);
        if (blocks === undefined) byNode.set(nodeId, [block]);
        else blocks.push(block);
      }
    }
  }
  return { byNode, waiting };
}

/**
 * Every block on the first line that is free, a job on the line where it was before if that is free. What finds none of
 * the lines goes on the last.
 */
export function inLines(unplaced: readonly Block[]): { readonly blocks: readonly Block[]; readonly lines: number } {
  const busyUntil: number[] = [];
  const lineOfJob = new Map<string, number>();
  const blocks = unplaced.toSorted((one, other) => one.start - other.start);
  for (const block of blocks) {
    const before = lineOfJob.get(block.jobId);
    const free = (line: number): boolean => (busyUntil[line] ?? Number.NEGATIVE_INFINITY) <= block.start;
    let line = before !== undefined && free(before) ? before : busyUntil.findIndex((_until, index) => free(index));
    if (line < 0) line = Math.min(busyUntil.length, NODE_LINES_MAX - 1);
    busyUntil[line] = Math.max(busyUntil[line] ?? 0, block.end);
    lineOfJob.set(block.jobId, line);
    block.line = line;
  }
  return { blocks, lines: busyUntil.length };
}

/** Where more than one lane of a scope has a claim. */
export function overlapsIn(lanes: readonly Lane[]): readonly Overlap[] {
  const found: Overlap[] = [];
  const claims = lanes.map(({ intervals }) =>
    intervals.filter(({ value }) => value !== 'none' && value !== 'electing'),
  );
  for (const [index, one] of claims.entries()) {
    for (const other of claims.slice(index + 1)) found.push(...overlapsOf(one, other));
  }
  return found.sort((one, other) => one.start - other.start);
}

function overlapsOf(one: readonly Interval[], other: readonly Interval[]): Overlap[] {
  const found: Overlap[] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const [a, b] = [one[left], other[right]];
    if (a === undefined || b === undefined) return found;
    const [start, end] = [Math.max(a.start, b.start), Math.min(a.end, b.end)];
    if (start < end) found.push({ start, end, isSameTerm: a.term === b.term, term: a.term });
    if (a.end < b.end) left += 1;
    else right += 1;
  }
}

/** The rows that show in a window of the stack, by halves. */
export function rowsWithin(rows: readonly Row[], top: number, bottom: number): readonly Row[] {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && row.top + row.height <= top) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < rows.length && (rows[end]?.top ?? 0) < bottom) end += 1;
  return rows.slice(low, end);
}
