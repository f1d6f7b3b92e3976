/** The process's own terminal. */
import { once } from 'node:events';
import { OutputClosed, type Terminal } from './runtime.ts';

export function processTerminal({ wantsColor }: { readonly wantsColor: boolean }): Terminal {
  const { stdout, stderr, stdin } = process;
  let isClosed = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  });
  // Nothing can be said any more to who closed stderr.
  stderr.on('error', () => {});
  return {
    async write(text) {
      if (isClosed) throw new OutputClosed('nobody reads the output any more');
      if (text.length === 0 || stdout.write(text)) return;
      const closed = Promise.withResolvers<void>();
      const end = (): void => closed.resolve();
      stdout.once('close', end);
      stdout.once('error', end);
      await Promise.race([once(stdout, 'drain').catch(() => {}), closed.promise]);
      stdout.off('close', end);
      stdout.off('error', end);
      if (isClosed) throw new OutputClosed('nobody reads the output any more');
    },
    note: (text) => void stderr.write(text),
    input: stdin,
    isInteractive: stdout.isTTY === true,
    showsProgress: stderr.isTTY === true,
    columns: stdout.columns ?? 120,
    ...(stdout.rows === undefined ? {} : { rows: stdout.rows }),
    color: stdout.isTTY === true && wantsColor,
  };
}
