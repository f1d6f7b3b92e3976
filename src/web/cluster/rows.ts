/** Draws one row of the timeline. A state has a colour and besides it a pattern, a gap or a word. */
import { type Box, blockBoxes, boxesOf, boxOf } from '../timeline/boxes.ts';
import type { Interval, Lane } from '../timeline/lanes.ts';
import { type Block, JOB_LINE, LEADER_LINE, NODE_BAR, type Overlap, type Row } from '../timeline/layout.ts';
import { xOf } from '../timeline/scale.ts';
import type { Sheet } from './paint.ts';
import type { ColorName, PatternName } from './palette.ts';

interface Style {
  readonly fill: ColorName | null;
  readonly line: ColorName;
  readonly pattern?: PatternName;
  readonly isDashed?: boolean;
}

const LIVENESS: Readonly<Record<string, Style>> = {
  ALIVE: { fill: 'ok-soft', line: 'ok' },
  LOST: { fill: null, line: 'bad', pattern: 'lost', isDashed: true },
  UNKNOWN: { fill: 'unknown-soft', line: 'unknown', pattern: 'unknown' },
  LEFT: { fill: null, line: 'edge', isDashed: true },
};
const JOBS: Readonly<Record<string, Style>> = {
  RUNNING: { fill: 'accent-soft', line: 'accent' },
  ASSIGNED: { fill: 'ground', line: 'accent', isDashed: true },
  ORPHANED: { fill: 'bad-soft', line: 'bad', pattern: 'lost' },
  SUBMITTED: { fill: 'raised', line: 'edge', isDashed: true },
  FAILED: { fill: 'bad-soft', line: 'bad' },
  UNASSIGNED: { fill: 'warn-soft', line: 'warn', isDashed: true },
};
const PLAIN: Style = { fill: 'raised', line: 'edge' };

export function paintRow(sheet: Sheet, row: Row): void {
  const { context, palette, field, gutter } = sheet;
  context.save();
  context.beginPath();
  context.rect(gutter, row.top, field.width, row.height);
  context.clip();
  paintInside(sheet, row);
  context.restore();
  const isHeading = row.kind === 'heading';
  if (isHeading) {
    context.fillStyle = palette.color('raised');
    context.fillRect(0, row.top, gutter + field.width, row.height - 2);
  }
  context.fillStyle = palette.color(isHeading ? 'muted' : 'text');
  context.font = isHeading ? palette.strong : palette.font;
  const middle = row.top + (row.kind === 'node' || row.kind === 'waiting' ? NODE_BAR / 2 + 1 : row.height / 2);
  context.fillText(cut(sheet, row.label, gutter - (isHeading ? 12 : 22)), isHeading ? 8 : 14, middle);
}

function paintInside(sheet: Sheet, row: Row): void {
  const { field } = sheet;
  switch (row.kind) {
    case 'heading':
      return;
    case 'leader':
      for (const [line, lane] of row.lanes.entries()) {
        const place = { top: row.top + line * LEADER_LINE + 2, height: LEADER_LINE - 4 };
        for (const box of boxesOf(lane.intervals, field)) paintClaim(sheet, box, place);
      }
      for (const overlap of row.overlaps) paintOverlap(sheet, row, overlap);
      return;
    case 'followers':
      paintFollowers(sheet, row);
      return;
    case 'node':
      if (row.isOmitted) {
        sheet.context.font = sheet.palette.font;
        sheet.context.fillStyle = sheet.palette.color('muted');
        sheet.context.fillText('left out: changed long ago', sheet.gutter + 6, row.top + NODE_BAR / 2 + 1);
      }
      for (const box of boxesOf(row.liveness, field)) {
        const style = LIVENESS[box.interval.value] ?? PLAIN;
        const word = box.interval.value === 'ALIVE' ? '' : box.interval.value.toLowerCase();
        paintBox(sheet, box, { top: row.top + 3, height: NODE_BAR - 5, style, word });
      }
      paintBlocks(sheet, row.blocks, row.top + NODE_BAR);
      return;
    case 'waiting':
      paintBlocks(sheet, row.blocks, row.top + NODE_BAR);
      return;
    case 'stated':
      for (const lane of row.lanes) paintStated(sheet, lane, { top: row.top + 2, height: row.height - 5 });
  }
}

/** A step for each pixel: the fewest that it stands for. The number is over the step, or under it at the top. */
function paintFollowers(sheet: Sheet, { lane, gaps, top, height }: Extract<Row, { kind: 'followers' }>): void {
  const { context, palette, field, gutter } = sheet;
  const boxes = lane.intervals.flatMap((interval) => boxOf(interval, field) ?? []);
  const steps: number[] = [];
  for (const { x, width, interval } of boxes) {
    for (let step = Math.floor(x); step < x + width; step += 1)
      steps[step] = Math.min(steps[step] ?? Number.POSITIVE_INFINITY, Number(interval.value));
  }
  const floor = top + height - 4;
  const most = Math.max(1, ...boxes.map(({ interval }) => Number(interval.value)));
  const heightOf = (count: number): number => floor - (count / most) * (height - 8);
  let before: number | null = null;
  for (const [step, count] of steps.entries()) {
    // What is not known is a hole among them.
    if (count === undefined) before = null;
    else {
      const high = heightOf(count);
      context.fillStyle = palette.color('ok-soft');
      context.fillRect(gutter + step, high, 1, floor - high);
      context.fillStyle = palette.color(count === 0 ? 'bad' : 'ok');
      context.fillRect(gutter + step, Math.min(high, before ?? high) - 2, 1, 2 + Math.abs(high - (before ?? high)));
      before = high;
    }
  }
  context.fillStyle = palette.pattern('unknown');
  for (const { intervals } of gaps) {
    for (const { x, width } of boxesOf(intervals, field)) context.fillRect(gutter + x, top, width, height - 4);
  }
  context.font = palette.strong;
  for (const { x, width, interval } of boxes) {
    if (width < 6 + 8 * interval.value.length) continue;
    const high = heightOf(Number(interval.value));
    context.fillStyle = palette.color(interval.value === '0' ? 'bad' : 'text');
    context.fillText(interval.value, gutter + x + 4, high < top + 15 ? high + 9 : high - 9);
  }
}

function paintStated(sheet: Sheet, lane: Lane, place: Place): void {
  for (const box of boxesOf(lane.intervals, sheet.field)) {
    const { value } = box.interval;
    const says = value.replace('unstated', 'impact unstated').replace('_', ' ');
    const style = statedStyle(lane, value);
    paintBox(sheet, box, { ...place, style, word: `${lane.name ?? lane.id} · ${says}` });
  }
}

function statedStyle({ kind }: Lane, value: string): Style {
  if (kind === 'gap') return { fill: 'unknown-soft', line: 'unknown', pattern: 'unknown' };
  if (kind === 'maintenance') return { fill: 'accent-soft', line: 'accent', isDashed: value !== 'in_progress' };
  return value === 'minor' || value === 'none'
    ? { fill: 'warn-soft', line: 'warn' }
    : { fill: 'bad-soft', line: 'bad' };
}

function paintBlocks(sheet: Sheet, blocks: readonly Block[], top: number): void {
  for (const box of blockBoxes(blocks, sheet.field)) {
    const { line, state, name } = box.interval;
    const style = JOBS[state] ?? PLAIN;
    const word = state === 'RUNNING' ? name : `${name} ${state.toLowerCase()}`;
    paintBox(sheet, box, { top: top + line * JOB_LINE, height: JOB_LINE - 1, style, word });
  }
}

interface Place {
  readonly top: number;
  readonly height: number;
}

/** A claim to lead; its beginning is a tick: an election. */
function paintClaim(sheet: Sheet, box: Box, place: Place): void {
  const { context, palette, gutter } = sheet;
  const { value, term } = box.interval;
  if (value === 'none' || value === 'electing') {
    const isElecting = value === 'electing';
    const style: Style = { fill: null, line: isElecting ? 'warn' : 'bad', pattern: isElecting ? 'electing' : 'lost' };
    paintBox(sheet, box, { ...place, style, word: isElecting ? 'electing' : 'no leader' });
    return;
  }
  // Terms that follow each other differ.
  const fill: ColorName = (term ?? 0) % 2 === 0 ? 'sunken' : 'accent-soft';
  const word = term === null ? value.trim() : `term ${term} · ${value.trim()}`;
  paintBox(sheet, box, { ...place, style: { fill, line: 'accent' }, word });
  if (box.isCut) return;
  context.fillStyle = palette.color('accent');
  const x = gutter + box.x;
  context.fillRect(x, place.top - 2, 2, place.height + 4);
  context.beginPath();
  context.moveTo(x - 4, place.top - 2);
  context.lineTo(x + 6, place.top - 2);
  context.lineTo(x + 1, place.top + 4);
  context.fill();
}

function paintOverlap(sheet: Sheet, row: Place & Pick<Row, 'top'>, { start, end, isSameTerm, term }: Overlap): void {
  const { field } = sheet;
  const until = Math.min(end === Number.POSITIVE_INFINITY ? field.present : end, field.to);
  if (until <= field.from || start >= field.to) return;
  const x = xOf(field, field.width, Math.max(start, field.from));
  const width = Math.max(3, xOf(field, field.width, until) - x);
  const { context, palette, gutter } = sheet;
  context.save();
  context.globalAlpha = isSameTerm ? 0.55 : 0.25;
  context.fillStyle = palette.pattern('overlap');
  context.fillRect(gutter + x, row.top, width, row.height);
  context.restore();
  context.strokeStyle = palette.color('bad');
  context.lineWidth = 2;
  context.strokeRect(gutter + x + 1, row.top + 1, width - 2, row.height - 4);
  if (!isSameTerm || width < 90) return;
  const words = cut(sheet, term === null ? '2 leaders at once' : `2 leaders in term ${term}`, width - 12);
  const wide = context.measureText(words).width + 8;
  context.fillStyle = palette.color('bad-soft');
  context.fillRect(gutter + x + 4, row.top + row.height / 2 - 9, wide, 15);
  context.fillStyle = palette.color('bad');
  context.font = palette.strong;
  context.fillText(words, gutter + x + 8, row.top + row.height / 2 - 1);
}

interface Look extends Place {
  readonly style: Style;
  readonly word: string;
}

function paintBox(sheet: Sheet, box: Box<Interval>, { top, height, style, word }: Look): void {
  const { context, palette, gutter } = sheet;
  const x = gutter + box.x;
  const { width } = box;
  if (style.fill !== null) {
    context.fillStyle = palette.color(style.fill);
    context.fillRect(x, top, width, height);
  }
  if (style.pattern !== undefined) {
    context.fillStyle = palette.pattern(style.pattern);
    context.fillRect(x, top, width, height);
  }
  context.fillStyle = palette.color(style.line);
  if (width < 4) {
    // Too narrow for anything else than that it was there.
    context.globalAlpha = 0.75;
    context.fillRect(x, top, width, height);
    context.globalAlpha = 1;
    return;
  }
  if (style.isDashed) {
    for (let dash = 0; dash < Math.min(width, 4_000); dash += 6) {
      context.fillRect(x + dash, top + height - 1, Math.min(3, width - dash), 1);
    }
  } else context.fillRect(x, top + height - 1.5, width, 1.5);
  if (!box.isCut) context.fillRect(x, top, 1, height);
  if (box.interval.merged > 1) {
    // Several in one: dots along the top.
    for (let dot = 2; dot < Math.min(width, 4_000) - 1; dot += 5) context.fillRect(x + dot, top, 2, 1.5);
  }
  if (word === '' || width < 24) return;
  context.font = palette.font;
  const text = cut(sheet, word, width - 8);
  if (text === '') return;
  if (style.pattern !== undefined) {
    context.fillStyle = palette.color('ground');
    context.fillRect(x + 3, top + 1, context.measureText(text).width + 4, height - 3);
  }
  context.fillStyle = palette.color(style.line === 'edge' ? 'muted' : 'text');
  context.fillText(text, x + 5, top + height / 2);
}

const WIDTHS = new Map<string, number>();

/** As much of a text as fits, with an ellipsis; nothing where hardly any does. */
function cut({ context }: Sheet, text: string, width: number): string {
  const key = `${context.font} ${text}`;
  let whole = WIDTHS.get(key);
  if (whole === undefined) {
    if (WIDTHS.size > 5_000) WIDTHS.clear();
    whole = context.measureText(text).width;
    WIDTHS.set(key, whole);
  }
  if (whole <= width) return text;
  const letters = Math.floor((text.length * width) / whole) - 1;
  return letters < 2 ? '' : `${text.slice(0, letters)}…`;
}
