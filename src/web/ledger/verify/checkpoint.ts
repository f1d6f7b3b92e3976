/** A checkpoint as `musterbook checkpoint` prints it (docs/proof.md). */

export interface Checkpoint {
  readonly position: number;
  readonly events: number;
  readonly streams: number;
  /** Digest of the ends of all streams at the position, hexadecimal. */
  readonly ends: string;
  /** Whose signature it says that it bears, which is not checked here; null where it bears none. */
  readonly keyId: string | null;
}

/** Reads what was kept; in words what is wrong with it. */
export function readCheckpoint(text: string): Checkpoint | string {
  let value: Record<string, unknown> | null;
  try {
    value = JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    return 'it is no JSON, or cut short';
  }
  const { position, events, streams, ends, signature } = value ?? {};
  for (const [name, count] of Object.entries({ position, events, streams })) {
    if (!Number.isSafeInteger(count) || Number(count) < 0) return `${name} must be a whole number from 0`;
  }
  if (!/^[0-9a-f]{64}$/.test(String(ends))) return 'ends must be 64 hexadecimal digits';
  const keyId = signature === undefined ? null : String((signature as { keyId?: unknown } | null)?.keyId);
  return { position, events, streams, ends, keyId } as Checkpoint;
}
