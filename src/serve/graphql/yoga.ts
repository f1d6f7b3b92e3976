/**
 * graphql-yoga answers queries and mutations over HTTP: what a request may look like, which media type and status its
 * answer has. Our executor parses, judges, runs and prints, the same one for every transport; Yoga is given its words.
 * What Yoga opens by default to any web page (CORS, form bodies, batches) is off.
 */

import { type DocumentNode, type GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Position } from '../../../schemas/ids.ts';
import type { Caller } from '../../accept/accept.ts';
import type { Views } from '../../project/views.ts';
import { type GraphContext, reach } from './context.ts';
import type { GraphRequest, Prepared } from './documents.ts';
import type { Log } from './errors.ts';
import { type Executor, isMutation, type Ready } from './executor.ts';

export interface YogaParts {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly views: Views;
  readonly log: Log;
  contextFor(caller: Caller, at?: Position): GraphContext;
}

/** One request, as Yoga's server context: what our plugin needs to know and finds out. */
export interface Asking {
  readonly caller: Caller;
  readonly graph: GraphRequest;
  /** Judged once, before Yoga is asked. */
  readonly prepared: Prepared;
  /** Of the header `musterbook-at-least`. */
  readonly atLeast: Position | null;
  /** Of an answer that executed nothing: 400, but 200 to a client of the older `application/json`, which reads errors there. */
  readonly refusedStatus: 200 | 400;
  /** Set to where the views stood if the answer follows from them alone, so that it may be given again while they stand still. */
  keepAt: Position | null;
}

export type YogaDoor = (url: string, init: RequestInit, asking: Asking) => Promise<Response>;

/** What stands in for a document that is refused: Yoga has to be given one. */
const NOTHING: DocumentNode = parse('{ __typename }');

export function createYogaDoor(parts: YogaParts): YogaDoor {
  const yoga = createYoga<ServerContext>({
    schema: parts.schema,
    graphqlEndpoint: '/graphql',
    plugins: [ourWords(parts)],
    cors: false,
    multipart: false,
    batching: false,
    graphiql: false,
    landingPage: false,
    // Errors are masked where they are printed, and documents kept where they are judged.
    maskedErrors: false,
    parserAndValidationCache: false,
    logging: {
      debug() {},
      info() {},
      warn() {},
      error: (error: unknown) => parts.log.error({ err: error }, 'GraphQL over HTTP failed unexpectedly'),
    },
  });
  return async (url, init, asking) => yoga.fetch(url, init, { asking });
}

interface ServerContext {
  readonly asking: Asking;
}

function ourWords(parts: YogaParts): Plugin {
  const { executor, views } = parts;
  const askingOf = (context: unknown): Asking => (context as ServerContext).asking;
  return {
    onParse({ context, setParsedDocument }) {
      const { prepared } = askingOf(context);
      setParsedDocument(prepared.kind === 'ready' ? prepared.document : NOTHING);
    },
    onValidate({ setResult }) {
      // Judged already; a refusal is answered below, where its status is known.
      setResult([]);
    },
    onExecute({ args, setExecuteFn }) {
      const asking = askingOf(args.contextValue);
      const { caller, graph, prepared } = asking;
      setExecuteFn(async () => {
        if (prepared.kind === 'refused') {
          return printed(executor.print({ errors: prepared.errors }), asking.refusedStatus);
        }
        const hindrance = await hindranceOf(parts, prepared, asking);
        if (hindrance) return printed(hindrance.json, hindrance.status);
        const context = parts.contextFor(caller);
        const before = context.reader.position;
        const running = executor.answer(prepared, graph, context);
        const { json, hasErrors, hasData } = running instanceof Promise ? await running : running;
        const isOfViews = !hasErrors && !context.volatile && !isMutation(prepared) && before === views.position();
        asking.keepAt = isOfViews ? before : null;
        return printed(json, hasData ? 200 : asking.refusedStatus);
      });
    },
  };
}

/** What keeps an operation from running: a role that the caller lacks, or views that do not reach `atLeast` in time. */
export async function hindranceOf(
  parts: Pick<YogaParts, 'executor' | 'views'>,
  ready: Ready,
  { caller, atLeast }: Pick<Asking, 'caller' | 'atLeast'>,
): Promise<{ readonly status: number; readonly json: string } | null> {
  const { executor } = parts;
  const forbidden = executor.forbidden(ready, caller);
  if (forbidden) return { status: 403, json: executor.print({ errors: [forbidden] }) };
  if (atLeast === null) return null;
  try {
    await reach(parts, atLeast);
    return null;
  } catch (error) {
    return { status: 200, json: executor.print({ errors: [error as GraphQLError], data: null }) };
  }
}

/** A result whose text is known already. */
function printed(json: string, status: number) {
  return { data: null, extensions: { http: { status } }, stringify: () => json };
}
