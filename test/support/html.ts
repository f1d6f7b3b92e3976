/** Reads HTML that must be well-formed XML too, and says where it is not. */
import assert from 'node:assert/strict';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** All characters inside it, entities resolved. */
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const TAG = /^<(\/?)([a-zA-Z][a-zA-Z0-9:]*)((?:\s+[a-zA-Z][a-zA-Z:-]*="[^"<]*")*)\s*(\/?)>/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has none of them.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** The elements in the order in which they open. Throws where a tag is not closed, an attribute not quoted, a character not escaped. */
export function elementsOf(html: string): readonly Element[] {
  assert.doesNotMatch(html, FORBIDDEN);
  assert.ok(html.isWellFormed());
  let rest = html.replace(/^<!DOCTYPE html>\n/, '');
  const all: Element[] = [];
  const open: Element[] = [];
  while (rest !== '') {
    const characters = /^[^<]+/.exec(rest)?.[0];
    if (characters !== undefined) {
      for (const element of open) element.text += resolved(characters);
      rest = rest.slice(characters.length);
      continue;
    }
    const match = TAG.exec(rest);
    assert.ok(match, `expected a tag at ${rest.slice(0, 80)}`);
    const [tag, closes, name = '', attributes = '', isEmpty] = match;
    rest = rest.slice(tag.length);
    if (closes) {
      assert.equal(open.pop()?.name, name, `${name} is closed where it is not open, before ${rest.slice(0, 80)}`);
      continue;
    }
    const element: Element = { name, attributes: attributesOf(attributes), text: '' };
    all.push(element);
    if (!isEmpty) open.push(element);
  }
  assert.deepEqual(open, [], 'elements that are not closed');
  return all;
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/([a-zA-Z:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    resolved(value),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function resolved(text: string): string {
  return text.replace(/&([^;]*;?)/g, (whole, name: string) => {
    const character = ENTITIES[name.slice(0, -1)];
    assert.ok(name.endsWith(';') && character !== undefined, `${whole.slice(0, 20)} is no entity`);
    return character;
  });
}
