/**
 * Prints a document as Markdown (CommonMark with GitHub's tables). No text from outside can become markup: what could is
 * escaped, so that it reads as it was said.
 */
import type { Position } from '../../schemas/ids.ts';
import { type Block, type Inline, type Inlines, plain, type Table } from './document.ts';

/** Where an event can be looked at, as an address that needs no escaping; null: nowhere, its position stands alone. */
export type LinkOf = (position: Position) => string | null;

const NOWHERE: LinkOf = () => null;

export function printMarkdown(blocks: readonly Block[], linkOf: LinkOf = NOWHERE): string {
  return `${blocks.map((block) => printBlock(block, linkOf)).join('\n\n')}\n`;
}

function printBlock(block: Block, linkOf: LinkOf): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escaped(block.text)}`;
    case 'paragraph':
      return printInlines(block.inlines, linkOf);
    case 'list':
      return block.items.map((item) => `- ${printInlines(item, linkOf)}`).join('\n');
    case 'table':
      return printTable(block, linkOf);
  }
}

function printTable({ columns, rows }: Table, linkOf: LinkOf): string {
  const printed = rows.map(({ cells, anchor }) =>
    cells.map((cell) =>
      anchor !== undefined && isPosition(cell, anchor) ? printEvent(anchor, linkOf) : printInlines(cell, linkOf),
    ),
  );
  const lines = [columns.map(escaped), columns.map(() => '---'), ...printed];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Where a row is about an event, its place in the document is no way to itself; elsewhere its position is a way to it. */
function isPosition([inline, ...others]: Inlines, position: Position): boolean {
  return others.length === 0 && inline?.kind === 'code' && inline.text === String(position);
}

function printInlines(inlines: Inlines, linkOf: LinkOf): string {
  const line = inlines
    .map((inline) => printInline(inline, linkOf))
    .join('')
    .trim();
  // What opens a block does so only at the beginning of a line; ours begin with a text or a code span.
  return line.replace(/^([-+=]|\d+(?=[.)]))/, (begins) => (/\d/.test(begins) ? `${begins}\\` : `\\${begins}`));
}

function printInline(inline: Inline, linkOf: LinkOf): string {
  switch (inline.kind) {
    case 'text':
      return keepingSpaces(inline.text);
    case 'strong':
      return plain(inline.text) === '' ? '' : `**${escaped(inline.text)}**`;
    case 'code':
      return codeSpan(inline.text);
    case 'event':
      return printEvent(inline.position, linkOf);
  }
}

function printEvent(position: Position, linkOf: LinkOf): string {
  const link = linkOf(position);
  return link === null ? `\`${position}\`` : `[\`${position}\`](${link})`;
}

/** Our own texts lead up to what follows them: a space at an end stays. */
function keepingSpaces(value: string): string {
  const words = escaped(value);
  if (words === '') return value === '' ? '' : ' ';
  return `${/^\s/.test(value) ? ' ' : ''}${words}${/\s$/.test(value) ? ' ' : ''}`;
}

/** A backslash before an ASCII punctuation mark makes it one everywhere in Markdown; `<` and `&` are safer as entities. */
function escaped(value: string): string {
  return (
    plain(value)
      .replace(/[\\`*_[\]|~#!$^{}]/g, '\\$&')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // GitHub turns bare addresses into links of its own accord.
      .replace(/:(?=\/\/)/g, '\\:')
      .replace(/\b(www)\./gi, '$1\\.')
  );
}

/** Where a code span could not hold it in a table (a pipe, a backslash, a backtick), it is printed as text. */
function codeSpan(value: string): string {
  const words = plain(value);
  return words === '' || /[`|\\]/.test(words) ? escaped(words) : `\`${words}\``;
}
