/** How the explorer (src/web) becomes dist/web: hashed files under /assets, nothing inlined, nothing from elsewhere. */
import { join } from 'node:path';
import { defineConfig } from 'vite';

const within =
  (...places: readonly string[]) =>
  (file: string) =>
    places.some((place) => file.startsWith(join(import.meta.dirname, place)));

/** What the overview takes of the projections. */
const OF_ALL = within('projections/cluster/followers');

export default defineConfig({
  root: join(import.meta.dirname, 'src', 'web'),
  base: '/',
  resolve: { alias: { '@0no-co/graphql.web': join(import.meta.dirname, 'src', 'web', 'api', 'unparsed.ts') } },
  // `h(type, props, ...children)` says the same in fewer bytes than `jsx(type, { …props, children })`: 0.6 kB of all.
  // `development` would add to the props what only React's tools read.
  oxc: {
    jsx: { runtime: 'classic', pragma: '_h', pragmaFrag: '_Fragment', development: false },
    jsxInject: `import { h as _h, Fragment as _Fragment } from 'preact';`,
  },
  build: {
    outDir: join(import.meta.dirname, 'dist', 'web'),
    emptyOutDir: true,
    // Browsers of 2024: the last of what the code needs of them, `Map.groupBy`, came that March.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The page's policy allows no `data:` scripts or styles, and small files are cheap on one connection.
    assetsInlineLimit: 0,
    // One stylesheet and three scripts, of which a page takes the first and at most one more. So there is nothing to
    // preload, and the code that would do so is left out.
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      optimization: { inlineConst: { mode: 'all' } },
      output: {
        // A file for each page weighs a twentieth more: what stands alone is compressed alone.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            // Fetched when someone verifies.
            { name: 'verify', test: within('src/web/ledger/verify') },
            {
              name: 'cluster',
              test: (file) =>
                within('src/web/cluster', 'src/web/timeline', 'src/web/fold', 'projections')(file) && !OF_ALL(file),
            },
            {
              name: 'pages',
              test: within(
                ...['src/web/incidents', 'src/web/compare', 'src/web/ledger'],
                ...['src/web/events/tail', 'src/web/events/event-page'],
                ...['src/web/ui/mark', 'src/web/ui/instant', 'src/web/ui/may', 'src/web/ui/moment-choice'],
              ),
            },
            // The frame, the overview where one arrives, and what every page stands on.
            { name: 'index', test: () => true },
          ],
        },
      },
    },
  },
  // What is injected for pages is not for a worker, and would be kept for its side effects.
  worker: { rolldownOptions: { treeshake: { moduleSideEffects: false } } },
  server: {
    // `npm run dev:web`: pages from here, everything else from a server on its usual port. Host and Origin stay as the
    // browser sends them: the server compares the two.
    proxy: Object.fromEntries(
      ['/graphql', '/v1', '^/events/\\d', '/export.jsonl', '/sign-in', '/sign-out', '/readyz'].map((path) => [
        path,
        { target: 'http://127.0.0.1:4000' },
      ]),
    ),
  },
});
