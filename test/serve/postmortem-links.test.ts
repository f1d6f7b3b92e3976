/** A postmortem's Markdown for elsewhere: every event a link to its page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lexer, walkTokens } from 'marked';
import { restored } from './restored.ts';
import type { Serving } from './serving.ts';

const ASKED = 'query P($to: String) { postmortem(incidentId: "spreedly-2022-12-13") { markdown(linksTo: $to) } }';

async function markdownOf({ ask }: Serving, to: string | null): Promise<string> {
  const { data, errors } = await ask(ASKED, { to });
  assert.deepEqual(errors, []);
  return data.postmortem.markdown;
}

function linksIn(markdown: string): { readonly text: string; readonly href: string }[] {
  const found: { readonly text: string; readonly href: string }[] = [];
  void walkTokens(lexer(markdown), (token) => {
    if (token.type === 'link') found.push({ text: token.text, href: token.href });
  });
  return found;
}

test('every event that a postmortem names is a link to its page, wherever the text is pasted', async (t) => {
  const serving = await restored(t, 'spreedly-2022-12-13');
  const bare = await markdownOf(serving, null);
  assert.deepEqual(linksIn(bare), []);
  const linked = await markdownOf(serving, 'https://ledger.example.org/muster|book/');
  const links = linksIn(linked);
  assert.ok(links.length > 60, `${links.length} links`);
  for (const { text, href } of links) {
    const position = /^`(\d+)`$/.exec(text)?.[1];
    assert.equal(href, `https://ledger.example.org/muster%7cbook/events/${position}`);
  }
  // Nothing else changes.
  assert.equal(linked.replace(/\[(`\d+`)\]\([^)]*\)/g, '$1'), bare);
});

test('links go to no address that a browser would run or that ends the link', async (t) => {
  const serving = await restored(t, 'gitlab-2022-11-30-contradiction');
  for (const to of ['javascript:alert(1)', 'not an address', 'https://x.example/?a=b', 'data:text/html,x']) {
    const { data } = await serving.ask('{ incidents(first: 1) { nodes { id } } }');
    const { errors } = await serving.ask(
      'query P($id: ID!, $to: String) { postmortem(incidentId: $id) { markdown(linksTo: $to) } }',
      { id: data.incidents.nodes[0].id, to },
    );
    assert.equal(errors[0]?.extensions['code'], 'BAD_VALUE', to);
  }
});
