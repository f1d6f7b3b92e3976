/** `/status` and `summary.json` of a page with 20 components and 90 days, against express that sends a constant of the same size. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { median, medianRatio, print, takeTurns } from './support/figure.ts';
import { hammer } from './support/http-load.ts';

const ROUNDS = 3;
const ROUND_MS = 2_000;
const CONNECTIONS = 16;
const FILES = [
  { name: 'page', path: '/status' },
  { name: 'summary', path: '/api/v2/summary.json' },
] as const;

const children: ChildProcess[] = [];

async function start(...args: readonly string[]): Promise<number> {
  const child = fork(join(import.meta.dirname, 'support', 'statuspage-process.ts'), args, { stdio: 'inherit' });
  children.push(child);
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  return port;
}

function asked(port: number, path: string, more = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`;
}

try {
  const [ours, changing] = [await start('ours'), await start('changing')];
  const first = await Promise.all(FILES.map(({ path }) => fetch(`http://127.0.0.1:${ours}${path}`)));
  const sizes = await Promise.all(first.map(async (response) => (await response.arrayBuffer()).byteLength));
  const peer = await start('express', ...sizes.map(String));
  const load = { connections: CONNECTIONS, ms: ROUND_MS };
  const run = (port: number, request: string) => () => hammer(port, request, load);
  for (const [index, { name, path }] of FILES.entries()) {
    const rates = await takeTurns(
      [
        { name: 'express', run: run(peer, asked(peer, `/${index}`)) },
        { name: 'still', run: run(ours, asked(ours, path)) },
        { name: 'changing', run: run(changing, asked(changing, path)) },
      ],
      ROUNDS,
    );
    const constant = rates.get('express') ?? [];
    const notes = { still: 'nothing changes', changing: 'something shown changes ten times a second' } as const;
    for (const [kind, note] of Object.entries(notes)) {
      const own = rates.get(kind) ?? [];
      const [value, ratio] = [median(own), medianRatio(own, constant)];
      const figure = { name: `statuspage.${name}.${kind}`, value, unit: 'requests/s', peer: median(constant), ratio };
      print({ ...figure, target: 0.8, note: `${note}; ${sizes[index]} bytes` });
    }
  }
} finally {
  for (const child of children) child.kill('SIGKILL');
}
