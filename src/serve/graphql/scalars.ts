/** The scalars, in and out. Inside, a DateTime is a `Micros`, a Position and a SafeInt a whole number. */
import {
  GraphQLError,
  type GraphQLScalarType,
  type GraphQLSchema,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Position } from '../../../schemas/ids.ts';
import { formatTime, type Micros, parseTime } from '../../../schemas/time.ts';

interface ScalarBehaviour {
  readonly out: (value: unknown) => unknown;
  readonly in: (value: unknown) => unknown;
  /** Kinds of literal the scalar may be written as; absent: any. */
  readonly literals?: readonly string[];
}

const DIGITS = /^\d{1,16}$/;

/** A cursor or position as text or number; null when it is neither. */
export function readPosition(value: unknown): Position | null {
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? (number as Position) : null;
}

function readTime(value: unknown): Micros {
  if (typeof value !== 'string') throw refused('a DateTime is an RFC 3339 text with a zone');
  const at = parseTime(value);
  if (typeof at === 'number') return at;
  throw refused(`${JSON.stringify(value.slice(0, 64))} is no RFC 3339 time with a zone between 1970 and 2200`, at);
}

const SCALARS: Readonly<Record<string, ScalarBehaviour>> = {
  DateTime: {
    out: (value) => (typeof value === 'number' ? printTime(value as Micros) : printTime(readTime(value))),
    in: readTime,
    literals: [Kind.STRING],
  },
  Position: {
    out: (value) => String(value),
    in: (value) => {
      const position = readPosition(value);
      if (position === null) throw refused('a Position is a decimal string or an integer from 0 to 2^53−1');
      return position;
    },
    literals: [Kind.STRING, Kind.INT],
  },
  SafeInt: { out: (value) => value, in: wholeNumber, literals: [Kind.INT] },
  JSON: { out: (value) => value, in: (value) => value },
};

/** Gives a built schema's scalars their behaviour. */
export function attachScalars(schema: GraphQLSchema): void {
  for (const [name, behaviour] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name) as GraphQLScalarType;
    scalar.coerceOutputValue = behaviour.out;
    scalar.coerceInputValue = behaviour.in;
    scalar.coerceInputLiteral = (node) => {
      const { literals } = behaviour;
      if (literals && !literals.includes(node.kind)) throw refused(`${name} cannot be written as this kind of literal`);
      return behaviour.in(literalValue(node));
    };
  }
}

function literalValue(node: ValueNode): unknown {
  return node.kind === Kind.INT ? Number(node.value) : valueFromASTUntyped(node);
}

function wholeNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw refused('a SafeInt is a whole number within ±(2^53−1)');
}

// One answer prints the same few instants many times over, another a hundred thousand different ones: a small table in
// which an instant has one place saves most of the formatting of the former and costs the latter next to nothing.
const PRINTED_PLACES = 4093;
const printedAt = new Float64Array(PRINTED_PLACES).fill(Number.NaN);
const printed = new Array<string>(PRINTED_PLACES).fill('');

function printTime(at: Micros): string {
  // Whole milliseconds and whole seconds have their places all over the table, since their number is a prime.
  const place = at % PRINTED_PLACES;
  if (printedAt[place] === at) return printed[place] as string;
  const text = formatTime(at);
  printedAt[place] = at;
  printed[place] = text;
  return text;
}

function refused(message: string, code = 'BAD_VALUE'): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
