/** How the explorer (src/web) becomes dist/web: hashed files under /assets, nothing inlined, nothing from elsewhere. */
import { join } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: join(import.meta.dirname, 'src', 'web'),
  base: '/',
  resolve: { alias: { '@0no-co/graphql.web': join(import.meta.dirname, 'src', 'web', 'api', 'unparsed.ts') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, 'dist', 'web'),
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy allows no `data:` scripts or styles, and small files are cheap on one connection.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // One file for the pages of incidents and comparisons: five that share words and forms weigh a sixth more.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            {
              name: 'incidents',
              test: /src\/web\/(incidents|compare)\/|src\/web\/ui\/(mark|instant|may|moment-choice)\.tsx?$/,
            },
          ],
        },
      },
    },
  },
  server: {
    // `npm run dev:web`: pages from here, everything else from a server on its usual port. Host and Origin stay as the
    // browser sends them: the server compares the two.
    proxy: Object.fromEntries(
      ['/graphql', '/v1', '/events/', '/export.jsonl', '/sign-in', '/sign-out', '/readyz'].map((path) => [
        path,
        { target: 'http://127.0.0.1:4000' },
      ]),
    ),
  },
});
