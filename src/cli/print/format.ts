/** The output formats: every reading command prints in each of them. */
import { stringify as stringifyYaml } from 'yaml';
import { systemClock } from '../../clock.ts';
import { usageFailure } from '../failure.ts';
import type { Terminal } from '../runtime.ts';
import { type Column, table } from './table.ts';
import { type Painter, painter } from './text.ts';

export const FORMATS = ['table', 'wide', 'json', 'jsonl', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

export function readFormat(text: string): Format {
  const format = FORMATS.find((known) => known === text);
  if (!format) throw usageFailure(`-o ${text}: expected one of ${FORMATS.join(', ')}`);
  return format;
}

export function isForPeople(format: Format): boolean {
  return format === 'table' || format === 'wide';
}

/** What drawing for people takes into account. */
export interface Look {
  readonly paint: Painter;
  readonly wide: boolean;
  readonly nowMs: number;
}

export interface ListShape<Row> {
  readonly columns: (look: Look) => readonly Column<Row>[];
  /** `cluster/payments`: what other commands take. */
  readonly name: (row: Row) => string;
  /** Said on stderr instead of an empty table. */
  readonly none: string;
  /** What ages are counted to; absent: now. */
  readonly nowMs?: number;
}

export interface ItemShape<Item> {
  /** The item for people, whole lines. */
  readonly draw: (item: Item, look: Look) => string;
  readonly name: (item: Item) => string;
  /** What ages are counted to; absent: now. */
  readonly nowMs?: number;
}

function look(terminal: Terminal, format: Format, nowMs: number | undefined): Look {
  return { paint: painter(terminal.color), wide: format === 'wide', nowMs: nowMs ?? systemClock() / 1000 };
}

export function formatList<Row>(
  rows: readonly Row[],
  format: Format,
  shape: ListShape<Row>,
  terminal: Terminal,
): string {
  if (format === 'json') return `${JSON.stringify(rows, null, 2)}\n`;
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format === 'yaml') return stringifyYaml(rows);
  if (format === 'name') return rows.map((row) => `${shape.name(row)}\n`).join('');
  const how = look(terminal, format, shape.nowMs);
  return rows.length === 0 ? '' : table(rows, shape.columns(how), how);
}

export function formatItem<Item>(item: Item, format: Format, shape: ItemShape<Item>, terminal: Terminal): string {
  if (format === 'json') return `${JSON.stringify(item, null, 2)}\n`;
  if (format === 'jsonl') return `${JSON.stringify(item)}\n`;
  if (format === 'yaml') return stringifyYaml(item);
  if (format === 'name') return `${shape.name(item)}\n`;
  return shape.draw(item, look(terminal, format, shape.nowMs));
}

export async function printList<Row>(
  rows: readonly Row[],
  format: Format,
  shape: ListShape<Row>,
  terminal: Terminal,
): Promise<void> {
  if (rows.length === 0 && isForPeople(format)) terminal.note(`${shape.none}\n`);
  await terminal.write(formatList(rows, format, shape, terminal));
}

export async function printItem<Item>(
  item: Item,
  format: Format,
  shape: ItemShape<Item>,
  terminal: Terminal,
): Promise<void> {
  await terminal.write(formatItem(item, format, shape, terminal));
}

const CLEAR = '\x1b[H\x1b[2J\x1b[3J';

/** One more picture of something watched: a terminal is redrawn; elsewhere pictures follow each other. */
export async function printAgain(text: string, format: Format, terminal: Terminal): Promise<void> {
  if (isForPeople(format) && terminal.isInteractive) return terminal.write(`${CLEAR}${text}`);
  const mark = format === 'yaml' ? '---\n' : '';
  await terminal.write(isForPeople(format) ? `${text}\n` : `${mark}${text}`);
}
