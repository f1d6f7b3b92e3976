// Holds D1 of docs/invariants.md.
/** Whatever events say is printed as they said it, and never becomes markup. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lexer, type Token, type Tokens } from 'marked';
import {
  type Block,
  code,
  eventRef,
  heading,
  paragraph,
  plain,
  strong,
  text,
} from '../../../projections/postmortem/document.ts';
import { printHtml } from '../../../projections/postmortem/html.ts';
import { printMarkdown } from '../../../projections/postmortem/markdown.ts';
import type { Position } from '../../../schemas/ids.ts';
import { elementsOf } from '../../support/html.ts';

const HOSTILE = [
  '# not a heading',
  '- item',
  '1. item',
  '+ item',
  '> quote',
  '| a | b |\n|---|---|\n| c | d |',
  '\\| a',
  'a\\',
  '`code` ``more`` ```',
  '~~~',
  '**strong** _emphasis_ ~~gone~~',
  '[link](javascript:alert(1))',
  '![image](http://example.org/x.png)',
  '<javascript:alert(1)>',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'https://example.org/ www.example.org',
  '&lt;b&gt; &amp; &#60;',
  'two\n\nparagraphs',
  'title\n=====',
  '---',
  '    indented',
  'right\u202eto left \u0007 bell \ud800',
  '*',
  '$x$ {y} ^z^',
];
const said = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '|',
        '\\',
        '`',
        '*',
        '_',
        '[',
        ']',
        '(',
        ')',
        '<',
        '>',
        '#',
        '-',
        '\n',
        ' ',
        'a',
        '1',
        '.',
        '&',
        '~',
        '!',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
);

function documentOf(words: string): readonly Block[] {
  return [
    heading(1, `T: ${words}`),
    paragraph(text('Said: '), text(words), text(' and '), code(words), strong(words)),
    { kind: 'list', items: [[text(words), text(' '), eventRef(7 as Position)], [code(words)]] },
    {
      kind: 'table',
      columns: ['One', 'Two'],
      rows: [
        { cells: [[text(words)], [code(words), text(' '), strong(words)]], anchor: 7 as Position },
        { cells: [[text('x')], [text('y')]] },
      ],
    },
    heading(2, 'End'),
  ];
}

const MARKUP = ['link', 'image', 'html', 'em', 'del', 'blockquote', 'hr', 'br', 'def'];

interface Within {
  readonly tokens: readonly Token[];
  readonly items: readonly Token[];
  readonly header: readonly Tokens.TableCell[];
  readonly rows: readonly (readonly Tokens.TableCell[])[];
}

function inlinesOf(token: Token): readonly Token[] {
  const { tokens = [], items = [], header = [], rows = [] } = token as Partial<Within>;
  const cells = [...header, ...rows.flat()].flatMap((cell) => cell.tokens);
  return [token, ...[...tokens, ...items, ...cells].flatMap((each) => inlinesOf(each))];
}

/** The characters that are read, entities and escapes resolved. */
function readText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      const { tokens: inner, text: words = '' } = token as { tokens?: Token[]; text?: string };
      if (inner) return readText(inner);
      return token.type === 'codespan'
        ? words
        : words.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
    })
    .join('');
}

describe('Markdown', () => {
  test('the document keeps its shape, and what was said is read as it was said', () => {
    fc.assert(
      fc.property(said, (words) => {
        const markdown = printMarkdown(documentOf(words));
        const tokens = lexer(markdown).filter(({ type }) => type !== 'space');
        assert.deepEqual(
          tokens.map(({ type }) => type),
          ['heading', 'paragraph', 'list', 'table', 'heading'],
          markdown,
        );
        const all = tokens.flatMap(inlinesOf);
        assert.deepEqual(
          all.filter(({ type }) => MARKUP.includes(type)),
          [],
          markdown,
        );
        const [title, , list, table] = tokens as [Tokens.Heading, Tokens.Paragraph, Tokens.List, Tokens.Table];
        assert.equal(readText(title.tokens), plain(`T: ${words}`), markdown);
        assert.equal(list.items.length, 2, markdown);
        assert.equal(
          list.items.flatMap((item) => item.tokens).filter(({ type }) => !['text', 'codespan', 'escape'].includes(type))
            .length,
          0,
          markdown,
        );
        assert.deepEqual([table.header.length, table.rows.length], [2, 2], markdown);
        assert.equal(readText(table.rows[0]?.[0]?.tokens ?? []), plain(words), markdown);
        assert.equal(readText(table.rows[1]?.[1]?.tokens ?? []), 'y', markdown);
      }),
      { examples: HOSTILE.map((words) => [words]) },
    );
  });
});

describe('HTML', () => {
  test('it is well-formed, has no script, no link out, and shows what was said', () => {
    fc.assert(
      fc.property(said, (words) => {
        const html = printHtml({ title: words, blocks: documentOf(words), published: words });
        const elements = elementsOf(html);
        assert.deepEqual(
          elements.filter(({ name }) => ['script', 'link', 'img', 'iframe', 'object', 'form', 'base'].includes(name)),
          [],
        );
        for (const { name, attributes } of elements) {
          for (const [attribute, value] of Object.entries(attributes)) {
            assert.ok(
              !attribute.startsWith('on') && attribute !== 'src' && attribute !== 'style',
              `${name} ${attribute}`,
            );
            if (attribute === 'href') assert.match(value, /^#event-\d+$/);
          }
        }
        const cell = elements.find(({ name }) => name === 'td');
        assert.equal(cell?.text.trim(), plain(words));
        assert.equal(elements.find(({ name }) => name === 'title')?.text, plain(words));
      }),
      { examples: HOSTILE.map((words) => [words]) },
    );
  });

  test('a published body keeps its lines', () => {
    const published = '# Title\n\n  two <b>spaces</b>\r\n- & more';
    const elements = elementsOf(printHtml({ title: 't', blocks: [], published }));
    assert.equal(elements.find(({ name }) => name === 'pre')?.text, '# Title\n\n  two <b>spaces</b>\n- & more');
  });
});
