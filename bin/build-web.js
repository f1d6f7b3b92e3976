#!/usr/bin/env node
/**
 * Makes dist/web, the explorer's files. Run by `npm ci` in a clone (prepare) and by bin/build.js for the package. Where
 * the development dependencies were left out (`npm ci --omit=dev`) there is nothing to build with: the server then says
 * so where the explorer would be.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (existsSync(join(root, 'node_modules', 'vite', 'package.json'))) {
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
} else {
  process.stderr.write('vite is not installed: the explorer is not built\n');
}
