/** Writes schemas/schema.graphql: `node src/serve/graphql/print.ts`. A test holds the file to what this prints. */
import { writeFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { bareSchema } from './schema.ts';

/** The schema's text as committed. */
export function printedSchema(): string {
  return `${printSchema(bareSchema())}\n`;
}

if (import.meta.main) writeFileSync(new URL('../../../schemas/schema.graphql', import.meta.url), printedSchema());
