/**
 * How much one document may ask for, judged before anything of it runs, on both transports. Introspection is exempt.
 * All four are linear in the document: a fragment is measured once.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

export interface Limits {
  /** Fields within fields. */
  readonly depthMax: number;
  readonly aliasesMax: number;
  readonly rootFieldsMax: number;
  /** Fields answered, a connection counting its page and a plain list `LIST_COST`. */
  readonly costMax: number;
}

export const DEFAULT_LIMITS: Limits = { depthMax: 15, aliasesMax: 30, rootFieldsMax: 20, costMax: 50_000 };
/** The most entries of one page. */
export const PAGE_MAX = 200;
/** Entries of a page where neither `first` nor `last` is given. */
export const PAGE_DEFAULT = 50;
const LIST_COST = 10;
/** The most buckets of one timeline. */
export const BUCKETS_MAX = 10_000;
/** A timeline's lanes count as this many entries for each of its buckets: its work grows with them. */
const LANES_COST_PER_BUCKET = 0.25;

export interface Measures {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly cost: number;
  /** Whether `cost` would differ with other variables. */
  readonly byVariables: boolean;
}

type Variables = Readonly<Record<string, unknown>>;

/** What a document's costliest operation asks for. Unknown fields count like others: validation names them. */
export function measure(schema: GraphQLSchema, document: DocumentNode, variables: Variables): Measures {
  const state = new Measuring(schema, document, variables);
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const measured = operations.map((operation) => state.operation(operation));
  return {
    depth: Math.max(0, ...measured.map(({ depth }) => depth)),
    cost: Math.max(0, ...measured.map(({ cost }) => cost)),
    rootFields: Math.max(0, ...measured.map(({ rootFields }) => rootFields)),
    aliases: state.aliases,
    byVariables: state.byVariables,
  };
}

/** What is beyond the limits, as errors with their own codes. */
export function limitErrors(measures: Measures, limits: Limits): GraphQLError[] {
  const checks: [number, number, string, string][] = [
    [measures.depth, limits.depthMax, 'QUERY_TOO_DEEP', 'levels of fields'],
    [measures.aliases, limits.aliasesMax, 'TOO_MANY_ALIASES', 'aliases'],
    [measures.rootFields, limits.rootFieldsMax, 'TOO_MANY_ROOT_FIELDS', 'fields at the root'],
    [measures.cost, limits.costMax, 'QUERY_TOO_COSTLY', 'as its cost'],
  ];
  return checks
    .filter(([found, most]) => found > most)
    .map(
      ([found, most, code, what]) =>
        new GraphQLError(`The document has ${found} ${what}; at most ${most} are allowed.`, { extensions: { code } }),
    );
}

interface Weight {
  readonly depth: number;
  readonly cost: number;
}

class Measuring {
  aliases = 0;
  byVariables = false;
  readonly #schema: GraphQLSchema;
  readonly #variables: Variables;
  readonly #fragments: Map<string, FragmentDefinitionNode>;
  readonly #measured = new Map<string, Weight | 'open'>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Variables) {
    this.#schema = schema;
    this.#variables = variables;
    this.#fragments = new Map(
      document.definitions
        .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
        .map((node) => [node.name.value, node]),
    );
  }

  operation(operation: OperationDefinitionNode): Weight & { readonly rootFields: number } {
    const type = this.#schema.getRootType(operation.operation);
    const weight = this.#selections(operation.selectionSet, type ?? undefined, 1);
    return { ...weight, rootFields: this.#rootFields(operation.selectionSet, new Set()) };
  }

  #rootFields(set: SelectionSetNode, seen: Set<string>): number {
    let count = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) count += selection.name.value.startsWith('__') ? 0 : 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += this.#rootFields(selection.selectionSet, seen);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment) count += this.#rootFields(fragment.selectionSet, seen);
      }
    }
    return count;
  }

  /** `page`: how many entries `nodes` and `edges` of the connection around this set have. */
  #selections(set: SelectionSetNode, type: GraphQLOutputType | undefined, page: number): Weight {
    let depth = 0;
    let cost = 0;
    for (const selection of set.selections) {
      const weight =
        selection.kind === Kind.FIELD
          ? this.#field(selection, type, page)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.#selections(
                selection.selectionSet,
                this.#typeNamed(selection.typeCondition?.name.value) ?? type,
                page,
              )
            : this.#fragment(selection.name.value, page);
      depth = Math.max(depth, weight.depth);
      cost += weight.cost;
    }
    return { depth, cost };
  }

  #fragment(name: string, page: number): Weight {
    // A fragment on a connection is rare; measured apart for each page it is spread in.
    const key = `${name} ${page}`;
    const known = this.#measured.get(key);
    if (known) return known === 'open' ? { depth: 0, cost: 0 } : known;
    const fragment = this.#fragments.get(name);
    if (!fragment) return { depth: 0, cost: 0 };
    this.#measured.set(key, 'open');
    const weight = this.#selections(fragment.selectionSet, this.#typeNamed(fragment.typeCondition.name.value), page);
    this.#measured.set(key, weight);
    return weight;
  }

  #field(field: FieldNode, parent: GraphQLOutputType | undefined, page: number): Weight {
    if (field.name.value.startsWith('__')) return { depth: 0, cost: 0 };
    if (field.alias) this.aliases += 1;
    if (!field.selectionSet) return { depth: 1, cost: 1 };
    const type =
      isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value]?.type : undefined;
    const named = type && getNamedType(type);
    const isConnection = named?.name.endsWith('Connection') ?? false;
    const isTimeline = named?.name === 'Timeline';
    const innerPage = isConnection ? this.#page(field) : isTimeline ? this.#lanes(field) : 1;
    const inner = this.#selections(field.selectionSet, named, innerPage);
    const isList = type !== undefined && isListType(getNullableType(type));
    const isPaged = parent !== undefined && isPagedType(getNamedType(parent).name);
    const entries = isList ? (isPaged ? page : LIST_COST) : 1;
    return { depth: inner.depth + 1, cost: 1 + entries * inner.cost };
  }

  #page(field: FieldNode): number {
    return this.#number(field, ['first', 'last'], { absent: PAGE_DEFAULT, most: PAGE_MAX });
  }

  #lanes(field: FieldNode): number {
    const buckets = this.#number(field, ['buckets'], { absent: BUCKETS_MAX, most: BUCKETS_MAX });
    return Math.max(LIST_COST, Math.ceil(buckets * LANES_COST_PER_BUCKET));
  }

  /** The first of these arguments that is given, at least 1 and at most `most`. */
  #number(
    field: FieldNode,
    names: readonly string[],
    { absent, most }: { readonly absent: number; readonly most: number },
  ): number {
    const bounded = (number: number): number => Math.min(Math.max(number, 1), most);
    for (const argument of field.arguments ?? []) {
      if (!names.includes(argument.name.value)) continue;
      const { value } = argument;
      if (value.kind === Kind.INT) return bounded(Number(value.value));
      if (value.kind !== Kind.VARIABLE) continue;
      this.byVariables = true;
      const given = this.#variables[value.name.value];
      // A default value of the variable is not looked up: the largest number stands for it.
      return typeof given === 'number' ? bounded(given) : given === null ? absent : most;
    }
    return absent;
  }

  #typeNamed(name: string | undefined): GraphQLOutputType | undefined {
    const type = name === undefined ? undefined : this.#schema.getType(name);
    return type && isCompositeType(type) ? type : undefined;
  }
}

/** Types whose lists have as many entries as the arguments of the field around them say. */
function isPagedType(name: string): boolean {
  return name.endsWith('Connection') || name === 'Timeline';
}
