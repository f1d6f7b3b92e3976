/** Documents, parsed and validated once and kept: the same text is judged again only where its cost follows from variables. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { type Limits, limitErrors, type Measures, measure } from './limits.ts';

/** What a caller asks, whichever transport it came by. */
export interface GraphRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | null;
}

export type Prepared =
  | { readonly kind: 'ready'; readonly document: DocumentNode; readonly operation: OperationDefinitionNode }
  /** Nothing of it may run. */
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLError[] };

export interface Documents {
  prepare(request: GraphRequest): Prepared;
}

interface Judged {
  readonly document: DocumentNode | null;
  readonly errors: readonly GraphQLError[];
  readonly measures: Measures | null;
  /** False where other variables could bring another judgement of the whole document. */
  readonly keep: boolean;
}

/** Characters of all texts that are kept; a document weighs some fifty times its text. */
const KEPT_CHARACTERS_MAX = 512 * 1024;
/** Bounds the work of parsing and of comparing fields with one another. */
const TOKENS_MAX = 5_000;

export function createDocuments(schema: GraphQLSchema, limits: Limits): Documents {
  const judged = new Map<string, Judged>();
  let characters = 0;
  const drop = (query: string): void => {
    if (judged.delete(query)) characters -= query.length;
  };
  return {
    prepare(request) {
      const known = judged.get(request.query) ?? judge(schema, limits, request);
      drop(request.query);
      if (known.keep) {
        judged.set(request.query, known);
        characters += request.query.length;
      }
      // The least recently asked leave first.
      for (const query of judged.keys()) {
        if (characters <= KEPT_CHARACTERS_MAX) break;
        drop(query);
      }
      const { document, measures } = known;
      if (document === null) return { kind: 'refused', errors: known.errors };
      if (measures?.byVariables) {
        const tooMuch = limitErrors(measure(schema, document, request.variables), limits);
        if (tooMuch.length > 0) return { kind: 'refused', errors: tooMuch };
      }
      const operation = getOperationAST(document, request.operationName);
      return operation ? { kind: 'ready', document, operation } : { kind: 'refused', errors: [noOperation(request)] };
    },
  };
}

function judge(schema: GraphQLSchema, limits: Limits, request: GraphRequest): Judged {
  let document: DocumentNode;
  try {
    document = parse(request.query, { maxTokens: TOKENS_MAX });
  } catch (error) {
    return { document: null, errors: [coded(error, 'GRAPHQL_PARSE_FAILED')], measures: null, keep: true };
  }
  // Limits first: they are linear, while comparing fields with one another is not.
  const measures = measure(schema, document, request.variables);
  const tooMuch = limitErrors(measures, limits);
  if (tooMuch.length > 0) return { document: null, errors: tooMuch, measures, keep: !measures.byVariables };
  const errors = validate(schema, document, specifiedRules, { maxErrors: 20, hideSuggestions: false });
  return errors.length > 0
    ? { document: null, errors: errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')), measures, keep: true }
    : { document, errors: [], measures, keep: true };
}

function noOperation({ operationName }: GraphRequest): GraphQLError {
  const message =
    operationName === null
      ? 'The document has several operations or none: name one with operationName.'
      : `The document has no operation named ${operationName}.`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_UNKNOWN' } });
}

function coded(error: unknown, code: string): GraphQLError {
  if (!(error instanceof GraphQLError))
    return new GraphQLError('The document cannot be read.', { extensions: { code } });
  if (error.extensions['code'] !== undefined) return error;
  const { message, nodes, source, positions } = error;
  return new GraphQLError(message, { nodes, source, positions, extensions: { ...error.extensions, code } });
}
