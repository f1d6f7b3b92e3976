/** Each event's payload as JSON Schema (2020-12), for `/schemas/<Name>.json`. */
import { CATALOGUE, EVENT_NAMES, type EventName } from './catalogue.ts';
import { TYPE_PREFIX } from './event.ts';

export interface JsonSchema {
  readonly $schema: string;
  readonly $id: string;
  readonly [keyword: string]: unknown;
}

/**
 * The schema of an event type's `data`. Formats: `date-time` is RFC 3339 with a zone from 1970 to 2200,
 * `musterbook-id` is 1–200 characters without control characters, lone surrogates or white space at the ends.
 */
export function jsonSchemaOf(name: EventName): JsonSchema {
  const entry = CATALOGUE[name];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `/schemas/${name}.json`,
    $comment: `data of ${TYPE_PREFIX}${name}, version ${entry.version}; stream ${entry.category}-<subject>`,
    ...(JSON.parse(JSON.stringify(entry.data)) as object),
  };
}

/** What `GET /schemas` lists. */
export function schemaIndex(): readonly {
  readonly name: EventName;
  readonly type: string;
  readonly category: string;
  readonly version: number;
  readonly doc: string;
  readonly schema: string;
}[] {
  return EVENT_NAMES.map((name) => {
    const { category, version, doc } = CATALOGUE[name];
    return { name, type: `${TYPE_PREFIX}${name}`, category, version, doc, schema: `/schemas/${name}.json` };
  });
}
