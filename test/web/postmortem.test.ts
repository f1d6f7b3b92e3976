/** The generated postmortem in the explorer: only what our printer makes comes onto the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copiedMarkdown, type Piece, piecesOf, type TreeNode } from '../../src/web/incidents/postmortem.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly inside: readonly (Element | string)[];
}
const element = (name: string, attributes: Element['attributes'], ...inside: Element['inside']): Element => ({
  name,
  attributes,
  inside,
});

function tree(drawn: Element | string): TreeNode {
  if (typeof drawn === 'string') return { nodeType: 3, textContent: drawn, childNodes: [] };
  const { name: localName, attributes, inside } = drawn;
  const childNodes: TreeNode[] = inside.map(tree);
  return {
    nodeType: 1,
    localName,
    childNodes,
    textContent: childNodes.map(({ textContent }) => textContent).join(''),
    getAttribute: (name) => attributes[name] ?? null,
  };
}

const tagsIn = (pieces: readonly Piece[]): readonly string[] =>
  pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.tag, ...tagsIn(piece.inside)]));

test('headings stand under the page’s own, events are links to their pages', () => {
  const title = element('h1', {}, 'Title');
  const words = element('p', {}, 'See ', element('a', { href: '#event-12' }, '12'));
  const body = tree(element('body', {}, element('main', {}, title, words)));
  assert.deepEqual(piecesOf(body), [
    { tag: 'h2', attributes: {}, inside: ['Title'] },
    {
      tag: 'p',
      attributes: {},
      inside: ['See ', { tag: 'a', attributes: { href: '/events/12' }, inside: ['12'] }],
    },
  ]);
});

test('no element, address or attribute comes through that our printer does not make', () => {
  const link = element('a', { href: 'javascript:x()' }, 'here');
  const body = tree(
    element(
      'body',
      {},
      element('p', { onclick: 'x()', style: 'x' }, link, element('img', { src: 'x' })),
      element('script', {}, 'x()'),
      element('constructor', {}, 'odd'),
      element('iframe', { srcdoc: 'x' }),
      element('form', { action: '/sign-out' }, element('button', {}, 'press')),
    ),
  );
  const pieces = piecesOf(body);
  assert.deepEqual(tagsIn(pieces), ['p']);
  assert.deepEqual(pieces[0], { tag: 'p', attributes: {}, inside: ['here'] });
  assert.deepEqual(pieces.slice(1), ['x()', 'odd', 'press']);
});

test('the copied Markdown begins with its title and a permanent address of what was known', () => {
  const copied = copiedMarkdown('# Postmortem: Outage\n\nMade from the record.\n', {
    origin: 'https://muster.example.org',
    incidentId: 'a (b)/c',
    asOf: { position: '88', recordedAt: '2022-12-16T23:00:00.000Z' },
  });
  assert.equal(
    copied,
    '# Postmortem: Outage\n\n[This incident in Musterbook, as known at position 88]' +
      '(https://muster.example.org/incidents/a%20%28b%29%2Fc?known=2022-12-16T23%3A00%3A00.000Z)\n\nMade from the record.\n',
  );
});
