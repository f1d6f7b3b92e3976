/**
 * The explorer. It talks GraphQL to the server it came from and to nobody else.
 *
 * How to add a page:
 *   1. A folder of its own (`cluster/`, `incidents/`) with `page.tsx`, which exports a component that takes `PageProps`
 *      (the address's parameters) and renders what stands inside <main>: an <h1> in a `.title` first.
 *   2. A line in `pages.ts`, and its folder in `vite.config.ts` among those whose code is loaded when one of their pages
 *      is first shown.
 *   3. If its address is new, its path in EXPLORER_PATHS of src/serve/doors/explorer.ts: the server answers it with
 *      this shell. /clusters/…, /incidents/… are there.
 *
 * What there is to build it of:
 *   router.ts        `place`, `go`, `queryValue`, `setQuery`, `hereWith`: all that changes what is seen is in the address
 *   routes.ts        patterns and queries, pure
 *   api/ask.ts       `useAnswer(query, variables)` for a component, `ask(query, variables)` anywhere: queries, mutations
 *   api/live.ts      `useLive`, `follow`: a subscription that resumes by its cursor, with back-off, also over a restart
 *   api/connection.ts  whether we hear from the server, and up to which position; the frame shows the banner
 *   ui/states.tsx    Loading, Empty, Failed, SignedOut, Answered (one of them, or the content)
 *   ui/time.tsx      `At` (a moment, absolute UTC), `Since` (counts on), `now`
 *   ui/chip.tsx      `Chip` (tone and sign), and the words of liveness, roles, severities
 *   ui/code.tsx      `Code`: text that may scroll
 *   ui/table.tsx     `Table`: caption for screen readers, cards on a narrow screen
 *   style/           tokens.css (colours by meaning, both themes; `--name` is a plain value, for canvas too), parts.css
 *   fold/            projections in the browser: `clusterSnapshot` and what happened since
 *   timeline/        the timeline without a browser: scales, tiles, lanes, rows, boxes, keys, clock, the address, moments
 *
 * Rules: parts that decide something are pure `.ts` files with a test in test/web; imports are ours by relative path,
 * projections by value, schemas by `import type`, nothing else of the house. No inline style attribute in strings and no
 * inline script: the page's policy refuses them (`style={{…}}` objects are set by script and work).
 */
import { render } from 'preact';
import { App } from './app.tsx';
import { keepServed } from './events/served.ts';
import { findPage } from './pages.ts';
import { startRouting } from './router.ts';

const root = document.getElementById('app');
if (root !== null) {
  // What the server rendered for readers without scripts is taken over, not asked for again.
  keepServed(root);
  root.replaceChildren();
  startRouting((path) => findPage(path) !== null);
  render(<App />, root);
}
