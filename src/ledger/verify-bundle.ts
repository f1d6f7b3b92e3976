/** Proof of a bundle, offline: every event's hash, the linkage of each stream, and with a checkpoint whose ledger it is of. */
import { linesWithEnds } from './bundle.ts';
import { type BundleFinding, BundleLines, type Strand } from './bundle-proof.ts';
import { digestEnds, toHex } from './chain.ts';
import type { KeptCheckpoint } from './checkpoint-text.ts';
import { judgeSignature, readPublicKey, type SignatureVerdict } from './signature.ts';

export interface BundleExpectations {
  /** The checkpoint that the bundle must hold; absent: any, or none. */
  readonly checkpoint?: KeptCheckpoint;
  /** Whose signature that must bear, as `readPublicKey` gives it; absent: anyone's, or none. */
  readonly publicKey?: string;
}

export interface BundleVerification {
  /** True when nothing was found. */
  readonly ok: boolean;
  /** Null where the file is no bundle. */
  readonly incident: string | null;
  /** The window of clusters' events, RFC 3339. */
  readonly from: string | null;
  readonly to: string | null;
  /** Events, those without their data included. */
  readonly events: number;
  /** Of them, erased in their ledger. */
  readonly erased: number;
  /** Of them, left out of this copy: their place and envelope are proved. */
  readonly withheld: number;
  readonly streams: readonly {
    readonly stream: string;
    readonly from: number;
    readonly to: number;
    /** The last revision that the checkpoint proves to be of its ledger; null: none. */
    readonly provedTo: number | null;
  }[];
  /** Whether a checkpoint proved that all of it is of one ledger. */
  readonly originProved: boolean;
  /** Of the checkpoint; null where the bundle holds none. */
  readonly signature: SignatureVerdict | null;
  /** The first 100, in order of line. */
  readonly findings: readonly BundleFinding[];
  readonly findingsOmitted: number;
}

const FINDINGS_MAX = 100;

/** Reads a bundle once, a line at a time. Throws only what reading throws, and never for what it finds. */
export async function verifyBundle(
  bytes: AsyncIterable<Uint8Array>,
  expectations: BundleExpectations = {},
): Promise<BundleVerification> {
  const lines = new BundleLines();
  let isReadable = true;
  try {
    for await (const line of linesWithEnds(bytes, () => new LineTooLong())) {
      isReadable = lines.take(line);
      if (!isReadable) break;
    }
  } catch (error) {
    if (!(error instanceof LineTooLong)) throw error;
    lines.find('unreadable', {}, 'a line is longer than any that an export writes');
    isReadable = false;
  }
  if (isReadable) lines.finish();
  const signature = isReadable ? compareCheckpoint(lines, expectations) : null;
  const isWhole = lines.findings.length === 0;
  const streams = [...lines.strands.values()].map((strand) => streamOf(strand, lines, isWhole));
  return {
    ok: isWhole,
    incident: lines.header?.incident ?? null,
    from: lines.header?.from ?? null,
    to: lines.header?.to ?? null,
    events: lines.events,
    erased: lines.erased,
    withheld: lines.withheld,
    streams,
    originProved: isWhole && streams.every(({ to, provedTo }) => provedTo === to),
    signature,
    findings: lines.findings.slice(0, FINDINGS_MAX),
    findingsOmitted: Math.max(0, lines.findings.length - FINDINGS_MAX),
  };
}

/** The first thing that is wrong with a bundle; null where nothing is. Throws `KEY_UNREADABLE`. */
export async function firstFault(
  bytes: AsyncIterable<Uint8Array>,
  publicKey: string | undefined,
): Promise<BundleFinding | null> {
  const expectations = publicKey === undefined ? {} : { publicKey: readPublicKey(publicKey) };
  return (await verifyBundle(bytes, expectations)).findings[0] ?? null;
}

/** Compares the streams with the checkpoint in the bundle, and that with what was expected. */
function compareCheckpoint(
  lines: BundleLines,
  { checkpoint: due, publicKey }: BundleExpectations,
): SignatureVerdict | null {
  const held = lines.header?.checkpoint ?? null;
  const found = (message: string): void => lines.find('checkpoint', {}, message);
  if (held === null) {
    if (due) found('the bundle holds no checkpoint, so nothing shows that it is of the ledger of the one given');
    if (publicKey !== undefined) lines.find('signature', {}, 'the bundle holds no checkpoint, so nobody signed for it');
    if (lines.ends.length > 0) found('the bundle holds ends of streams, but no checkpoint that digests them');
    return null;
  }
  const signature = judgeSignature(held, publicKey ?? null);
  if (signature.fault !== null) lines.find('signature', { line: 1 }, signature.fault);
  if (due && (due.ends !== held.ends || due.position !== held.position || due.events !== held.events)) {
    found(
      `the bundle was made with the checkpoint at position ${held.position}, not with the one given, of position ${due.position}: it is of another ledger or another moment`,
    );
  }
  if (lines.ends.length !== held.streams || toHex(digestEnds(lines.ends)) !== held.ends) {
    found(
      'the ends of the streams are not those of the checkpoint: the bundle is of another ledger, or was put together',
    );
  }
  for (const end of lines.ends) {
    const strand = lines.strands.get(end.stream);
    const hash = strand?.hashes.get(end.revision);
    if (!strand || end.revision < strand.announced.from - 1) continue;
    const at = { stream: end.stream, revision: end.revision };
    if (hash === undefined)
      lines.find('checkpoint', at, 'the checkpoint ends this stream here, but the bundle stops before');
    else if (hash !== toHex(end.hash)) {
      lines.find(
        'checkpoint',
        at,
        'its hash is not the one that the checkpoint ends this stream with: it is of another ledger',
      );
    }
  }
  return signature;
}

function streamOf({ announced }: Strand, lines: BundleLines, isWhole: boolean): BundleVerification['streams'][number] {
  const { stream, from, to } = announced;
  const end = isWhole && lines.header?.checkpoint ? lines.ends.find((one) => one.stream === stream) : undefined;
  const provedTo = end && end.revision >= from ? Math.min(end.revision, to) : null;
  return { stream, from, to, provedTo };
}

class LineTooLong extends Error {}
