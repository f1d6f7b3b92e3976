/**
 * Prints a document as one HTML file that asks for nothing: no script, no other file. It is well-formed XML too, so that
 * any reader sees the same elements.
 */
import { type Block, type Inline, type Inlines, plain, type Table } from './document.ts';

export interface HtmlPage {
  readonly title: string;
  readonly blocks: readonly Block[];
  /** The published body, Markdown as it was written; it stands beside the record, in a part of its own. */
  readonly published: string | null;
}

export function printHtml({ title, blocks, published }: HtmlPage): string {
  const beside =
    published === null
      ? ''
      : `<aside aria-labelledby="published">\n<h2 id="published">The published account</h2>\n` +
        `<p>As its author published it, in Markdown; not part of the generated record.</p>\n` +
        `<pre>${escapedLines(published)}</pre>\n</aside>\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${blocks.map(printBlock).join('\n')}
</main>
${beside}</body>
</html>
`;
}

function printBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${escaped(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${printInlines(block.inlines)}</p>`;
    case 'list':
      return `<ul>\n${block.items.map((item) => `<li>${printInlines(item)}</li>`).join('\n')}\n</ul>`;
    case 'table':
      return printTable(block);
  }
}

function printTable({ columns, rows }: Table): string {
  const head = columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('');
  const body = rows.map(({ cells, anchor }) => {
    const id = anchor === undefined ? '' : ` id="event-${anchor}"`;
    return `<tr${id}>${cells.map((cell) => `<td>${printInlines(cell)}</td>`).join('')}</tr>`;
  });
  return `<div class="wide" tabindex="0"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table></div>`;
}

function printInlines(inlines: Inlines): string {
  return inlines.map(printInline).join('');
}

function printInline(inline: Inline): string {
  switch (inline.kind) {
    case 'text':
      return keepingSpaces(inline.text);
    case 'strong':
      return `<strong>${escaped(inline.text)}</strong>`;
    case 'code':
      return `<code>${escaped(inline.text)}</code>`;
    case 'event':
      return `<a href="#event-${inline.position}">${inline.position}</a>`;
  }
}

function keepingSpaces(value: string): string {
  const words = escaped(value);
  if (words === '') return value === '' ? '' : ' ';
  return `${/^\s/.test(value) ? ' ' : ''}${words}${/\s$/.test(value) ? ' ' : ''}`;
}

function escaped(value: string): string {
  return entities(plain(value));
}

/** As `escaped`, its lines kept. */
function escapedLines(value: string): string {
  return value
    .toWellFormed()
    .split(/\r\n|\r|\n/)
    .map((line) => entities(plain(line.replace(/^\s+/, '').trimEnd())).replace(/^/, entities(indentOf(line))))
    .join('\n');
}

function indentOf(line: string): string {
  return (/^[ \t]*/.exec(line)?.[0] ?? '').replaceAll('\t', '    ');
}

function entities(value: string): string {
  return value
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;')
    .replace(/[\ufffe\uffff]/g, '\ufffd');
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d0d7de; --band: #f6f8fa; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9198a1; --line: #30363d; --band: #161b22; --link: #79b8ff; }
}
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.25; }
h2 { margin-top: 2.5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.3rem; }
h3 { margin-top: 1.75rem; font-size: 1.05rem; }
a { color: var(--link); }
code, pre { font: .85em/1.5 ui-monospace, monospace; }
pre { padding: 1rem; background: var(--band); border: 1px solid var(--line); white-space: pre-wrap; }
aside { margin-top: 4rem; padding: 0 1.5rem 1.5rem; border: 1px dashed var(--soft); }
.wide { overflow-x: auto; margin: 1rem 0; }
td code { overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th, td { padding: .4rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { background: var(--band); white-space: nowrap; }
td { min-width: 5.5rem; }
tr:target td { background: var(--band); outline: 2px solid var(--link); }
@media print {
  :root { --ink: #000; --paper: #fff; --soft: #444; --line: #999; --band: #f2f2f2; --link: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .wide { overflow: visible; }
  tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
`;
