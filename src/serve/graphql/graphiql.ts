/** GraphiQL as one page that loads nothing from anywhere: scripts, styles and workers are in it. */

let page: Promise<string> | null = null;

/** Allows what the page brings along and nothing from another origin. */
export const GRAPHIQL_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const FIRST_QUERY = `# Who leads, who follows, what runs where?
{
  clusters(first: 10) {
    nodes {
      id
      leader { id }
      term
      nodes { id role liveness }
      jobs(states: [ORPHANED, UNASSIGNED]) { id state }
    }
  }
}
`;

/** The page; 9 MB, so it is built when first asked for. */
export function graphiqlPage(): Promise<string> {
  page ??= import('@graphql-yoga/render-graphiql').then(({ renderGraphiQL }) =>
    renderGraphiQL({
      title: 'Musterbook GraphiQL',
      endpoint: '/graphql',
      defaultQuery: FIRST_QUERY,
    }),
  );
  return page;
}
