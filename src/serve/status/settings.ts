/** How the status page is set up: its title, logo, colour, words. */
import { readFileSync } from 'node:fs';
import type { Language } from './words/words.ts';

export interface StatusSettings {
  /** Whose page it is: the heading, and `page.name` of the API. */
  readonly title: string;
  /** An intro line under the title; null: none. */
  readonly text: string | null;
  /** `#rrggbb`: a band at the top. It carries no text, so any colour will do. */
  readonly color: string;
  readonly logo: Logo | null;
  readonly language: Language;
  /** False: only with a token that may read, and not for other origins. */
  readonly isPublic: boolean;
}

export interface Logo {
  readonly type: 'image/svg+xml' | 'image/png';
  readonly bytes: Uint8Array;
}

export const DEFAULT_STATUS: StatusSettings = {
  title: 'Status',
  text: null,
  color: '#2f6f4f',
  logo: null,
  language: 'en',
  isPublic: true,
};

/** As the process was told. */
export interface StatusConfig {
  readonly statusTitle: string;
  readonly statusText: string | null;
  readonly statusColor: string;
  /** The path of an SVG or PNG file. */
  readonly statusLogo: string | null;
  readonly statusLanguage: Language;
  readonly statusPublic: boolean;
}

/** A logo is sent with every first visit. */
const LOGO_BYTES_MAX = 512 * 1024;

/** Reads the settings, and the logo's file. `fault`: what is wrong with that file; it is then left out. */
export function readStatusSettings(config: StatusConfig): {
  readonly settings: StatusSettings;
  readonly fault: { readonly setting: string; readonly value: string; readonly expected: string } | null;
} {
  const { statusTitle: title, statusText: text, statusColor: color, statusLanguage: language } = config;
  const logo = config.statusLogo === null ? null : readLogo(config.statusLogo);
  const expected = typeof logo === 'string' ? logo : null;
  return {
    settings: {
      title,
      text,
      color,
      language,
      logo: typeof logo === 'string' ? null : logo,
      isPublic: config.statusPublic,
    },
    fault: expected === null ? null : { setting: 'MUSTERBOOK_STATUS_LOGO', value: config.statusLogo ?? '', expected },
  };
}

/** The logo, or what was expected in its place. */
function readLogo(path: string): Logo | string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return `a readable file (${(error as Error).message})`;
  }
  if (bytes.length > LOGO_BYTES_MAX) return `a file of at most ${LOGO_BYTES_MAX / 1024} KiB`;
  if (bytes.subarray(0, 8).equals(PNG)) return { type: 'image/png', bytes };
  const isSvg = /^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!DOCTYPE[^>[]*>\s*)*<svg[\s/>]/s.test(bytes.toString('utf8'));
  return isSvg ? { type: 'image/svg+xml', bytes } : 'an SVG or PNG file';
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
