#!/usr/bin/env node
/**
 * Makes dist/ for the package: type stripping refuses files under node_modules, so what is installed must be JavaScript.
 * Run by `npm pack` (prepack).
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
rmSync(join(root, 'dist'), { recursive: true, force: true });
const compiler = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
const { status } = spawnSync(compiler, ['-p', join(root, 'tsconfig.build.json')], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
await import('./build-web.js');
