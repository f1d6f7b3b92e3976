/** Draws what is seen of the timeline on a canvas. Rows out of sight cost nothing. */
import type { Field } from '../timeline/boxes.ts';
import type { Piece } from '../timeline/lanes.ts';
import { countsIn, missingIn } from '../timeline/lanes.ts';
import { type Layout, rowsWithin } from '../timeline/layout.ts';
import { ticksOf, xOf } from '../timeline/scale.ts';
import type { Palette } from './palette.ts';
import { paintRow } from './rows.ts';

export const AXIS_HEIGHT = 38;
const BIN_PIXELS = 3;

export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  /** Time and the width of the lanes; they begin at `gutter`. */
  readonly field: Field;
  readonly gutter: number;
  readonly height: number;
  readonly scrolled: number;
}

export interface Shown {
  readonly layout: Layout;
  readonly pieces: readonly Piece[];
  readonly marks: readonly (number | null)[];
}

export function paint(sheet: Sheet, { layout, pieces, marks }: Shown): void {
  const { context, palette, field, gutter, height, scrolled } = sheet;
  const whole = gutter + field.width;
  context.fillStyle = palette.color('ground');
  context.fillRect(0, 0, whole, height);
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(0, AXIS_HEIGHT, whole, height - AXIS_HEIGHT);
  context.clip();
  context.translate(0, AXIS_HEIGHT - scrolled);
  paintGround(sheet, layout);
  paintMissing(sheet, pieces);
  for (const row of rowsWithin(layout.rows, scrolled, scrolled + height - AXIS_HEIGHT)) paintRow(sheet, row);
  context.restore();
  paintAxis(sheet, pieces);
  paintMarks(sheet, marks);
}

/** What goes through all rows: what lies ahead, incidents, maintenances. */
function paintGround({ context, palette, field, gutter, height, scrolled }: Sheet, layout: Layout): void {
  const bottom = scrolled + height;
  const band = (start: number, end: number, color: string, alpha: number): void => {
    const x = Math.max(0, xOf(field, field.width, start));
    const right = Math.min(field.width, xOf(field, field.width, end));
    if (right <= x) return;
    context.globalAlpha = alpha;
    context.fillStyle = color;
    context.fillRect(gutter + x, scrolled, right - x, bottom);
    context.globalAlpha = 1;
  };
  band(field.present, field.to, palette.color('sunken'), 0.6);
  for (const lane of layout.bands) {
    const color = palette.color(lane.kind === 'incident' ? 'bad' : 'accent');
    for (const { start, end, value } of lane.intervals) {
      if (value !== 'cancelled') band(start, Math.min(end, field.present), color, 0.09);
    }
  }
}

/** Not told yet is not empty. */
function paintMissing({ context, palette, field, gutter, height, scrolled }: Sheet, pieces: readonly Piece[]): void {
  for (const { from, to } of missingIn(pieces, field)) {
    const [x, right] = [xOf(field, field.width, from), xOf(field, field.width, to)];
    context.fillStyle = palette.color('sunken');
    context.fillRect(gutter + x, scrolled, right - x, height);
    context.fillStyle = palette.color('muted');
    context.font = palette.font;
    if (right - x > 60) context.fillText('loading …', gutter + (x + right) / 2 - 24, scrolled + 60);
  }
}

function paintAxis({ context, palette, field, gutter }: Sheet, pieces: readonly Piece[]): void {
  const whole = gutter + field.width;
  context.fillStyle = palette.color('raised');
  context.fillRect(0, 0, whole, AXIS_HEIGHT);
  context.font = palette.font;
  context.fillStyle = palette.color('muted');
  context.fillText('UTC', 8, 11);
  context.fillText('events', 8, AXIS_HEIGHT - 9);
  context.save();
  context.beginPath();
  context.rect(gutter, 0, field.width, 4_000);
  context.clip();
  for (const { at, label } of ticksOf(field, field.width)) {
    const x = Math.round(gutter + xOf(field, field.width, at)) + 0.5;
    context.fillStyle = palette.color('line');
    context.fillRect(x, 0, 1, AXIS_HEIGHT);
    context.fillStyle = palette.color('text');
    context.fillText(label, x + 5, 11);
  }
  const counts = countsIn(pieces, Math.max(1, Math.floor(field.width / BIN_PIXELS)), field);
  const most = Math.max(1, ...counts);
  context.fillStyle = palette.color('edge');
  for (const [index, count] of counts.entries()) {
    if (count === 0) continue;
    const tall = 2 + (Math.log1p(count) / Math.log1p(most)) * 12;
    context.fillRect(gutter + index * BIN_PIXELS, AXIS_HEIGHT - 1 - tall, BIN_PIXELS - 1, tall);
  }
  context.restore();
  context.fillStyle = palette.color('line');
  context.fillRect(0, AXIS_HEIGHT - 1, whole, 1);
  context.fillRect(gutter - 1, 0, 1, 4_000);
}

function paintMarks({ context, palette, field, gutter, height }: Sheet, marks: Shown['marks']): void {
  context.font = palette.strong;
  for (const [index, at] of marks.entries()) {
    if (at === null || at < field.from || at > field.to) continue;
    const x = Math.round(gutter + xOf(field, field.width, at));
    context.fillStyle = palette.color('warn');
    context.fillRect(x, 0, 1, height);
    // Below the times of the axis.
    context.fillRect(x, AXIS_HEIGHT - 18, 14, 15);
    context.fillStyle = palette.color('ground');
    context.fillText(String(index + 1), x + 4, AXIS_HEIGHT - 10);
  }
}
