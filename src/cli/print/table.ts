/** Columns for a terminal. */
import { type Painter, visibleWidth } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
  /** Left out where no row has anything to say in it. */
  readonly optional?: boolean;
  readonly alignRight?: boolean;
  /** May be painted; must be harmless (`plain`). */
  readonly cell: (row: Row) => string;
}

export interface TableOptions {
  readonly wide: boolean;
  readonly paint: Painter;
  /** Put before each line. */
  readonly indent?: string;
}

/** Rows under their titles, each line ended. Nothing is cut: a terminal wraps, a pipe keeps all. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], options: TableOptions): string {
  const { wide, paint, indent = '' } = options;
  const shown = columns.filter(
    (column) => (wide || !column.wide) && !(column.optional && rows.every((row) => column.cell(row) === '')),
  );
  const cells = rows.map((row) => shown.map((column) => column.cell(row)));
  const titles = shown.map(({ title }) => paint(title, 'dim'));
  const widths = shown.map((_, index) =>
    Math.max(...[titles, ...cells].map((line) => visibleWidth(line[index] ?? ''))),
  );
  return [titles, ...cells]
    .map((line) => {
      const padded = line.map((cell, index) => pad(cell, widths[index] ?? 0, shown[index]?.alignRight ?? false));
      return `${indent}${padded.join('  ').trimEnd()}\n`;
    })
    .join('');
}

function pad(cell: string, width: number, alignRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(cell)));
  return alignRight ? space + cell : cell + space;
}
