/**
 * Answers printed straight from the views: an operation is compiled once into writers that turn values into JSON text,
 * without result objects, paths and resolve infos in between. It prints what graphql-js would, byte for byte, or gives
 * up: whatever is out of the ordinary (an error, a null where none may be, a directive) is left to graphql-js, which
 * runs the operation from the start. Hence for queries and payloads of subscriptions only: they change nothing.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableValues,
  visit,
} from 'graphql';
import type { GraphContext } from './context.ts';
import { bulkWriter, enumWriter, GIVE_UP, scalarWriter } from './straight-leaves.ts';

/** One execution. */
export interface StraightRun {
  readonly root: unknown;
  readonly context: GraphContext;
  readonly variables: VariableValues;
}

/** The text of `data`; null where graphql-js is to run the operation instead. */
export type StraightPlan = (run: StraightRun) => string | Promise<string | null> | null;

type Text = string | Promise<string>;
export type Writer = (value: unknown, run: StraightRun) => Text;

/** A plan that gives up this often in a row is not tried again. */
const GIVEN_UP_MAX = 10;

/** Null for an operation that cannot be compiled. */
export function compileStraight(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): StraightPlan | null {
  const root = schema.getRootType(operation.operation);
  if (!root || waitsFirst(document)) return null;
  let writer: Writer;
  try {
    writer = new Compiler(schema, document).object(root, [operation.selectionSet]);
  } catch (error) {
    if (error === GIVE_UP) return null;
    throw error;
  }
  let givenUp = 0;
  const failed = (): null => {
    givenUp += 1;
    return null;
  };
  const kept = (text: string): string => {
    givenUp = 0;
    return text;
  };
  return (run) => {
    if (givenUp >= GIVEN_UP_MAX) return null;
    try {
      const text = writer(run.root, run);
      return typeof text === 'string' ? kept(text) : text.then(kept, failed);
    } catch {
      return failed();
    }
  };
}

/** A field that may wait and then fail would wait a second time: documents with `atLeast` are not for us. */
function waitsFirst(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Argument(node) {
      if (node.name.value === 'atLeast') found = true;
    },
  });
  return found;
}

class Compiler {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    this.#fragments = new Map(
      document.definitions
        .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
        .map((node) => [node.name.value, node]),
    );
  }

  object(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Writer {
    const collected = new Map<string, FieldNode[]>();
    for (const set of sets) this.#collect(type, set, collected);
    const fields = [...collected].map(([key, nodes], index) =>
      this.#field(type, nodes, `${index === 0 ? '{' : ','}${JSON.stringify(key)}:`),
    );
    return (value, run) => {
      let text = '';
      let parts: Text[] | null = null;
      for (const field of fields) {
        const written = field(value, run);
        if (typeof written === 'string') text += written;
        else {
          parts ??= [];
          parts.push(text, written);
          text = '';
        }
      }
      return parts === null ? `${text}}` : joined([...parts, text, '}']);
    };
  }

  /** Writes the key, with what stands before it, and the value. */
  #field(type: GraphQLObjectType, nodes: readonly FieldNode[], key: string): Writer {
    const [node] = nodes as readonly [FieldNode];
    const name = node.name.value;
    if (name === '__typename') return () => `${key}${JSON.stringify(type.name)}`;
    const field = type.getFields()[name];
    if (!field) throw GIVE_UP;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const write = this.#value(field.type, sets);
    const argumentsOf = argumentsReader(field, node);
    const { resolve } = field;
    const keyed = (value: unknown, run: StraightRun): Text => {
      const text = write(value, run);
      return typeof text === 'string' ? key + text : text.then((later) => key + later);
    };
    return (source, run) => {
      let value: unknown;
      if (resolve) value = resolve(source, argumentsOf(run), run.context, NO_INFO);
      else {
        value = (source as Record<string, unknown>)[name];
        if (typeof value === 'function') value = value.call(source, argumentsOf(run), run.context);
      }
      return value instanceof Promise ? handled(value.then((later) => keyed(later, run))) : keyed(value, run);
    };
  }

  #value(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): Writer {
    if (isNonNullType(type)) {
      const write = this.#present(type.ofType, sets);
      return (value, run) => {
        if (value === null || value === undefined) throw GIVE_UP;
        return write(value, run);
      };
    }
    const write = this.#present(type, sets);
    return (value, run) => (value === null || value === undefined ? 'null' : write(value, run));
  }

  /** A value that is not null. */
  #present(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): Writer {
    if (isListType(type)) return bulkWriter(type.ofType, listWriter(this.#value(type.ofType, sets)));
    if (isObjectType(type)) return this.object(type, sets);
    if (isEnumType(type)) return enumWriter(type);
    if (isScalarType(type)) return scalarWriter(type);
    if (!isAbstractType(type)) throw GIVE_UP;
    const { resolveType } = type;
    if (!resolveType) throw GIVE_UP;
    const writers = new Map<string, Writer>();
    return (value, run) => {
      const name = resolveType(value, run.context, NO_INFO, type);
      if (typeof name !== 'string') throw GIVE_UP;
      let write = writers.get(name);
      if (!write) {
        const concrete = this.#schema.getType(name);
        if (!isObjectType(concrete) || !this.#schema.isSubType(type, concrete)) throw GIVE_UP;
        write = this.object(concrete, sets);
        writers.set(name, write);
      }
      return write(value, run);
    };
  }

  #collect(type: GraphQLObjectType, set: SelectionSetNode, into: Map<string, FieldNode[]>): void {
    for (const selection of set.selections) {
      if (selection.directives && selection.directives.length > 0) throw GIVE_UP;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const known = into.get(key);
        if (known) known.push(selection);
        else into.set(key, [selection]);
        continue;
      }
      const spread = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
      if (spread && this.#applies(spread.typeCondition?.name.value, type))
        this.#collect(type, spread.selectionSet, into);
    }
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = this.#schema.getType(condition);
    return isAbstractType(named) && this.#schema.isSubType(named, type);
  }
}

// Our resolvers read no resolve info; the type has no place for its absence.
const NO_INFO = undefined as never;
const NO_ARGUMENTS = Object.freeze({});

/** Arguments are the same for every run where no variable is in them. */
function argumentsReader(field: GraphQLField<unknown, unknown>, node: FieldNode): (run: StraightRun) => object {
  if (field.args.length === 0) return () => NO_ARGUMENTS;
  let hasVariables = false;
  for (const argument of node.arguments ?? []) {
    visit(argument, {
      Variable() {
        hasVariables = true;
      },
    });
  }
  if (hasVariables) return (run) => getArgumentValues(field, node, run.variables);
  const fixed = getArgumentValues(field, node);
  return () => fixed;
}

function listWriter(write: Writer): Writer {
  return (value, run) => {
    if (!Array.isArray(value)) throw GIVE_UP;
    let text = '[';
    let parts: Text[] | null = null;
    for (let index = 0; index < value.length; index += 1) {
      if (index > 0) text += ',';
      const entry: unknown = value[index];
      const written = entry instanceof Promise ? handled(entry.then((later) => write(later, run))) : write(entry, run);
      if (typeof written === 'string') text += written;
      else {
        parts ??= [];
        parts.push(text, written);
        text = '';
      }
    }
    return parts === null ? `${text}]` : joined([...parts, text, ']']);
  };
}

/** Marks a rejection as dealt with: whoever awaits the whole hears of it; where the rest gave up first, nobody does. */
function handled(promise: Promise<string>): Promise<string> {
  promise.catch(() => {});
  return promise;
}

function joined(parts: readonly Text[]): Promise<string> {
  return handled(Promise.all(parts.map((part) => Promise.resolve(part))).then((texts) => texts.join('')));
}
