/** The generated postmortem for the page and for the clipboard. Pure: it reads any tree that has the DOM's names. */
import { pathTo } from '../routes.ts';

/** What of a node is read. */
export interface TreeNode {
  readonly nodeType: number;
  readonly localName?: string;
  readonly textContent: string | null;
  readonly childNodes: ArrayLike<TreeNode>;
  getAttribute?(name: string): string | null;
}

export type Piece =
  | string
  | { readonly tag: string; readonly attributes: Readonly<Record<string, string>>; readonly inside: readonly Piece[] };

/** The elements that our printer makes, and as what they stand on the page, whose <h1> is the incident's title. */
const TAGS: Readonly<Record<string, string>> = {
  h1: 'h2',
  h2: 'h3',
  h3: 'h4',
  p: 'p',
  ul: 'ul',
  li: 'li',
  strong: 'strong',
  code: 'code',
  pre: 'pre',
  table: 'table',
  thead: 'thead',
  tbody: 'tbody',
  tr: 'tr',
  th: 'th',
  td: 'td',
  div: 'div',
  aside: 'section',
};

const ELEMENT = 1;
const TEXT = 3;

/** What stands in a tree as pieces of known elements without attributes of its own; of anything else what stands in it. */
export function piecesOf(node: TreeNode): readonly Piece[] {
  return Array.from(node.childNodes).flatMap(pieceOf);
}

function pieceOf(node: TreeNode): readonly Piece[] {
  if (node.nodeType === TEXT) return node.textContent?.trim() === '' ? [' '] : [node.textContent ?? ''];
  if (node.nodeType !== ELEMENT) return [];
  const name = node.localName ?? '';
  const inside = piecesOf(node);
  if (name === 'a') {
    const position = /^#event-(\d+)$/.exec(node.getAttribute?.('href') ?? '')?.[1];
    if (position === undefined) return inside;
    return [{ tag: 'a', attributes: { href: pathTo('/events/:position', { position }) }, inside }];
  }
  const tag = Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
  if (tag === undefined) return inside;
  return [{ tag, attributes: ATTRIBUTES[name] ?? {}, inside }];
}

const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  th: { scope: 'col' },
  // Wider than a narrow screen: it scrolls, by keyboard too.
  div: { class: 'table', tabIndex: '0' },
  aside: { class: 'panel' },
};

export interface CopiedFrom {
  readonly origin: string;
  readonly incidentId: string;
  readonly asOf: { readonly position: string; readonly recordedAt: string };
}

/** The record with a permanent address under its title: the page as it stood when it was copied. */
export function copiedMarkdown(markdown: string, { origin, incidentId, asOf }: CopiedFrom): string {
  const query = new URLSearchParams({ known: asOf.recordedAt });
  const link = `${origin}${pathTo('/incidents/:id', { id: incidentId }).replace(/[()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}?${query}`;
  const [title = '', ...rest] = markdown.split('\n');
  return [title, '', `[This incident in Musterbook, as known at position ${asOf.position}](${link})`, ...rest].join(
    '\n',
  );
}
