/** What a page of the status page is made from, and how its parts name each other. */
import { formatTime } from '../../../schemas/time.ts';
import type { StatusRecord } from './record.ts';
import type { StatusSettings } from './settings.ts';
import { WORDS, type Words } from './words/words.ts';

export interface Site {
  readonly record: StatusRecord;
  readonly settings: StatusSettings;
  readonly words: Words;
  /** Where the server is reached, without a slash at the end: `https://status.example.org`. */
  readonly base: string;
}

export function siteOf(record: StatusRecord, settings: StatusSettings, base: string): Site {
  return { record, settings, words: WORDS[settings.language], base };
}

/** A page's or file's address within the site, at the moment that is shown. */
export function link({ base, record }: Site, path: string): string {
  return `${prefixOf(base)}${path}${record.asOf === null ? '' : `?as_of=${encodeURIComponent(formatTime(record.asOf))}`}`;
}

/** As `link`, of what is the same at every moment, or of the present. */
export function presentLink({ base }: Site, path: string): string {
  return `${prefixOf(base)}${path}`;
}

/** An address that holds anywhere, of the present. */
export function absoluteLink({ base }: Site, path: string): string {
  return `${base}${path}`;
}

/** The path before every other, where the server is reached below one. */
function prefixOf(base: string): string {
  return new URL(base).pathname.replace(/\/$/, '');
}

export function incidentPath(id: string): string {
  return `/status/incidents/${encodeURIComponent(id)}`;
}

export function maintenancePath(id: string): string {
  return `/status/maintenances/${encodeURIComponent(id)}`;
}

export function componentPath(id: string): string {
  return `/status/components/${encodeURIComponent(id)}`;
}
