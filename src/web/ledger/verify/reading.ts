/** Reads an export through a proof, as it comes; after a break from where it broke off. */
import type { Proof } from './proof.ts';

/** Opens the export after a position. Rejects where the server cannot be reached, or will not. */
export type OpenExport = (after: number) => Promise<ReadableStream<Uint8Array>>;

/**
 * Resolves once everything is read, with the position of what was the end at first. Rejects when the connection breaks:
 * calling it again goes on behind the last whole line.
 */
export async function readExport(proof: Proof, open: OpenExport): Promise<number> {
  await readOn(proof, open);
  const end = proof.position;
  // What was erased while it was read was so by a retraction behind that end.
  if (proof.isUnexplained) await readOn(proof, open);
  return end;
}

async function readOn(proof: Proof, open: OpenExport): Promise<void> {
  const reader = (await open(proof.position)).getReader();
  // Characters and lines may be spread over pieces.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let begun = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (begun + decoder.decode(value, { stream: !done })).split('\n');
    begun = lines.pop() as string;
    for (const line of lines) proof.take(line);
    if (done) break;
  }
  // An export ends with a line's end: whatever follows it was cut short, or put there.
  if (begun !== '') proof.take(begun);
}
