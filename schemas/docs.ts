/** docs/events.md, written from the catalogue. `node schemas/docs.ts` prints it; a test holds the file to it. */
import { CATALOGUE, EVENT_NAMES, type EventName } from './catalogue.ts';
import type { EventEntry } from './define.ts';
import { CATEGORIES } from './ids.ts';

interface FieldSchema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

const INTRODUCTION = `# Events

Written from the catalogue in \`schemas/\` by \`npm run docs\`; do not edit.

An event is a CloudEvent 1.0. \`id\` and \`source\` identify it; \`type\` is \`io.musterbook.<Name>\` (the bare name is taken too); \`subject\` is
the id of the cluster, incident, component, maintenance or collector it is about; \`time\` is when it happened, RFC 3339 with a zone.
Without \`time\` the moment of recording stands in and is marked as not known. Optional extensions: \`notbefore\` (it happened between
\`notbefore\` and \`time\`), \`synthetic\`, \`correlationid\`, \`causationid\` with \`causationsource\`, \`sequence\`, \`partitionkey\`,
\`traceparent\`, \`dataschema\`. Keys of \`data\` that are not listed here are kept and given back.

Ids have 1 to 200 characters, without control characters, lone surrogates or white space at the ends. Counts are whole numbers from 0
to 2^53−1. An event weighs at most 256 KiB. The same (\`source\`, \`id\`) with the same content is a duplicate: acknowledged, not recorded
again. With other content it is refused as \`EVENT_ID_REUSED\`.
`;

export function eventsPage(): string {
  const sections = (['any', ...CATEGORIES] as const).map((category) => {
    const names = EVENT_NAMES.filter((name) => CATALOGUE[name].category === category);
    const title = category === 'any' ? '## In any stream' : `## \`${category}-<subject>\``;
    return `${title}\n\n${names.map(eventSection).join('\n')}`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

function eventSection(name: EventName): string {
  const entry = CATALOGUE[name];
  const opens = entry.opens ? ' Only this event may be the first of its stream.' : '';
  return `### ${name}\n\n${entry.doc}${opens}\n\n${fieldTable(entry)}`;
}

function fieldTable(entry: EventEntry): string {
  const schema = entry.data as FieldSchema;
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(
    ([field, of]) => `| \`${field}\`${required.has(field) ? '' : '?'} | ${typeOf(of)} | ${of.description ?? ''} |`,
  );
  return `| field | type | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function typeOf(schema: FieldSchema): string {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (schema.properties)
    return `{ ${Object.keys(schema.properties)
      .map((key) => (schema.required?.includes(key) ? key : `${key}?`))
      .join(', ')} }`;
  if (schema.format === 'date-time') return 'time';
  if (schema.format === 'musterbook-id') return 'id';
  return (
    { string: 'text', integer: 'count', boolean: 'yes/no', object: 'map of text', null: 'null' }[schema.type ?? ''] ??
    'JSON'
  );
}

if (import.meta.main) process.stdout.write(eventsPage());
