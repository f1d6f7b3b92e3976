/** The peer in a process of its own: on a message { batches, size } it appends so many, and answers when they are durable. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Store {
  appendToStream(stream: string, events: readonly { readonly type: string; readonly data: object }[]): Promise<unknown>;
}

const [peers = '', fileName = ''] = process.argv.slice(2);
const module = (await import(pathToFileURL(join(peers, 'dist', 'index.js')).href)) as {
  getSQLiteEventStore(options: { readonly fileName: string }): Store;
};
const store = module.getSQLiteEventStore({ fileName });
let made = 0;

process.on('message', ({ batches, size }: { readonly batches: number; readonly size: number }) => {
  void append(batches, size).then(() => process.send?.('done'));
});
process.send?.('ready');

async function append(batches: number, size: number): Promise<void> {
  for (let batch = 0; batch < batches; batch += 1) {
    const events = Array.from({ length: size }, () => {
      made += 1;
      const data = {
        jobId: `job-${made % 1000}`,
        nodeId: `node-${made % 40}`,
        leaderId: 'node-1',
        term: 7,
        attempt: 1,
      };
      return { type: 'JobAssigned', data };
    });
    await store.appendToStream(`cluster-${batch % 20}`, events);
  }
}
