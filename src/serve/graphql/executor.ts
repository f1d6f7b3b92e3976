/** Runs prepared operations, whichever transport they came by: execution, masking, printing. */

import {
  createSourceEventStream,
  type ExecutionResult,
  executeRootSelectionSet,
  executeSubscriptionEvent,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
  type ValidatedExecutionArgs,
  type ValidatedSubscriptionArgs,
  validateExecutionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Position } from '../../../schemas/ids.ts';
import type { Caller, Role } from '../../accept/accept.ts';
import { allOf, andThen } from '../../project/views.ts';
import { type GraphContext, SourceStream } from './context.ts';
import type { Documents, GraphRequest, Prepared } from './documents.ts';
import { codedError, type MaskError } from './errors.ts';
import type { Topic } from './fan-out.ts';
import { joinParts, type OperationPart, splitOperation } from './split.ts';
import { compileStraight, type StraightPlan } from './straight.ts';
import { topicKey } from './topic-key.ts';

export type Ready = Extract<Prepared, { kind: 'ready' }>;

/** A subscription that may begin, or the errors that it answers with instead. */
type Opened =
  | { readonly kind: 'topic'; readonly topic: Topic; readonly after: Position | null }
  | { readonly kind: 'errors'; readonly json: string };

export interface Executor {
  prepare(request: GraphRequest): Prepared;
  /** Whether the caller may run it; the error otherwise. A role for each mutation is asked for by its resolver. */
  forbidden(ready: Ready, caller: Caller): GraphQLError | null;
  /** A query or mutation, printed; where possible without results in between. Never throws. */
  answer(ready: Ready, request: GraphRequest, context: GraphContext): Promise<Answer> | Answer;
  /** A subscription. `contextOf` makes the context of the opening, and of each payload's execution at its cursor. */
  open(ready: Ready, request: GraphRequest, contextOf: (at?: Position) => GraphContext): Promise<Opened>;
  print(result: ExecutionResult): string;
}

/** A printed answer, and what a transport must know of it. */
interface Answer {
  readonly json: string;
  readonly hasErrors: boolean;
  /** False where nothing was executed. */
  readonly hasData: boolean;
}

export interface ExecutorParts {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly mask: MaskError;
}

const ROLE_OF: Readonly<Record<OperationTypeNode, Role>> = { query: 'read', subscription: 'read', mutation: 'ingest' };

export function createExecutor({ schema, documents, mask }: ExecutorParts): Executor {
  const print = (result: ExecutionResult): string =>
    JSON.stringify(result.errors ? { errors: result.errors.map(mask), data: result.data } : result);

  const argumentsOf = (ready: Ready, request: GraphRequest, context: GraphContext) => ({
    schema,
    document: ready.document,
    contextValue: context,
    variableValues: request.variables,
    operationName: request.operationName,
  });

  const answerOf = (result: ExecutionResult): Answer => ({
    json: print(result),
    hasErrors: result.errors !== undefined,
    hasData: result.data !== undefined,
  });
  const plans = new WeakMap<OperationDefinitionNode, StraightPlan | 'none'>();
  const planOf = ({ document, operation }: Ready): StraightPlan | null => {
    let plan = plans.get(operation);
    if (plan === undefined) {
      plan = compileStraight(schema, document, operation) ?? 'none';
      plans.set(operation, plan);
    }
    return plan === 'none' ? null : plan;
  };

  const partsKnown = new WeakMap<OperationDefinitionNode, readonly OperationPart[] | 'one'>();
  const partsOf = ({ document, operation }: Ready): readonly OperationPart[] | null => {
    let parts = partsKnown.get(operation);
    if (parts === undefined) {
      parts = (operation.operation === OperationTypeNode.QUERY && splitOperation(document, operation)) || 'one';
      partsKnown.set(operation, parts);
    }
    return parts === 'one' ? null : parts;
  };
  const answerOne = (ready: Ready, request: GraphRequest, context: GraphContext): Promise<Answer> | Answer => {
    const validated = validateExecutionArgs(argumentsOf(ready, request, context));
    if (isErrors(validated)) return answerOf({ errors: validated });
    const plan = isMutation(ready) ? null : planOf(ready);
    const text = plan?.({ root: null, context, variables: validated.variableValues }) ?? null;
    if (text === null) return andThen(executeRootSelectionSet(validated), answerOf);
    return andThen(text, (later) =>
      later === null ? andThen(executeRootSelectionSet(validated), answerOf) : answerWith(later),
    );
  };

  return {
    prepare: (request) => documents.prepare(request),
    forbidden({ operation }, caller) {
      const role = ROLE_OF[operation.operation];
      return caller.roles.has(role)
        ? null
        : codedError('FORBIDDEN', `this ${operation.operation} needs the role ${role}`);
    },
    answer(ready, request, context) {
      const parts = partsOf(ready);
      if (parts === null) return answerOne(ready, request, context);
      const contexts = parts.map(() => ({ ...context }));
      const answers = parts.map((part, index) => answerOne({ ...ready, ...part }, request, contexts[index] ?? context));
      return andThen(allOf(answers), (printed) => {
        context.volatile ||= contexts.some((each) => each.volatile);
        // What is wrong with the request as a whole is wrong with each of its parts.
        return printed.find(({ hasData }) => !hasData) ?? { ...joinParts(printed), hasData: true };
      });
    },
    async open(ready, request, contextOf) {
      const validated = validateSubscriptionArgs(argumentsOf(ready, request, contextOf()));
      if (isErrors(validated)) return { kind: 'errors', json: print({ errors: validated }) };
      const stream = await createSourceEventStream(validated);
      if (!(stream instanceof SourceStream)) return { kind: 'errors', json: print(stream as ExecutionResult) };
      const topic: Topic = {
        key: topicKey(request, ready),
        source: stream.source,
        async print({ cursor, root }) {
          const perPayload: ValidatedSubscriptionArgs = {
            ...validated,
            rootValue: root,
            contextValue: contextOf(cursor),
          };
          const run = { root, context: perPayload.contextValue as GraphContext, variables: validated.variableValues };
          const text = await planOf(ready)?.(run);
          return typeof text === 'string' ? `{"data":${text}}` : print(await executeSubscriptionEvent(perPayload));
        },
      };
      return { kind: 'topic', topic, after: stream.after };
    },
    print,
  };
}

function answerWith(text: string): Answer {
  return { json: `{"data":${text}}`, hasErrors: false, hasData: true };
}

function isErrors<Args extends ValidatedExecutionArgs>(
  value: Args | readonly GraphQLError[],
): value is readonly GraphQLError[] {
  return Array.isArray(value);
}

export function isMutation({ operation }: Ready): boolean {
  return operation.operation === OperationTypeNode.MUTATION;
}

export function isSubscription({ operation }: Ready): boolean {
  return operation.operation === OperationTypeNode.SUBSCRIPTION;
}
