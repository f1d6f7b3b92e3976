/** Time and identity as values that are passed in, so that tests decide them. */
import { randomUUID, webcrypto } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Micros, microsFromMs } from '../schemas/time.ts';

/** Tells the time in UTC microseconds. It may step back; the ledger copes. */
export type Clock = () => Micros;
/** Draws a new id. */
export type NewId = () => string;

/** Time that passes, for what is paced: it never steps back and has nothing to do with the time of day. */
export interface Timer {
  /** In ms since some moment. */
  nowMs(): number;
  /** Resolves after `ms` (at most `SLEEP_MS_MAX`), or once the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
/** The longest that Node's timers take: beyond it they fire at once. About 25 days. */
export const SLEEP_MS_MAX = 2 ** 31 - 1;

export const systemTimer: Timer = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};

export const systemClock: Clock = () => microsFromMs(Date.now());

/** A UUIDv7 (RFC 9562): time-ordered, so that an index on it grows at its end. */
export const uuidV7: NewId = () => {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  const ms = Date.now();
  view.setUint32(0, Math.floor(ms / 0x10000));
  view.setUint16(4, ms % 0x10000);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

export const uuidV4: NewId = () => randomUUID();
