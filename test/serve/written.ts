/** Incidents written up through GraphQL, and the shape of the texts. */
import assert from 'node:assert/strict';
import { lexer, type Tokens } from 'marked';
import type { Serving } from './serving.ts';

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
