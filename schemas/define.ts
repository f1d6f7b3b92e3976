/** How an event type is declared: once, and everything else is read off the declaration. */
import Type, { type Static, type TObject, type TProperties } from 'typebox';
import Format from 'typebox/format';
import Schema from 'typebox/schema';
import { isId, type StreamCategory } from './ids.ts';
import { parseTime } from './time.ts';

// `format` in our schemas means our own rules; a JSON Schema validator elsewhere may know them or ignore them.
Format.Set('date-time', (text) => typeof parseTime(text) === 'number');
Format.Set('musterbook-id', isId);

/** One entry of the catalogue. */
export interface EventEntry<Name extends string = string, Data extends TObject = TObject> {
  readonly name: Name;
  /** The category of the stream it goes to; `any` is a retraction, which goes where the event it names is. */
  readonly category: StreamCategory | 'any';
  /** The version of `data`; rises when fields change meaning, with an upcast from the version before. */
  readonly version: number;
  /** One or two sentences: what happened in the world. */
  readonly doc: string;
  readonly data: Data;
  /** True where only this event may be the first of its stream. */
  readonly opens: boolean;
  /** From version n (the key) to n+1. */
  readonly upcasts: Readonly<Record<number, Upcast>>;
}

/** Turns the data of one version into the next one's. Pure; keeps keys it does not know. */
export type Upcast = (data: Readonly<Record<string, unknown>>) => Record<string, unknown>;

export interface Declaration<Name extends string, Fields extends TProperties> {
  readonly name: Name;
  readonly category: StreamCategory | 'any';
  readonly doc: string;
  readonly fields: Fields;
  readonly version?: number;
  readonly opens?: boolean;
  readonly upcasts?: Readonly<Record<number, Upcast>>;
}

export function defineEvent<const Name extends string, Fields extends TProperties>(
  declaration: Declaration<Name, Fields>,
): EventEntry<Name, TObject<Fields>> {
  const { name, category, doc, fields, version = 1, opens = false, upcasts = {} } = declaration;
  for (let from = 1; from < version; from += 1) {
    if (!upcasts[from]) throw new Error(`${name} is at version ${version} but has no upcast from ${from}`);
  }
  // Unknown keys in data are kept: a source may say more than we read.
  const data = Type.Object(fields, { title: name, description: doc });
  return { name, category, version, doc, data, opens, upcasts };
}

/** Brings data of an older version up to the entry's own. */
export function upcast(
  entry: EventEntry,
  version: number,
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  let current = data;
  for (let from = version; from < entry.version; from += 1) {
    const step = entry.upcasts[from];
    if (!step) throw new Error(`${entry.name} has no version ${version}`);
    current = step(current);
  }
  return current;
}

export interface DataFault {
  /** JSON pointer into the data. */
  readonly path: string;
  readonly message: string;
}

/** A compiled check: null when the value fits, else the first fault. */
export type Check = (value: unknown) => DataFault | null;

export function compileCheck(schema: TObject): Check {
  const compiled = Schema.Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return null;
    const [, errors] = compiled.Errors(value);
    return firstFault(errors);
  };
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: unknown;
  readonly message: string;
}

function firstFault(errors: readonly SchemaError[]): DataFault {
  // A value that fits no branch of a union reports every branch first; the deepest path says most.
  const [first] = errors;
  if (!first) return { path: '', message: 'does not match its schema' };
  return { path: pathOf(first), message: messageOf(first) };
}

function pathOf(error: SchemaError): string {
  if (error.keyword !== 'required') return error.instancePath;
  const missing = (error.params as { requiredProperties?: readonly string[] }).requiredProperties?.[0];
  return missing === undefined ? error.instancePath : `${error.instancePath}/${missing}`;
}

function messageOf(error: SchemaError): string {
  const params = error.params as { allowedValues?: readonly unknown[]; format?: string; type?: string };
  if (error.keyword === 'required') return 'is required';
  if (error.keyword === 'enum' && params.allowedValues)
    return `must be one of ${params.allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  if (error.keyword === 'format' && params.format === 'date-time') {
    return 'must be an RFC 3339 time with a zone between 1970 and 2200, such as 2022-12-13T20:14:00Z';
  }
  if (error.keyword === 'format' && params.format === 'musterbook-id') {
    return 'must be an id of 1 to 200 characters without control characters or white space at the ends';
  }
  return error.message;
}

// Fields, by what they hold. The description goes into the JSON Schema, the docs and GraphQL.

type Options = { readonly description: string };

/** An id: 1–200 characters. */
export const id = (description: string) =>
  Type.String({ format: 'musterbook-id', minLength: 1, maxLength: 200, description } satisfies Options &
    Record<string, unknown>);
/** Ids, without order. */
export const ids = (description: string) => Type.Array(id('An id.'), { description });
/** A text of any length within the event's limit. */
export const text = (description: string) => Type.String({ description });
/** A text that says something. */
export const words = (description: string) => Type.String({ minLength: 1, description });
/** An instant, RFC 3339 with a zone. */
export const time = (description: string) => Type.String({ format: 'date-time', description });
/** An instant, or null to take an earlier statement back. */
export const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description });
/** A whole number from 0 to 2^53−1. */
export const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });
export const flag = (description: string) => Type.Boolean({ description });
/** One word of a fixed list. */
export const oneOf = <const Words extends string[]>(words: readonly [...Words], description: string) =>
  Type.Enum(words as [...Words], { description });
export const optional = Type.Optional;
export type { Static };
