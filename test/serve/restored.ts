/** A server that a scenario was restored into, with the recordedAt of its file. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { CALLER, type Serving, serve } from './serving.ts';

/** `lines`: those of the file. */
export async function restored(
  t: TestContext,
  scenario: string,
): Promise<Serving & { readonly lines: readonly string[] }> {
  const serving = await serve(t);
  const file = new URL(`../../scenarios/${scenario}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const result = await serving.accept.restore(
    lines.map((text) => ({ text })),
    CALLER,
  );
  assert.deepEqual(result.rejected, []);
  assert.ok(await serving.views.reached(result.position, 5_000));
  return { ...serving, lines };
}
