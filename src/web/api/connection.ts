/** Whether this page hears from its server: what every subscription says of itself, as one signal. */
import { computed, signal } from '@preact/signals';

export interface Lost {
  /** When it was last heard from, ms since 1970. */
  readonly sinceMs: number;
  /** When it is tried again. */
  readonly againAtMs: number;
}

/** Subscriptions by name: null while heard from. */
const lines = signal<ReadonlyMap<symbol, Lost | null>>(new Map());

/** The highest position any payload came with; null before the first. */
export const knownPosition = signal<string | null>(null);

/** What the frame shows: nothing to hear (idle), heard (live), or lost since the earliest loss that still lasts. */
export const connection = computed<'idle' | 'live' | Lost>(() => {
  let found: Lost | null = null;
  for (const lost of lines.value.values()) {
    if (lost === null) continue;
    found =
      found === null
        ? lost
        : { sinceMs: Math.min(found.sinceMs, lost.sinceMs), againAtMs: Math.min(found.againAtMs, lost.againAtMs) };
  }
  return found ?? (lines.value.size === 0 ? 'idle' : 'live');
});

/** Signed out: the server wants a token. Set by whoever is told so. */
export const signedOut = signal(false);

export function say(line: symbol, lost: Lost | null): void {
  if (lines.peek().get(line) === lost && lines.peek().has(line)) return;
  lines.value = new Map(lines.peek()).set(line, lost);
}

export function hangUp(line: symbol): void {
  const rest = new Map(lines.peek());
  if (rest.delete(line)) lines.value = rest;
}

/** Notes a payload's cursor. */
export function heard(cursor: string): void {
  const known = knownPosition.peek();
  if (known === null || Number(cursor) > Number(known)) knownPosition.value = cursor;
}

/** Try again now, whatever the back-off says: rung by the banner's button and when the network comes back. */
export const retry = new EventTarget();
export function retryNow(): void {
  retry.dispatchEvent(new Event('now'));
}
