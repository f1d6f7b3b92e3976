/** What the newest event of `$$name` says about the stream `name`: which of its events its readers see. After the server's `StreamMetadata`. */

export interface Rules {
  readonly maxCount: number | undefined;
  readonly truncateBefore: number | undefined;
  readonly maxAgeSeconds: number | undefined;
}

/** `$tb` of a softly deleted stream, and the revision of a tombstone. */
export const DELETED = 2n ** 63n - 1n;
/** JSON.parse rounds it to this. */
const DELETED_ROUNDED = 2 ** 63;
/** A metadata stream has none of its own; it shows its newest event. */
const RULES_OF_METASTREAMS: Rules = { maxCount: 1, truncateBefore: undefined, maxAgeSeconds: undefined };

export const metastreamOf = (stream: string): string => `$$${stream}`;
export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const originalOf = (metastream: string): string => metastream.slice(2);

/** @param data of the newest event of the stream's metadata stream, if there is one. */
export function rulesOf(stream: string, data: Uint8Array | undefined): Rules {
  if (isMetastream(stream)) return RULES_OF_METASTREAMS;
  const metadata = parsed(data);
  const number = (key: string): number | undefined => {
    const value = metadata[key];
    return typeof value === 'number' ? value : undefined;
  };
  return { maxCount: number('$maxCount'), truncateBefore: number('$tb'), maxAgeSeconds: number('$maxAge') };
}

export const isSoftDeleted = ({ truncateBefore }: Rules): boolean => (truncateBefore ?? 0) >= DELETED_ROUNDED;

/** The same metadata, but that the stream begins at a revision. As text: `DELETED` is no number of JavaScript's. */
export function truncatedBefore(data: Uint8Array | undefined, revision: bigint): string {
  const { $tb: _, ...kept } = parsed(data);
  return JSON.stringify({ ...kept, $tb: 0 }).replace(/"\$tb":0\}$/, `"$tb":${revision}}`);
}

function parsed(data: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  if (data === undefined) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
