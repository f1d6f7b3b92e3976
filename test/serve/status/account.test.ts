// Holds D3 of docs/invariants.md: a published account is Markdown from someone who writes for everyone: it is laid out, and can do nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountMarkup } from '../../../src/serve/status/page/account.ts';
import { elementsOf } from '../../support/html.ts';
import { type Page, pageOf, serveStatus } from './site.ts';

function shown(text: string): Page {
  return pageOf(200, `<div>${accountMarkup(text, 'Account').text}</div>`);
}

function names({ elements }: Page): readonly string[] {
  return elements.slice(1).map(({ name }) => name);
}

const PLAIN = ['p', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'strong', 'em', 'del', 'a', 'br', 'hr', 'div'];
const TABLE = ['table', 'thead', 'tbody', 'tr', 'th', 'td'];
const KNOWN: ReadonlySet<string> = new Set([...PLAIN, ...TABLE, 'h3', 'h4', 'h5', 'h6']);
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'href',
  'rel',
  'start',
  'class',
  'tabindex',
  'role',
  'aria-label',
  'scope',
]);

/** Of any text: well-formed, of known elements alone, and with no way out but links that say where they lead. */
function assertHarmless(text: string): void {
  for (const { name, attributes } of shown(text).elements.slice(1)) {
    assert.ok(KNOWN.has(name), `${name} of ${text.slice(0, 80)}`);
    for (const attribute of Object.keys(attributes)) assert.ok(ATTRIBUTES.has(attribute), `${name} ${attribute}`);
    if (name !== 'a') continue;
    assert.match(attributes['href'] ?? '', /^(https?:\/\/[^/]|mailto:.)/);
    assert.equal(attributes['rel'], 'nofollow noopener');
  }
}

test('an account is laid out as it was written', () => {
  const text = [
    '# What happened\n\nA *lot*, and **more** ~~or less~~, by `raft --force`.  \nSee [the log](https://example.org/log).',
    '## Then\n\n1. One\n2. Two\n   - deep\n\n> It was late.\n\n---\n\n- [x] done\n- [ ] to do',
    '```js\nif (a < b) stop();\n```\n\n| node | role |\n|---|---|\n| n1 | leader |',
  ].join('\n\n');
  const page = shown(text);
  assert.deepEqual(page.all('h3'), ['What happened']);
  assert.deepEqual(page.all('h4'), ['Then'], 'below the headings of the page');
  assert.deepEqual([page.all('em'), page.all('strong'), page.all('del')], [['lot'], ['more'], ['or less']]);
  assert.deepEqual(page.all('code'), ['raft --force', 'if (a < b) stop();']);
  assert.deepEqual(page.all('li'), ['One', 'Two deep', 'deep', '☑ done', '☐ to do']);
  assert.deepEqual(page.all('blockquote'), ['It was late.']);
  assert.deepEqual(
    [page.all('th'), page.all('td')],
    [
      ['node', 'role'],
      ['n1', 'leader'],
    ],
  );
  assert.deepEqual(
    names(page).filter((name) => name === 'br' || name === 'hr'),
    ['br', 'hr'],
  );
  assertHarmless(text);
});

test('whichever headings it has, the first stands right below that of the page, and no level is left out', () => {
  assert.deepEqual(names(shown('### 3\n\n#### 4\n\n###### 6\n\n#### 4\n\n# 1')), ['h3', 'h4', 'h5', 'h4', 'h3']);
  assert.deepEqual(names(shown('# 1\n\n## 2\n\n### 3\n\n#### 4\n\n##### 5')), ['h3', 'h4', 'h5', 'h6', 'h6']);
});

test('what is HTML is shown as it was written', () => {
  const tags =
    '<script>alert(1)</script> a <b onclick="alert(1)">b</b> <!-- c --> <img src=x onerror=alert(1)> <style>*{}</style>';
  for (const text of [
    tags,
    `para ${tags}`,
    `- ${tags}`,
    `| ${tags} |\n|---|\n| ${tags} |`,
    `# ${tags}`,
    `<div>\n${tags}\n</div>`,
  ]) {
    assertHarmless(text);
    assert.match(shown(text).elements[0]?.text ?? '', /<script>alert\(1\)<\/script>.*<b onclick="alert\(1\)">/s);
  }
});

test('a link leads by http, https or mailto, or is the text that it had', () => {
  const good =
    '[a](https://example.org/?b=1&amp;c=2 "title") <http://example.org> www.example.org <mailto:a@example.org> b@example.org';
  assert.deepEqual(
    shown(good).elements.flatMap(({ attributes: { href } }) => (href === undefined ? [] : [href])),
    [
      'https://example.org/?b=1&c=2',
      'http://example.org/',
      'http://www.example.org/',
      'mailto:a@example.org',
      'mailto:b@example.org',
    ],
  );
  const targets = [
    ...[
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'java\tscript:alert(1)',
      '&#106;avascript:alert(1)',
      'javascript&colon;alert(1)',
    ],
    ...[
      '&#x6A;avascript&#58;alert(1)',
      '\u0001javascript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'vbscript:x',
      'file:///etc/passwd',
    ],
    ...[
      '//evil.example',
      '/status',
      '#top',
      'status',
      'https:',
      'blob:https://example.org/x',
      'http://',
      'https://[',
      ' ',
    ],
  ];
  for (const target of targets) {
    for (const text of [
      `[word](<${target}>)`,
      `[word](${target})`,
      `[word][r]\n\n[r]: ${target}`,
      `![word](${target})`,
      `<${target}>`,
    ]) {
      assertHarmless(text);
      assert.ok(!names(shown(text)).includes('a'), text);
    }
    assert.match(shown(`[word](<${target}>)`).elements[0]?.text ?? '', /word/);
  }
  assertHarmless(
    '[outer [inner](https://a.example)](https://b.example) [![i](https://c.example/i.png)](https://d.example)',
  );
  assertHarmless(
    '[a](https://example.org/"onmouseover="alert(1)) [b](https://example.org/\'><script>alert(1)</script>)',
  );
});

test('an image is a link to it: nothing is asked of elsewhere', () => {
  const page = shown('![The graph](https://example.org/graph.png) and ![](https://example.org/other.png)');
  assert.ok(!names(page).includes('img'));
  assert.deepEqual(page.all('a'), ['The graph', 'https://example.org/other.png']);
});

test('character references are read, once, and steer nobody', () => {
  assert.deepEqual(shown('AT&amp;T &lt;b&gt; &#169; &#xA9; &quot;x&quot;&nbsp;y &unknown; `&amp;`').all('p'), [
    'AT&T <b> © © "x" y &unknown; &amp;',
  ]);
  assert.deepEqual(shown('&amp;lt;script&amp;gt;').all('p'), ['&lt;script&gt;']);
  assert.equal(
    accountMarkup('a &#x202e;b &#0; &#xd800; &#x110000; &#7;', 'Account').text,
    '<p>a \ufffdb \ufffd \ufffd \ufffd \ufffd</p>\n',
  );
});

test('a text that no one could have meant as Markdown is shown as it was written', () => {
  for (const text of [
    '>'.repeat(6_000),
    `${'- '.repeat(6_000)}a`,
    `${'_a*'.repeat(20_000)} <script>`,
    `${'[a]('.repeat(9_000)}`,
  ]) {
    assertHarmless(text);
    assert.equal(shown(text).elements[0]?.text.replace(/\s/g, '').length, text.replace(/\s/g, '').length);
  }
});

test('any text is harmless', () => {
  const parts = [
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '!',
    '*',
    '_',
    '`',
    '#',
    '\n',
    '- ',
    '| ',
    '|-|',
    '&',
    '"',
    "'",
    ':',
    '\\',
    'javascript:',
    'https://e.x',
    '<b',
    'a',
    ' ',
    '&#x3c;',
    '1. ',
    '~~',
  ];
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let run = 0; run < 2_000; run += 1) {
    assertHarmless(Array.from({ length: 24 }, () => parts[next(parts.length)]).join(''));
  }
});

test('the page shows it laid out below its own headings, under its own policy', async (t) => {
  const site = await serveStatus(t);
  await site.tell(
    ['IncidentDeclared', 'i', { title: 'Payments fail', status: 'resolved', origin: 'manual' }, 1],
    ['PostmortemPublished', 'i', { body: '# Why\n\nThe *queue*: <script>alert(1)</script>' }, 2],
  );
  const page = await site.page('/status/incidents/i');
  assert.deepEqual([page.all('h1'), page.all('h3'), page.all('em')], [['Payments fail'], ['Why'], ['queue']]);
  assert.ok(elementsOf(page.text).every(({ name }) => name !== 'script'));
});
