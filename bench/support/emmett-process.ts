/**
 * The peer in a process of its own: on a message { batches, size } it appends so many, and answers when they are durable;
 * on { fold: true } it reads all its streams and folds each, and answers how many events those were.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Store {
  aggregateStream<State>(
    stream: string,
    options: {
      readonly evolve: (state: State, event: { readonly data: object }) => State;
      readonly initialState: () => State;
    },
  ): Promise<unknown>;
  appendToStream(stream: string, events: readonly { readonly type: string; readonly data: object }[]): Promise<unknown>;
}

const [peers = '', fileName = ''] = process.argv.slice(2);
const module = (await import(pathToFileURL(join(peers, 'dist', 'index.js')).href)) as {
  getSQLiteEventStore(options: { readonly fileName: string }): Store;
};
const store = module.getSQLiteEventStore({ fileName });
const STREAMS = 20;
let made = 0;

type Order = { readonly batches: number; readonly size: number } | { readonly fold: true };

process.on('message', (order: Order) => {
  if ('fold' in order) void foldAll().then((events) => process.send?.({ events }));
  else void append(order.batches, order.size).then(() => process.send?.('done'));
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
    await store.appendToStream(`cluster-${batch % STREAMS}`, events);
  }
}

/** One projection over all streams: where each job is. */
async function foldAll(): Promise<number> {
  let events = 0;
  for (let stream = 0; stream < STREAMS; stream += 1) {
    await store.aggregateStream<Record<string, string>>(`cluster-${stream}`, {
      initialState: () => ({}),
      evolve(jobs, { data }) {
        const { jobId, nodeId } = data as { readonly jobId: string; readonly nodeId: string };
        jobs[jobId] = nodeId;
        events += 1;
        return jobs;
      },
    });
  }
  return events;
}
