/**
 * An operation whose root fields ask about several moments is run field by field: everything below a root field is
 * answered from one set of events, and each of them may have another.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql';

/** An operation with one root field (under one response key) of a larger one. */
export interface OperationPart {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Root fields that are answered from a set of events of their own, which other arguments than `moment` choose. */
const OWN_SET_FIELDS: ReadonlySet<string> = new Set(['timeline', 'topologyDiff']);

/** Null where the operation has one root field, or asks about no moment. */
export function splitOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly OperationPart[] | null {
  if (!mentionsMoment(document)) return null;
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const roots = new Map<string, SelectionNode[]>();
  collect(operation.selectionSet.selections, {
    fragments: new Map(fragments.map((node) => [node.name.value, node])),
    roots,
    wrap: (field) => field,
  });
  if (roots.size < 2) return null;
  return [...roots.values()].map((selections) => {
    const part = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
    return { document: { ...document, definitions: [part, ...fragments] }, operation: part };
  });
}

function mentionsMoment(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Argument(node) {
      if (node.name.value === 'moment') found = true;
    },
    Field(node) {
      // Fields of these names further below take no arguments.
      if (OWN_SET_FIELDS.has(node.name.value) && node.arguments?.length) found = true;
    },
  });
  return found;
}

interface Collecting {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly roots: Map<string, SelectionNode[]>;
  /** Puts a field of a fragment under the conditions on which the fragment stands. */
  readonly wrap: (field: SelectionNode) => SelectionNode;
}

function collect(selections: readonly SelectionNode[], collecting: Collecting): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = responseKey(selection);
      const known = collecting.roots.get(key) ?? [];
      collecting.roots.set(key, [...known, collecting.wrap(selection)]);
      continue;
    }
    const body = selection.kind === Kind.INLINE_FRAGMENT ? selection : collecting.fragments.get(selection.name.value);
    const { directives = [] } = selection;
    const wrap = (field: SelectionNode): SelectionNode =>
      directives.length === 0
        ? collecting.wrap(field)
        : collecting.wrap({
            kind: Kind.INLINE_FRAGMENT,
            directives,
            selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
          });
    if (body) collect(body.selectionSet.selections, { ...collecting, wrap });
  }
}

function responseKey({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

/** A printed answer to one part, as an execution result prints. */
export interface PartAnswer {
  readonly json: string;
  readonly hasErrors: boolean;
}

/** The answers of all parts as one, in their order. */
export function joinParts(parts: readonly PartAnswer[]): { readonly json: string; readonly hasErrors: boolean } {
  if (!parts.some(({ hasErrors }) => hasErrors)) {
    const fields = parts.map(({ json }) => json.slice(OPENING.length, -CLOSING.length)).filter((text) => text !== '');
    return { json: `${OPENING}${fields.join(',')}${CLOSING}`, hasErrors: false };
  }
  const results = parts.map(({ json }) => JSON.parse(json) as Result);
  const errors = results.flatMap((result) => result.errors ?? []);
  const isNull = results.some(({ data }) => data === null || data === undefined);
  const data = isNull ? null : Object.assign({}, ...results.map((result) => result.data));
  return { json: JSON.stringify({ errors, data }), hasErrors: true };
}

const OPENING = '{"data":{';
const CLOSING = '}}';

interface Result {
  readonly errors?: readonly unknown[];
  readonly data?: Readonly<Record<string, unknown>> | null;
}
