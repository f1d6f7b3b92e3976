/**
 * Stands in the bundle where urql imports a GraphQL parser and printer (`@0no-co/graphql.web`, 3.5 kB gzipped; see
 * vite.config.ts): our documents are texts that the server parses, so here a document is its text and its operation.
 */

export const Kind = { OPERATION_DEFINITION: 'OperationDefinition' } as const;

interface Document {
  readonly kind: 'Document';
  readonly definitions: readonly object[];
  readonly loc: { readonly start: 0; readonly end: number; readonly source: object };
}

/** What urql asks of a document: its first operation's kind and name, and the text to send. */
export function parse(text: string): Document {
  const [, operation = 'query', name] = /^\s*(query|mutation|subscription)\b\s*(\w+)?/.exec(text) ?? [];
  const definition = {
    kind: Kind.OPERATION_DEFINITION,
    operation,
    ...(name !== undefined && { name: { kind: 'Name', value: name } }),
  };
  const source = { body: text, name: 'gql', locationOffset: { line: 1, column: 1 } };
  return { kind: 'Document', definitions: [definition], loc: { start: 0, end: text.length, source } };
}

export function print({ loc }: Document): string {
  return (loc.source as { readonly body: string }).body;
}

/** As graphql-js has it, as far as urql makes one of what the server answers. */
export class GraphQLError extends Error {
  readonly path: readonly (string | number)[] | undefined;
  readonly originalError: unknown;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(message: string, ...rest: readonly unknown[]) {
    super(message);
    const [, , , path, originalError, extensions] = rest;
    this.path = path as GraphQLError['path'];
    this.originalError = originalError;
    this.extensions = (extensions ?? {}) as GraphQLError['extensions'];
  }
}
