/** Tables: a caption for those who cannot see where they are, cards where there is no room. */
import type { ComponentChildren } from 'preact';
import { None } from './none.tsx';

export interface Column<Row> {
  readonly name: string;
  /** Right-aligned. */
  readonly isNumber?: boolean;
  /** Takes the whole width of a card where the screen is narrow. */
  readonly isWide?: boolean;
  /** Takes the width that the others leave, in one line, cut off. */
  readonly isFilling?: boolean;
  /** Null: a dash. */
  cell(row: Row): ComponentChildren;
}

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
}

/** The first column names the row. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1).
    <section class="table" aria-label={caption} tabIndex={0}>
      <table class="cards">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={classOf(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) => (
                <td key={column.name} class={classOf(column)} data-label={index === 0 ? undefined : column.name}>
                  {column.cell(row) ?? <None />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function classOf({ isNumber, isWide, isFilling }: Column<never>): string | undefined {
  return [isNumber && 'number', isWide && 'wide', isFilling && 'fill cut'].filter(Boolean).join(' ') || undefined;
}
