/** What is here, for whoever opens the server's address. */
import type { Route } from '../http/route.ts';

const DOORS: readonly (readonly [string, string])[] = [
  ['/graphql', 'GraphiQL, and POST /graphql: queries, mutations, subscriptions (server-sent events, WebSocket)'],
  ['/schema.graphql', 'the GraphQL schema'],
  ['/schemas', 'the events and their JSON Schemas; send them to POST /v1/events as CloudEvents'],
  ['/v1/events/stream', 'events as they are recorded, as server-sent events'],
  ['/export.jsonl', 'the whole record, one CloudEvent a line'],
  ['/readyz', 'whether the views are live'],
  ['/metrics', 'counters for Prometheus'],
];

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Musterbook</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>Musterbook</h1>
<p>The ledger of who led, who followed, what ran where, and what was known when.</p>
<ul>
${DOORS.map(([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>`).join('\n')}
</ul>
</body>
</html>
`;

export function homeRoutes(): Route[] {
  return [
    {
      method: 'GET',
      path: '/',
      role: null,
      handle: () => ({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: PAGE }),
    },
  ];
}
