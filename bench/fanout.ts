/**
 * 1,000 subscribers over server-sent events of the same cluster at 20 changes a second for 30 s, one more that never
 * reads, against bare Yoga under the same load. Each subscriber checks that it sees every cursor, in order.
 */
import { print } from './support/figure.ts';
import { open, requestText } from './support/http-load.ts';
import { CLUSTER_SUBSCRIPTION, type Serving, startServing } from './support/serving.ts';

const SUBSCRIBERS = 1_000;
const CHANGES_PER_SECOND = 20;
const SECONDS = 30;
const CHANGES = CHANGES_PER_SECOND * SECONDS;

interface Run {
  /** Frames that arrived within the time. */
  readonly deliveries: number;
  /** Whether all subscribers had every cursor, each once and in order, when it ended. */
  readonly complete: boolean;
  /** Milliseconds from the change to its arrival. */
  readonly p50: number;
  readonly p99: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** Bytes of a frame, on average. */
  readonly frameBytes: number;
}

async function run(serving: Serving): Promise<Run> {
  const server = await startServing(serving);
  try {
    const request = requestText(server.port, JSON.stringify({ query: CLUSTER_SUBSCRIPTION }), 'text/event-stream');
    const tally = new Tally();
    const readers: Reader[] = [];
    for (let count = 0; count < SUBSCRIBERS; count += 1) readers.push(await join(server.port, request, tally));
    const stalled = await open(server.port);
    stalled.pause();
    stalled.write(request);
    await pause(1_500);
    tally.deliveries = 0;
    tally.bytes = 0;
    const before = server.usage();
    server.change(CHANGES_PER_SECOND, CHANGES);
    await pause(SECONDS * 1_000);
    const { deliveries, bytes } = tally;
    const after = server.usage();
    // The last change was made just before: who keeps up has it a moment later.
    await pause(1_000);
    const complete = readers.every((reader) => reader.isWhole(CHANGES));
    const delays = tally.delays.subarray(0, Math.min(tally.count, tally.delays.length)).sort();
    const at = (share: number) => delays[Math.floor(delays.length * share)] ?? Number.NaN;
    for (const reader of readers) reader.close();
    stalled.destroy();
    return {
      deliveries,
      frameBytes: bytes / deliveries,
      complete,
      p50: at(0.5),
      p99: at(0.99),
      residentBytes: after?.residentBytes ?? Number.NaN,
      cpuSeconds: (after?.cpuSeconds ?? Number.NaN) - (before?.cpuSeconds ?? Number.NaN),
    };
  } finally {
    await server.stop();
  }
}

class Tally {
  deliveries = 0;
  bytes = 0;
  count = 0;
  readonly delays = new Float64Array(SUBSCRIBERS * CHANGES);

  add(delayMs: number): void {
    this.deliveries += 1;
    this.delays[this.count % this.delays.length] = delayMs;
    this.count += 1;
  }
}

interface Reader {
  /** Whether it has seen this many consecutive cursors, none missing, none twice. */
  isWhole(changes: number): boolean;
  close(): void;
}

const FRAME = /"cursor":"(\d+)".*?"stamp":\{"name":"([^"]*)"/g;

async function join(port: number, request: string, tally: Tally): Promise<Reader> {
  const socket = await open(port);
  let rest = '';
  let previous: number | null = null;
  let seen = 0;
  let isOrdered = true;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    tally.bytes += chunk.length;
    const text = rest + chunk;
    const end = text.lastIndexOf('\n\n');
    if (end < 0) {
      rest = text;
      return;
    }
    rest = text.slice(end);
    for (const match of text.slice(0, end).matchAll(FRAME)) {
      const cursor = Number(match[1]);
      const stamp = Number(match[2]);
      if (previous !== null && cursor !== previous + 1) isOrdered = false;
      previous = cursor;
      // The first payload is the state now; its node has no stamp yet.
      if (Number.isNaN(stamp)) continue;
      seen += 1;
      tally.add(performance.timeOrigin + performance.now() - stamp);
    }
  });
  socket.write(request);
  return { isWhole: (changes) => isOrdered && seen === changes, close: () => socket.destroy() };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const [peer, ours] = [await run('yoga'), await run('ours-whole')];
const note = `${SUBSCRIBERS} subscribers and one that never reads, ${CHANGES_PER_SECOND} changes/s, ${SECONDS} s, ${Math.round(ours.frameBytes)} bytes a frame; every cursor in order: ${ours.complete ? 'yes' : 'NO'} (Yoga: ${peer.complete ? 'yes' : 'no'})`;
print({
  name: 'fanout.deliveries',
  value: ours.deliveries / SECONDS,
  unit: 'deliveries/s',
  peer: peer.deliveries / SECONDS,
  ratio: ours.deliveries / peer.deliveries,
  target: 5,
  note,
});
print({ name: 'fanout.delay_p50', value: ours.p50, unit: 'ms', peer: peer.p50 });
print({ name: 'fanout.delay_p99', value: ours.p99, unit: 'ms', peer: peer.p99 });
print({ name: 'fanout.memory', value: ours.residentBytes, unit: 'bytes', peer: peer.residentBytes });
print({ name: 'fanout.cpu', value: ours.cpuSeconds / SECONDS, unit: 'cores', peer: peer.cpuSeconds / SECONDS });
if (!ours.complete) process.exitCode = 1;
