/** The verifier on a thread of its own, so that the page can be used meanwhile. */
import type { Checkpoint } from './checkpoint.ts';
import { Proof } from './proof.ts';
import { readExport } from './reading.ts';
import type { Stated, Verification } from './verification.ts';

export type Order =
  | { readonly kind: 'begin'; readonly stated: Stated; readonly checkpoint: Checkpoint | null }
  /** Goes on where it stopped, or where the connection broke. */
  | { readonly kind: 'go on' }
  | { readonly kind: 'stop' };

export interface Progress {
  readonly events: number;
  readonly position: number;
  readonly found: number;
}

export type Told =
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** `why`: in words, null where it was told to. */
  | { readonly kind: 'stopped'; readonly progress: Progress; readonly why: string | null }
  | { readonly kind: 'done'; readonly verification: Verification };

const TOLD_EVERY_MS = 250;

let proof: Proof | null = null;
let stop = new AbortController();

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  if (data.kind === 'stop') {
    stop.abort();
    return;
  }
  if (data.kind === 'begin') proof = new Proof(data.stated, data.checkpoint);
  if (proof !== null) void read(proof);
});

async function read(of: Proof): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  const timer = setInterval(() => tell({ kind: 'progress', progress: progressOf(of) }), TOLD_EVERY_MS);
  try {
    const end = await readExport(of, open);
    tell({ kind: 'done', verification: of.result(end) });
  } catch (error) {
    tell({ kind: 'stopped', progress: progressOf(of), why: signal.aborted ? null : wordsOf(error) });
  } finally {
    clearInterval(timer);
  }
}

class Refused extends Error {}

async function open(after: number): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(`/export.jsonl?after=${after}`, { signal: stop.signal, cache: 'no-store' });
  if (!response.ok || response.body === null) throw new Refused(`The server answered ${response.status}.`);
  return response.body;
}

function wordsOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  return error instanceof TypeError ? 'The server cannot be reached.' : String(error);
}

function progressOf({ events, position, found }: Proof): Progress {
  return { events, position, found };
}

function tell(told: Told): void {
  postMessage(told);
}
