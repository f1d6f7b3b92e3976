/** What may be said and asked: JSON Schemas of the events, and the GraphQL schema. */
import { isEventName } from '../../../schemas/catalogue.ts';
import { jsonSchemaOf, schemaIndex } from '../../../schemas/json-schema.ts';
import { MusterbookError } from '../../errors.ts';
import { printedSchema } from '../graphql/print.ts';
import type { Route, RouteResponse } from '../http/route.ts';

export function schemaRoutes(): Route[] {
  const sdl = printedSchema();
  return [
    { method: 'GET', path: '/schemas', role: 'read', handle: () => json(schemaIndex()) },
    {
      method: 'GET',
      path: '/schemas/:file',
      role: 'read',
      handle: ({ path }) => {
        const name = /^\/schemas\/([A-Za-z]+)\.json$/.exec(path)?.[1];
        if (name === undefined || !isEventName(name)) {
          throw new MusterbookError('NOT_FOUND', `${path} is no schema; GET /schemas lists them`);
        }
        return json(jsonSchemaOf(name), 'application/schema+json; charset=utf-8');
      },
    },
    {
      method: 'GET',
      path: '/schema.graphql',
      role: 'read',
      handle: () => ({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: sdl }),
    },
  ];
}

function json(value: unknown, type = 'application/json; charset=utf-8'): RouteResponse {
  return { status: 200, headers: { 'content-type': type }, body: JSON.stringify(value, null, 2) };
}
