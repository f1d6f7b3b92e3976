import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const rows = read('docs/invariants.md')
  .split('\n')
  .filter((line) => /^\| [A-Z]\d+ \|/.test(line))
  .map((line) => {
    const [, id = '', , enforced = '', cited = ''] = line.split('|').map((cell) => cell.trim());
    const paths = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    return { id, enforced: paths(enforced), cited: paths(cited) };
  });

test('there are invariants, each with an id of its own', () => {
  assert.ok(rows.length > 10);
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
});

for (const { id, enforced, cited } of rows) {
  test(`${id} names where it is enforced, and tests that cite it`, () => {
    assert.ok(enforced.length > 0 && cited.length > 0);
    for (const path of [...enforced, ...cited]) assert.ok(existsSync(join(ROOT, path)), `${path} is not there`);
    for (const path of cited) assert.match(read(path), new RegExp(`\\b${id}\\b`), `${path} does not cite ${id}`);
  });
}
