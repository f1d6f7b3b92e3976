/** When two subscriptions print the same payloads: same document, operation and variables, wherever each of them began. */
import { Kind, visit } from 'graphql';
import type { GraphRequest, Prepared } from './documents.ts';

/**
 * The variable that says where to begin (the root field's `after`) is left out where it says nothing else, so that
 * dashboards that reconnect at different places still share every change.
 */
export function topicKey(request: GraphRequest, ready: Extract<Prepared, { kind: 'ready' }>): string {
  const start = startVariable(ready);
  const variables = Object.keys(request.variables)
    .filter((name) => name !== start)
    .sort()
    .map((name) => [name, request.variables[name]]);
  return JSON.stringify([request.query, request.operationName, variables]);
}

function startVariable({ document }: Extract<Prepared, { kind: 'ready' }>): string | null {
  const uses = new Map<string, number>();
  let start: string | null = null;
  visit(document, {
    VariableDefinition: () => false,
    Argument(node) {
      if (node.name.value === 'after' && node.value.kind === Kind.VARIABLE) start = node.value.name.value;
    },
    Variable(node) {
      uses.set(node.name.value, (uses.get(node.name.value) ?? 0) + 1);
    },
  });
  // Within a subscription's payload no field has an argument `after`.
  return start !== null && uses.get(start) === 1 ? start : null;
}
