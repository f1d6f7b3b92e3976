#!/usr/bin/env node
/**
 * Plain JavaScript that any Node since 14 can start: in a clone it runs src/ by type stripping, in the packed package
 * dist/. Where the running Node is too old but the development dependency `node` is installed, that one takes over.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NEEDED = [24, 15];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  if (process.env.MUSTERBOOK_PARENT === String(process.ppid)) {
    process.on('disconnect', () => process.exit(1));
    // Listening for it must not keep a process alive that has done its work.
    process.channel?.unref();
  }
  // Compiled code is kept in the system's temporary folder: a command then starts in half the time.
  module.enableCompileCache?.();
  const inClone = existsSync(join(root, 'src', 'main.ts'));
  const { run } = await import(inClone ? '../src/main.ts' : '../dist/src/main.js');
  await run(process.argv.slice(2));
} else {
  const newer = join(root, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(newer)) takeOver(newer);
  else {
    process.stderr.write(
      `musterbook needs Node ${NEEDED.join('.')} or newer; this is Node ${process.versions.node}. Install a newer Node (https://nodejs.org) and try again.\n`,
    );
    process.exitCode = 1;
  }
}

/** Runs this file again with the newer Node: in this process where Node can (22.15), else in a child that lives and ends with it. */
function takeOver(node) {
  if (process.execve) process.execve(node, [node, ...process.argv.slice(1)]);
  // The fourth channel tells the child when this process is killed: it must not go on holding the ledger.
  const child = spawn(node, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, MUSTERBOOK_PARENT: String(process.pid) },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`musterbook cannot start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === 'SIGKILL' ? 9 : 15);
    process.disconnect?.();
  });
}
