/** What is here, for whoever opens the server's address without a browser, and where the explorer cannot be shown. */

export const DOORS: readonly (readonly [path: string, what: string])[] = [
  ['/', 'the explorer, in a browser'],
  ['/graphql', 'GraphiQL, and POST /graphql: queries, mutations, subscriptions (server-sent events, WebSocket)'],
  ['/schema.graphql', 'the GraphQL schema'],
  ['/schemas', 'the events and their JSON Schemas; send them to POST /v1/events as CloudEvents'],
  ['/v1/events/stream', 'events as they are recorded, as server-sent events'],
  ['/export.jsonl', 'the whole record, one CloudEvent a line'],
  ['/readyz', 'whether the views are live'],
  ['/metrics', 'counters for Prometheus'],
];

export function doorsAsHtml(): string {
  const items = DOORS.filter(([path]) => path !== '/').map(
    ([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>`,
  );
  return `<ul>\n${items.join('\n')}\n</ul>`;
}

export function doorsAsText(): string {
  const width = Math.max(...DOORS.map(([path]) => path.length));
  const lines = DOORS.map(([path, what]) => `  ${path.padEnd(width)}  ${what}`);
  return `Musterbook: the ledger of who led, who followed, what ran where, and what was known when.\n\n${lines.join('\n')}\n`;
}
