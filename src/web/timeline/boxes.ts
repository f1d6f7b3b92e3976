/** Intervals made into boxes on the screen, and back: what lies under a point. Pure. */
import { type Span, textOf } from './instants.ts';
import { boundsIn, firstEndingAfter, type Interval, intervalAt, type Lane, wordsOf } from './lanes.ts';
import { type Block, JOB_LINE, type Layout, LEADER_LINE, NODE_BAR, type Row, rowsWithin } from './layout.ts';
import { xOf } from './scale.ts';

export interface Box<Kind extends Interval = Interval> {
  readonly x: number;
  readonly width: number;
  readonly interval: Kind;
  /** It began before what is seen: its start is not drawn as one. */
  readonly isCut: boolean;
}

export interface Field extends Span {
  /** Pixels. */
  readonly width: number;
  /** What lasts still is drawn up to here, µs. */
  readonly present: number;
}

/** At least this wide, so that a blip is seen. */
const WIDTH_MIN = 1.5;

/**
 * The boxes of a lane that are seen. Where several would fall on the same pixel the first stands for all, so that there
 * are never more of them than pixels.
 */
export function boxesOf<Kind extends Interval>(intervals: readonly Kind[], field: Field): readonly Box<Kind>[] {
  const boxes: Box<Kind>[] = [];
  let covered = Number.NEGATIVE_INFINITY;
  for (let index = firstEndingAfter(intervals, field.from); index < intervals.length; index += 1) {
    const interval = intervals[index] as Kind;
    if (interval.start >= field.to) break;
    const box = boxOf(interval, field);
    if (box === null || box.x + box.width <= covered + 1) continue;
    covered = box.x + box.width;
    boxes.push(box);
  }
  return boxes;
}

/** Of blocks, which may lie beside each other in time: those of each line by themselves. */
export function blockBoxes(blocks: readonly Block[], field: Field): readonly Box<Block>[] {
  const boxes: Box<Block>[] = [];
  const covered: number[] = [];
  for (const block of blocks) {
    if (block.start >= field.to) break;
    const box = boxOf(block, field);
    if (box === null || box.x + box.width <= (covered[block.line] ?? Number.NEGATIVE_INFINITY) + 1) continue;
    covered[block.line] = box.x + box.width;
    boxes.push(box);
  }
  return boxes;
}

/** Null: it is not seen. */
export function boxOf<Kind extends Interval>(interval: Kind, field: Field): Box<Kind> | null {
  const end = Math.min(interval.end === Number.POSITIVE_INFINITY ? field.present : interval.end, field.to);
  if (end <= field.from || end < interval.start) return null;
  const start = Math.max(interval.start, field.from);
  const x = xOf(field, field.width, start);
  return {
    x,
    width: Math.max(WIDTH_MIN, xOf(field, field.width, end) - x),
    interval,
    isCut: interval.start < field.from,
  };
}

/** What is under a point of the rows: in words, for the one who points. `y`: from the top of all rows; `told`: from where to where lanes are told. */
export function under(layout: Layout, at: number, y: number, told: Span): string | null {
  const row = rowsWithin(layout.rows, y, y + 1)[0];
  if (row === undefined) return null;
  const found = intervalUnder(row, at, y - row.top);
  const name = row.kind === 'stated' ? nameIn(row.lanes, at) : row.label;
  if (found === null) return name;
  const said = row.kind === 'followers' ? { ...found, value: wordsOf(row.lane, found) } : found;
  return `${name}: ${sentence(said, told)}`;
}

function nameIn(lanes: readonly Lane[], at: number): string {
  const lane = lanes.find(({ intervals }) => intervalAt(intervals, at) !== null) ?? lanes[0];
  return lane?.name ?? lane?.id ?? '';
}

function intervalUnder(row: Row, at: number, y: number): Interval | null {
  switch (row.kind) {
    case 'heading':
      return null;
    case 'leader': {
      const lane = row.lanes[Math.floor(y / LEADER_LINE)] ?? row.lanes[0];
      return lane === undefined ? null : intervalAt(lane.intervals, at);
    }
    case 'followers':
      return intervalAt(row.lane.intervals, at);
    case 'stated':
      return row.lanes.map((lane) => intervalAt(lane.intervals, at)).find((interval) => interval !== null) ?? null;
    case 'node':
      return y < NODE_BAR ? intervalAt(row.liveness, at) : blockAt(row.blocks, at, y);
    case 'waiting':
      return blockAt(row.blocks, at, y);
  }
}

function blockAt(blocks: readonly Block[], at: number, y: number): Block | null {
  const line = Math.floor((y - NODE_BAR) / JOB_LINE);
  return blocks.find((block) => block.line === line && block.start <= at && block.end > at) ?? null;
}

/** An interval in words. */
function sentence(interval: Interval, told: Span): string {
  const { value, term, merged } = interval;
  const { begins, ends } = boundsIn(interval, told);
  const name = 'name' in interval ? `${(interval as Block).name} ` : '';
  const inTerm = term === null ? '' : `, term ${term}`;
  const many = merged > 1 ? `, ${merged} intervals in one` : '';
  const since = begins === null ? 'from earlier' : `from ${textOf(begins)}`;
  const until = ends === null ? 'to later' : ends === Number.POSITIVE_INFINITY ? 'still' : `to ${textOf(ends)}`;
  return `${name}${value}${inTerm}, ${since} ${until}${many}`;
}
