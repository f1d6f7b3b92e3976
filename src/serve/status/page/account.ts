/**
 * A published account, which is Markdown, laid out. `marked` says what its marks mean, and nothing of it is printed but by
 * our own templates: HTML in it is shown as it was written, a link says where it leads, and nothing is asked of elsewhere.
 */
import { createContext, Script } from 'node:vm';
import { lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { html, type Markup } from '../markup.ts';

/**
 * As heavy as an account may be to read; nothing else is answered meanwhile. Some texts cost the square of their length, none
 * of which anyone would write: of those that are written a hundred pages take a tenth of this, and on a busy machine an
 * account must not turn into plain text.
 */
const READING_MS_MAX = 1_000;
/** The heading above the account is an `h2`. */
const ABOVE = 2;
const LOWEST = 6;

/** `label`: what a part that scrolls is called. A text that cannot be read as Markdown is shown as it was written. */
export function accountMarkup(text: string, label: string): Markup {
  try {
    return within(READING_MS_MAX, () => printed(text, label));
  } catch {
    return html`<p class="said">${text}</p>`;
  }
}

const CALL = new Script('work()');
const IDLE = (): unknown => null;
const ROOM = createContext({ work: IDLE }) as { work: () => unknown };

/** Throws where the work takes longer: of all that Node has, only a script that is run with a timeout ends what does not wait. */
function within<Result>(timeout: number, work: () => Result): Result {
  ROOM.work = work;
  try {
    return CALL.runInContext(ROOM, { timeout }) as Result;
  } finally {
    ROOM.work = IDLE;
  }
}

interface Page {
  readonly label: string;
  /** Depths of the headings under which the place stands that is printed: how many there are is its level, so that none is left out. */
  readonly under: number[];
}

function printed(text: string, label: string): Markup {
  return html`${all(lexer(text, { gfm: true }), { label, under: [] })}`;
}

function all(tokens: readonly Token[] | undefined, page: Page): readonly Markup[] {
  return (tokens ?? []).map((token) => one(token as MarkedToken, page));
}

function one(token: MarkedToken, page: Page): Markup {
  switch (token.type) {
    case 'heading':
      return heading(token, page);
    case 'paragraph':
      return html`<p>${all(token.tokens, page)}</p>\n`;
    case 'blockquote':
      return html`<blockquote>\n${all(token.tokens, page)}</blockquote>\n`;
    case 'list':
      return list(token, page);
    case 'list_item':
      return html`<li${token.task ? html` class="task"` : null}>${all(token.tokens, page)}</li>\n`;
    case 'checkbox':
      return html`${token.checked ? '☑ ' : '☐ '}`;
    case 'code':
      return html`<pre tabindex="0"><code>${token.text}</code></pre>\n`;
    case 'table':
      return table(token, page);
    case 'hr':
      return html`<hr />\n`;
    case 'html':
      return token.block ? html`<p class="said">${token.text.trim()}</p>\n` : html`${token.text}`;
    case 'strong':
      return html`<strong>${all(token.tokens, page)}</strong>`;
    case 'em':
      return html`<em>${all(token.tokens, page)}</em>`;
    case 'del':
      return html`<del>${all(token.tokens, page)}</del>`;
    case 'codespan':
      return html`<code>${token.text}</code>`;
    case 'br':
      return html`<br />\n`;
    case 'link':
      return token.autolink === true
        ? anchor(token.href, html`${token.text}`)
        : anchor(referencesRead(token.href), html`${all(token.tokens, page)}`);
    case 'image':
      return anchor(referencesRead(token.href), html`${referencesRead(token.text || token.href)}`);
    case 'escape':
      return html`${token.text}`;
    case 'text':
      return token.tokens === undefined ? html`${referencesRead(token.text)}` : html`${all(token.tokens, page)}`;
    case 'space':
    case 'def':
      return html``;
    default:
      return neverTold(token);
  }
}

function heading({ depth, tokens }: Tokens.Heading, page: Page): Markup {
  const { under } = page;
  while ((under.at(-1) ?? 0) >= depth) under.pop();
  under.push(depth);
  const inside = all(tokens, page);
  switch (Math.min(LOWEST, ABOVE + under.length)) {
    case 3:
      return html`<h3>${inside}</h3>\n`;
    case 4:
      return html`<h4>${inside}</h4>\n`;
    case 5:
      return html`<h5>${inside}</h5>\n`;
    default:
      return html`<h6>${inside}</h6>\n`;
  }
}

function list({ ordered, start, items }: Tokens.List, page: Page): Markup {
  const inside = all(items, page);
  if (!ordered) return html`<ul>\n${inside}</ul>\n`;
  return html`<ol${start === 1 || start === '' ? null : html` start="${start}"`}>\n${inside}</ol>\n`;
}

function table({ header, rows }: Tokens.Table, page: Page): Markup {
  const head = header.map(({ tokens }) => html`<th scope="col">${all(tokens, page)}</th>`);
  const body = rows.map((row) => html`<tr>${row.map(({ tokens }) => html`<td>${all(tokens, page)}</td>`)}</tr>\n`);
  return html`<div class="wide" tabindex="0" role="region" aria-label="${page.label}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** What is no address to go to, or leads by another way than these, is the text alone. */
function anchor(address: string, inside: Markup): Markup {
  const url = /^(https?:\/\/|mailto:.)/i.test(address) ? URL.parse(address) : null;
  return url === null ? inside : html`<a href="${url.href}" rel="nofollow noopener">${inside}</a>`;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));/g;

/** A text with its character references resolved: numbers, and the names that markup itself needs. Others stay as they are. */
function referencesRead(text: string): string {
  return text.replace(REFERENCE, (whole, decimal?: string, hexadecimal?: string, name = '') => {
    if (decimal === undefined && hexadecimal === undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  });
}

function neverTold(token: never): never {
  throw new Error(`no way to show ${JSON.stringify(token)}`);
}
