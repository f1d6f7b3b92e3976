/**
 * The GraphQL types of events, read off the catalogue: `type <Name>Event implements Event`, the payload's fields beside
 * the interface's, every one of them nullable, one type per field name across all events, so that fragments on two
 * event types always merge.
 */
import type { GraphQLFieldResolver } from 'graphql';
import { CATALOGUE, EVENT_NAMES } from '../../../schemas/catalogue.ts';
import type { RecordedEvent } from '../../../schemas/event.ts';
import { EVENTS } from './sdl/events.ts';

/** A JSON Schema as the catalogue's declarations carry it, as far as it is read here. */
interface FieldSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
}

/** Names of the types of list entries that are objects, by the field that holds them. */
const ENTRY_TYPES: Readonly<Record<string, string>> = { components: 'StatedComponent', evidence: 'EventEvidence' };
/** Fields with the format of an id that hold a reference; others of that format (a scope, a code) are words. */
const REFERENCE = /^id$|Ids?$|^duplicateOf$/;
const INTERFACE_FIELDS = fieldLines(/interface Event \{\n([^}]*)\}/);

/** SDL of all event types and of the objects in them. Throws when a field name would have two types. */
export function eventTypesSdl(): string {
  const types = new Map<string, string>();
  const entryFields = new Map<string, Map<string, string>>();
  const bodies = EVENT_NAMES.map((name) => {
    const entry = CATALOGUE[name];
    const lines = payloadFields(name).map(([field, schema]) => {
      const type = graphqlType(field, schema, entryFields);
      const known = types.get(field) ?? type;
      if (known !== type) throw new Error(`the payload field ${field} is ${known} elsewhere and ${type} in ${name}`);
      if (INTERFACE_FIELDS.some((line) => line.startsWith(`${field}:`))) {
        throw new Error(`the payload field ${field} of ${name} hides a field of the Event interface`);
      }
      types.set(field, type);
      return `${description(schema.description, '  ')}  ${field}: ${type}`;
    });
    return `${description(entry.doc)}type ${name}Event implements Event {\n${[...INTERFACE_FIELDS.map((line) => `  ${line}`), ...lines].join('\n')}\n}`;
  });
  const entries = [...entryFields].map(
    ([name, fields]) => `type ${name} {\n${[...fields].map(([field, type]) => `  ${field}: ${type}`).join('\n')}\n}`,
  );
  return [...entries, ...bodies].join('\n\n');
}

/** For each event type, the resolvers of its payload fields. */
export function eventPayloadResolvers(): Record<string, Record<string, GraphQLFieldResolver<RecordedEvent, unknown>>> {
  return Object.fromEntries(
    EVENT_NAMES.map((name) => [
      `${name}Event`,
      Object.fromEntries(
        payloadFields(name).map(([field]) => [
          field,
          (event: RecordedEvent) => (event.data as Readonly<Record<string, unknown>>)[field] ?? null,
        ]),
      ),
    ]),
  );
}

function payloadFields(name: keyof typeof CATALOGUE): [string, FieldSchema][] {
  return Object.entries((CATALOGUE[name].data as FieldSchema).properties ?? {});
}

function graphqlType(field: string, schema: FieldSchema, entries: Map<string, Map<string, string>>): string {
  const stated = schema.anyOf?.find((branch) => branch.type !== 'null') ?? schema;
  if (stated.format === 'date-time') return 'DateTime';
  if (stated.format === 'musterbook-id') return REFERENCE.test(field) ? 'ID' : 'String';
  if (stated.type === 'integer') return 'SafeInt';
  if (stated.type === 'boolean') return 'Boolean';
  if (stated.type === 'array' && stated.items) return listType(field, stated.items, entries);
  if (stated.type === 'object') return 'JSON';
  return 'String';
}

function listType(field: string, items: FieldSchema, entries: Map<string, Map<string, string>>): string {
  if (!items.properties) return `[${graphqlType(field, items, entries)}!]`;
  const name = ENTRY_TYPES[field];
  if (name === undefined) return '[JSON!]';
  const known = entries.get(name) ?? new Map<string, string>();
  for (const [key, schema] of Object.entries(items.properties)) known.set(key, graphqlType(key, schema, entries));
  entries.set(name, known);
  return `[${name}!]`;
}

function description(text: string | undefined, indent = ''): string {
  return text === undefined ? '' : `${indent}${JSON.stringify(text)}\n`;
}

function fieldLines(pattern: RegExp): string[] {
  const body = pattern.exec(EVENTS)?.[1] ?? '';
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
