/** Runs prepared operations, whichever transport they came by: execution, masking, printing. */

import {
  createSourceEventStream,
  type ExecutionResult,
  executeRootSelectionSet,
  executeSubscriptionEvent,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
  type ValidatedExecutionArgs,
  validateExecutionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Position } from '../../../schemas/ids.ts';
import type { Caller, Role } from '../../accept/accept.ts';
import { MusterbookError } from '../../errors.ts';
import { allOf, andThen, type MaybePromise } from '../../project/views.ts';
import { type GraphContext, PrivateStream, SourceStream } from './context.ts';
import type { Documents, GraphRequest, Prepared } from './documents.ts';
import { codedError, type MaskError } from './errors.ts';
import type { Begun, PrivateSubscription, Topic } from './fan-out.ts';
import { joinParts, type OperationPart, splitOperation } from './split.ts';
import { compileStraight, type StraightPlan } from './straight.ts';
import { topicKey } from './topic-key.ts';

export type Ready = Extract<Prepared, { kind: 'ready' }>;

/** A subscription that may begin, or the errors that it answers with instead. */
type Opened = Begun | { readonly kind: 'errors'; readonly json: string };

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
      /** One payload, printed from a context; where possible without results in between. */
      const printPayload = (root: unknown, context: GraphContext): MaybePromise<string> => {
        const byGraphql = (): MaybePromise<string> =>
          andThen(executeSubscriptionEvent({ ...validated, rootValue: root, contextValue: context }), print);
        const text = planOf(ready)?.({ root, context, variables: validated.variableValues }) ?? null;
        if (text === null) return byGraphql();
        return andThen(text, (later) => (later === null ? byGraphql() : `{"data":${later}}`));
      };
      if (stream instanceof PrivateStream) {
        const context = contextOf();
        const subscription: PrivateSubscription = {
          source: stream.source,
          print({ root, reader }) {
            // One payload at a time: the one before has been printed.
            context.reader = reader;
            return printPayload(root, context);
          },
          printFailure: (error) =>
            error instanceof MusterbookError && error.retryable ? null : print({ errors: [asGraphqlError(error)] }),
        };
        return { kind: 'private', subscription };
      }
      if (!(stream instanceof SourceStream)) return { kind: 'errors', json: print(stream as ExecutionResult) };
      const topic: Topic = {
        key: topicKey(request, ready),
        source: stream.source,
        print({ cursor, root, reader }) {
          const context = contextOf(cursor);
          if (reader !== undefined) context.reader = reader;
          return printPayload(root, context);
        },
      };
      return { kind: 'topic', topic, after: stream.after };
    },
    print,
  };
}

function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
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
