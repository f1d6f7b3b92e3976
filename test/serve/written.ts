/** Incidents written up through GraphQL, and the shape of the texts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { lexer, type Tokens } from 'marked';
import { CALLER, type Serving, serve } from './serving.ts';

/** A server with a scenario restored into it. */
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

const ROW =
  'at recordedAt kind summary count until clusterId late event { id } events { id source position hash recordedAt }';
const ALL = `
  incident { id title status duplicateOf { id } visibility }
  markdown html published publishedEvent { id }
  timeline { ${ROW} }
  measures { name ms msMax minutes anchors { id source } }
  absentMeasures { name reason }
  contradictions { about kind goesBy statements { ${ROW} } }
  gaps { collector reason }
  beliefs { recordedAt status impactOpen impactStartedAt impactEndedAt event { id } }
  before { kind summary at event { id } } leadership { kind event { id } } anomalies { kind event { id } }
  pictures { when at leaders { nodeId term } followers nodes { word count } jobs { word count } }
  omissions asOf { position }`;

/** An incident written up; null where there is none. */
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field.
export async function written({ ask }: Serving, id: string, moment = 'null'): Promise<any> {
  const { data, errors } = await ask(`{ postmortem(incidentId: "${id}", moment: ${moment}) { ${ALL} } }`);
  assert.deepEqual(errors, []);
  return data.postmortem;
}

/** Measures by name, in minutes. */
export const minutes = (measures: readonly { name: string; minutes: number }[]) =>
  Object.fromEntries(measures.map(({ name, minutes: value }) => [name, value]));

/** The titles under which a text stands, and the tables among them. */
export function shapeOf(markdown: string): {
  readonly titles: readonly string[];
  readonly tables: ReadonlyMap<string, Tokens.Table>;
} {
  const titles: string[] = [];
  const tables = new Map<string, Tokens.Table>();
  for (const token of lexer(markdown)) {
    if (token.type === 'heading') titles.push((token as Tokens.Heading).text);
    if (token.type === 'table') tables.set(titles.at(-1) ?? '', token as Tokens.Table);
  }
  return { titles, tables };
}
