/** The explorer's files as `npm run build:web` makes them: the shell, and hashed files that never change. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { takes } from '../http/encoding.ts';

export interface Asset {
  readonly type: string;
  /** Quoted, as the header has it. */
  readonly etag: string;
  readonly bytes: Uint8Array;
  /** The bytes in the best encoding that the client takes; null: as they are. */
  encoded(headers: IncomingHttpHeaders): Promise<{ readonly encoding: string; readonly bytes: Uint8Array } | null>;
}

export interface Bundle {
  /** The page around everything; `<!--content-->` is where something can stand before the scripts run. */
  readonly shell: string;
  /** By name under /assets/. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** dist/web, seen from src/ in a clone and from dist/src/ in the package. */
export const BUNDLE_FOLDER = join(
  import.meta.dirname,
  ...(import.meta.url.endsWith('.ts') ? ['..', '..', '..', 'dist', 'web'] : ['..', '..', '..', 'web']),
);

/** Reads the bundle: less than 1 MB. Null where it was not built. */
export function readBundle(folder: string): Bundle | null {
  try {
    const shell = readFileSync(join(folder, 'index.html'), 'utf8');
    const names = readdirSync(join(folder, 'assets'));
    return {
      shell,
      assets: new Map(names.map((name) => [name, asset(name, readFileSync(join(folder, 'assets', name)))])),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

function asset(name: string, bytes: Uint8Array): Asset {
  // Made when first asked for, once: 0.1 s of another thread for the largest.
  let brotli: Promise<Uint8Array> | null = null;
  let zipped: Promise<Uint8Array> | null = null;
  return {
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    etag: etagOf(bytes),
    bytes,
    async encoded(headers) {
      if (takes(headers, 'br')) {
        brotli ??= toBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } });
        return { encoding: 'br', bytes: await brotli };
      }
      if (takes(headers, 'gzip')) {
        zipped ??= toGzip(bytes, { level: 9 });
        return { encoding: 'gzip', bytes: await zipped };
      }
      return null;
    },
  };
}

export function etagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
}
