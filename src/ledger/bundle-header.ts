/** The first line of a bundle, read by someone who was given it. */
import { parseTime } from '../../schemas/time.ts';
import { BUNDLE_FORMAT, BUNDLE_VERSION, type BundleHeader, type BundleStream } from './bundle.ts';
import { checkpointFrom } from './checkpoint-text.ts';

/** In words what is wrong where it is none that this version can read. */
export function readBundleHeader(text: string): BundleHeader | string {
  let raw: Partial<BundleHeader> | null;
  try {
    raw = JSON.parse(text) as Partial<BundleHeader> | null;
  } catch {
    return 'this is no bundle, or its first line was changed: it is no JSON';
  }
  if (raw === null || typeof raw !== 'object' || raw.bundle !== BUNDLE_FORMAT) {
    return 'this is no bundle: the first line must be the one that `musterbook export --incident` writes';
  }
  const { version, incident, from, to, upTo, streams } = raw;
  if (version !== BUNDLE_VERSION) {
    return `it is of version ${JSON.stringify(version)}, this program reads ${BUNDLE_VERSION}: run a newer Musterbook`;
  }
  if (typeof incident !== 'string' || incident === '') return 'incident must be an id';
  if (!isTime(from) || !isTime(to)) return 'from and to must be times';
  if (typeof raw.public !== 'boolean') return 'public must be true or false';
  if (!isCount(upTo)) return 'upTo must be a position';
  if (!Array.isArray(streams) || !streams.every(isStream)) return 'streams must have stream, from, to and previous';
  if (raw.checkpoint === undefined) return 'checkpoint is missing: without one it is null';
  try {
    const checkpoint = raw.checkpoint === null ? null : checkpointFrom(raw.checkpoint);
    return { bundle: BUNDLE_FORMAT, version, incident, from, to, public: raw.public, upTo, streams, checkpoint };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isStream(value: unknown): value is BundleStream {
  if (value === null || typeof value !== 'object') return false;
  const { stream, from, to, previous } = value as Partial<BundleStream>;
  return typeof stream === 'string' && isCount(from) && isCount(to) && from <= to && isDigest(previous);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && typeof parseTime(value) === 'number';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
