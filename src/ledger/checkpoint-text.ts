/** A checkpoint as text: what `musterbook checkpoint` prints and people keep. */
import { parseTime } from '../../schemas/time.ts';
import { MusterbookError } from '../errors.ts';
import type { Checkpoint } from './proof.ts';
import { type SignedCheckpoint, signatureShapeFault } from './signature.ts';

export type KeptCheckpoint = Checkpoint & Partial<Pick<SignedCheckpoint, 'signature'>>;

/** Reads what was kept. Throws `CHECKPOINT_UNREADABLE`, which names the member that is wrong. */
export function readCheckpoint(text: string): KeptCheckpoint {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const what = text.trim() === '' ? 'it is empty' : 'it is no JSON, or cut short';
    throw unreadable(what, error);
  }
  return checkpointFrom(value);
}

/** The same of JSON that was read already. */
export function checkpointFrom(value: unknown): KeptCheckpoint {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw unreadable('it is no JSON object');
  const { position, events, streams, recordedAt, ends, signature } = value as Partial<SignedCheckpoint>;
  for (const [name, count] of Object.entries({ position, events, streams })) {
    if (!Number.isSafeInteger(count) || Number(count) < 0) throw unreadable(`${name} must be a whole number from 0`);
  }
  if (recordedAt !== null && (typeof recordedAt !== 'string' || typeof parseTime(recordedAt) !== 'number')) {
    throw unreadable('recordedAt must be a time, such as 2022-12-13T20:14:00.000Z, or null');
  }
  if (typeof ends !== 'string' || !/^[0-9a-f]{64}$/.test(ends)) throw unreadable('ends must be 64 hexadecimal digits');
  const fault = signature === undefined ? null : signatureShapeFault(signature);
  if (fault !== null) throw unreadable(fault);
  const { position: at, events: all, streams: of } = value as Checkpoint;
  return { position: at, events: all, streams: of, recordedAt, ends, ...(signature && { signature }) };
}

function unreadable(what: string, cause?: unknown): MusterbookError {
  return new MusterbookError('CHECKPOINT_UNREADABLE', `the checkpoint cannot be read: ${what}`, {}, cause);
}
