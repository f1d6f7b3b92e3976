/**
 * Prints a document as Markdown (CommonMark with GitHub's tables). No text from outside can become markup: what could is
 * escaped, so that it reads as it was said.
 */
import { type Block, type Inline, type Inlines, plain, type Table } from './document.ts';

export function printMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(printBlock).join('\n\n')}\n`;
}

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escaped(block.text)}`;
    case 'paragraph':
      return printInlines(block.inlines);
    case 'list':
      return block.items.map((item) => `- ${printInlines(item)}`).join('\n');
    case 'table':
      return printTable(block);
  }
}

function printTable({ columns, rows }: Table): string {
  const lines = [columns.map(escaped), columns.map(() => '---'), ...rows.map(({ cells }) => cells.map(printInlines))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function printInlines(inlines: Inlines): string {
  const line = inlines.map(printInline).join('').trim();
  // What opens a block does so only at the beginning of a line; ours begin with a text or a code span.
  return line.replace(/^([-+=]|\d+(?=[.)]))/, (begins) => (/\d/.test(begins) ? `${begins}\\` : `\\${begins}`));
}

function printInline(inline: Inline): string {
  switch (inline.kind) {
    case 'text':
      return keepingSpaces(inline.text);
    case 'strong':
      return plain(inline.text) === '' ? '' : `**${escaped(inline.text)}**`;
    case 'code':
      return codeSpan(inline.text);
    case 'event':
      return `\`${inline.position}\``;
  }
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
