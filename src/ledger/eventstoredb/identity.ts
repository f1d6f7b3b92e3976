/** Which ledger the store holds. The first replica names it, once and for all; a mirror of another one is not mixed with it. */
import type { NewId } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import type { Mirror } from '../mirror.ts';
import { LEDGER_STREAM, namingEvent, readNaming } from './own-streams.ts';
import { NO_STREAM, type Store, StoreError } from './store.ts';

export interface IdentityParts {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly prefix: string;
  readonly newId: NewId;
  readonly shown: string;
}

/**
 * Throws `LEDGER_FOREIGN` where the mirror is of another ledger than the store's, also where the store has none: then it is
 * not the one that the mirror was made from. Throws what the store throws.
 */
export async function identify(parts: IdentityParts): Promise<void> {
  const { store, mirror, prefix, newId, shown } = parts;
  const stream = `${prefix}${LEDGER_STREAM}`;
  const named = await readName(store, stream, shown);
  if (named !== null) return adopt(mirror, named, parts);
  if (mirror.recordId !== null) throw foreign(mirror.recordId, null, parts);
  const recordId = newId();
  try {
    await store.append({ stream, expected: NO_STREAM, events: [namingEvent(recordId, newId())] });
  } catch (failure) {
    // Another replica was faster, or an answer got lost: what is there now counts. Where nothing is, it failed.
    const isTaken = failure instanceof StoreError && failure.fault === 'wrong-revision';
    const name = isTaken || isUnknown(failure) ? await readName(store, stream, shown) : null;
    if (name === null) throw failure;
    return adopt(mirror, name, parts);
  }
  await adopt(mirror, recordId, parts);
}

function isUnknown(failure: unknown): boolean {
  return failure instanceof StoreError && failure.fault === 'unknown';
}

async function adopt(mirror: Mirror, recordId: string, parts: IdentityParts): Promise<void> {
  if (mirror.recordId === recordId) return;
  if (mirror.recordId !== null) throw foreign(mirror.recordId, recordId, parts);
  await mirror.adopt(recordId);
}

async function readName(store: Store, stream: string, shown: string): Promise<string | null> {
  const first = await store.readFirst(stream);
  if (!first) return null;
  const name = readNaming(first);
  if (name !== null) return name;
  const message = `${stream} in ${shown} does not begin with the name of a ledger: another prefix is needed`;
  throw new MusterbookError('LEDGER_FOREIGN', message, { stream });
}

function foreign(mine: string, theirs: string | null, { prefix, shown }: IdentityParts): MusterbookError {
  const holds = theirs === null ? 'no ledger' : `the ledger ${theirs}`;
  const message = `${shown} holds under ${prefix} ${holds}, the local copy is of ${mine}`;
  return new MusterbookError('LEDGER_FOREIGN', message, { recordId: mine, other: theirs, prefix });
}
