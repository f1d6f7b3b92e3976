/** Exports of ledgers for tests of the browser's verifier, and the verifier run over them as a page would. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { NewEvent } from '../../../schemas/event.ts';
import { type Position, START } from '../../../schemas/ids.ts';
import { exportPages } from '../../../src/egress/export.ts';
import type { Ledger, LedgerReader } from '../../../src/ledger/port.ts';
import type { Checkpoint } from '../../../src/ledger/proof.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { makeCheckpoint } from '../../../src/ledger/verify.ts';
import { readCheckpoint } from '../../../src/web/ledger/verify/checkpoint.ts';
import { Proof } from '../../../src/web/ledger/verify/proof.ts';
import { type OpenExport, readExport } from '../../../src/web/ledger/verify/reading.ts';
import type { Stated, Verification } from '../../../src/web/ledger/verify/verification.ts';
import { at, erasure, facts, request, sample } from '../../ledger/sample.ts';
import { temporaryFolder } from '../../support/temporary.ts';

export const ERASED = 8;
const ADA = { authType: 'user', authId: 'ada' };

/** Its subjects and texts take one to four bytes a character. */
function told(index: number): NewEvent {
  const subject = ['web', 'größe', '会計', '🦆'][index % 4] ?? '';
  const time = index % 5 === 0 ? null : at(index - 1);
  return sample(`e${index + 1}`, { subject, time, data: { leaderId: `n${index}-ü-漢-🦆`, term: index } });
}

/** Forty events in four streams, after which Ada erased the one at position 8. */
export async function history(
  context: TestContext,
  path = join(temporaryFolder(context), 'ledger.sqlite'),
): Promise<Ledger> {
  let minutes = 0;
  const ledger = await openSqliteLedger({ path, thread: 'here', clock: () => at(minutes++) });
  context.after(() => ledger.close());
  const events = Array.from({ length: 40 }, (_none, index) => told(index));
  for (const event of events) await ledger.append(facts([event]));
  await ledger.append([request([erasure('gone', told(ERASED - 1))], 'any', ADA)]);
  return ledger;
}

export async function exportOf(ledger: LedgerReader, after: Position = START): Promise<string> {
  let text = '';
  for await (const page of exportPages(ledger, { after, stream: null })) text += page;
  return text;
}

export async function statedOf(ledger: LedgerReader): Promise<Stated> {
  const { position, events, streams, restoredUpTo } = await ledger.head();
  const ends = await ledger.digestAt({ upTo: position, streamsMax: 1_000 });
  return { position, events, streams, ends, restoredUpTo: Number(restoredUpTo ?? 0) };
}

/** In pieces of that many bytes. */
export function pieces(text: string | Uint8Array, bytes: number): ReadableStream<Uint8Array> {
  const whole = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = whole.slice(next, next + bytes);
      next += bytes;
      if (piece.length === 0) controller.close();
      else controller.enqueue(piece);
    },
  });
}

export async function verified(
  open: OpenExport,
  stated: Stated,
  checkpoint: Checkpoint | null = null,
): Promise<Verification> {
  const kept = checkpoint && readCheckpoint(JSON.stringify(checkpoint));
  if (typeof kept === 'string') throw new Error(kept);
  const proof = new Proof(stated, kept);
  return proof.result(await readExport(proof, open));
}

/** Of a whole ledger whose export is this text, whatever the ledger would give. */
export async function verifiedText(
  ledger: Ledger,
  text: string | Uint8Array,
  options: { readonly bytes?: number; readonly isHeldAgainstCheckpoint?: boolean } = {},
): Promise<Verification> {
  const { bytes = 1_000, isHeldAgainstCheckpoint = false } = options;
  const rest = { isFirst: true };
  const open: OpenExport = async () => {
    const piece = pieces(rest.isFirst ? text : '', bytes);
    rest.isFirst = false;
    return piece;
  };
  return verified(open, await statedOf(ledger), isHeldAgainstCheckpoint ? await makeCheckpoint(ledger) : null);
}
