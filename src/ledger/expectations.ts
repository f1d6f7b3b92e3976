/** What people name to hold a proof against, and to prove a bundle's origin with: texts of files, read and judged once. */
import { MusterbookError } from '../errors.ts';
import type { StreamEnd } from './chain.ts';
import { type KeptCheckpoint, readCheckpoint } from './checkpoint-text.ts';
import type { LedgerReader } from './port.ts';
import { readPublicKey, signCheckpoint } from './signature.ts';
import { readEnds } from './verify.ts';

/** Absent where nothing was named. Throws `CHECKPOINT_UNREADABLE`, `KEY_UNREADABLE`. */
export function readExpectations(texts: { readonly checkpoint: string | null; readonly publicKey: string | null }): {
  readonly checkpoint?: KeptCheckpoint;
  readonly publicKey?: string;
} {
  const { checkpoint, publicKey } = texts;
  return {
    ...(checkpoint !== null && { checkpoint: readCheckpoint(checkpoint) }),
    ...(publicKey !== null && { publicKey: readPublicKey(publicKey) }),
  };
}

/**
 * A checkpoint with the stream ends behind it: a new one, signed with `signingKey`, or one that was kept. Null where
 * neither is named. Throws `CHECKPOINT_FOREIGN` where the kept one is not of this ledger.
 */
export async function readOrigin(
  ledger: LedgerReader,
  named: { readonly signingKey: string | null; readonly checkpoint: string | null; readonly signal?: AbortSignal },
): Promise<{ readonly checkpoint: KeptCheckpoint; readonly ends: readonly StreamEnd[] } | null> {
  const signal = named.signal ? { signal: named.signal } : {};
  if (named.checkpoint !== null) {
    const kept = readCheckpoint(named.checkpoint);
    const found = await readEnds(ledger, { ...signal, upTo: kept.position });
    if (found.checkpoint.ends === kept.ends && found.checkpoint.events === kept.events) {
      return { checkpoint: kept, ends: found.ends };
    }
    const message = `the checkpoint at position ${kept.position} is not of this ledger, or the ledger is not what it was`;
    throw new MusterbookError('CHECKPOINT_FOREIGN', message, { position: kept.position });
  }
  if (named.signingKey === null) return null;
  const { checkpoint, ends } = await readEnds(ledger, signal);
  return { checkpoint: signCheckpoint(checkpoint, named.signingKey), ends };
}
