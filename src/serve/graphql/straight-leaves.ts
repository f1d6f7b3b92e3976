/** Writers of what has no fields: scalars, enums, and whole lists of scalars. */
import {
  type GraphQLEnumType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  isNonNullType,
  isScalarType,
} from 'graphql';
import type { Writer } from './straight.ts';

/** Thrown where only graphql-js knows what to do. */
export const GIVE_UP = new Error('left to graphql-js');

export function enumWriter(type: GraphQLEnumType): Writer {
  const texts = new Map<unknown, string>(type.getValues().map(({ name, value }) => [value, `"${name}"`]));
  return (value) => {
    const text = texts.get(value);
    if (text === undefined) throw GIVE_UP;
    return text;
  };
}

export function scalarWriter(type: GraphQLScalarType): Writer {
  const isFit = FITS[type.name];
  if (isFit) {
    return (value) => {
      if (!isFit(value)) throw GIVE_UP;
      return typeof value === 'string' ? JSON.stringify(value) : String(value);
    };
  }
  return (value) => {
    const text = JSON.stringify(type.coerceOutputValue(value)) as string | undefined;
    if (text === undefined) throw GIVE_UP;
    return text;
  };
}

const INT_MAX = 2 ** 31 - 1;

/** Values of the scalars that print as they are. Others that GraphQL would convert are left to graphql-js. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  ID: (value) => typeof value === 'string',
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Float: (value) => Number.isFinite(value),
  SafeInt: (value) => Number.isSafeInteger(value),
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) <= INT_MAX,
};

/** Scalars that are numbers inside and print as texts. */
const TEXTS: ReadonlySet<string> = new Set(['DateTime', 'Position']);

/**
 * Lists of scalars are printed as one where every entry prints as it is, or as text: a timeline has hundreds of thousands of
 * entries. Whatever else is in one is left to the writer of entries.
 */
export function bulkWriter(entryType: GraphQLOutputType, write: Writer): Writer {
  const isNullable = !isNonNullType(entryType);
  const type = isNullable ? entryType : entryType.ofType;
  if (!isScalarType(type)) return write;
  const isFit = FITS[type.name];
  const textOf = TEXTS.has(type.name) ? (value: unknown) => type.coerceOutputValue(value) : null;
  if (!isFit && !textOf) return write;
  const isPlain = isFit ?? ((value: unknown) => typeof value === 'number');
  return (value, run) => {
    if (!Array.isArray(value)) throw GIVE_UP;
    for (const entry of value as readonly unknown[])
      if (!(entry === null ? isNullable : isPlain(entry))) return write(value, run);
    return JSON.stringify(textOf === null ? value : value.map((entry) => (entry === null ? null : textOf(entry))));
  };
}
