/** Branded identifiers and counters. A value of one of these types has been checked once, at the door. */

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A place in the order of the whole ledger: strictly rising, gaps allowed, the first event is at 1; 0 is "before everything". */
export type Position = Branded<number, 'Position'>;
/** A place within one stream: gapless from 0. */
export type Revision = Branded<number, 'Revision'>;
/** `<category>-<subject>`, for example `cluster-payments`. */
export type StreamName = Branded<string, 'StreamName'>;

export const CATEGORIES = ['cluster', 'collector', 'incident', 'component', 'maintenance'] as const;
export type StreamCategory = (typeof CATEGORIES)[number];

export const START = 0 as Position;

export function streamName(category: StreamCategory, subject: string): StreamName {
  return `${category}-${subject}` as StreamName;
}

/** Splits a stream name at its first hyphen; null when it names no category of ours. */
export function splitStream(name: string): { category: StreamCategory; subject: string } | null {
  const at = name.indexOf('-');
  const category = name.slice(0, at) as StreamCategory;
  if (at < 1 || !CATEGORIES.includes(category) || at === name.length - 1) return null;
  return { category, subject: name.slice(at + 1) };
}

/** The most characters an id may have. */
const ID_LENGTH_MAX = 200;

// Nearly all ids: printable ASCII, no space at the ends.
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;
// Control characters, and white space at either end, make two ids look alike to a reader.
const NOT_IN_IDS = /\p{Cc}|^\s|\s$/u;

/** Whether a text may be an id: 1–200 characters, no control characters, no lone surrogates, no white space at the ends. */
export function isId(text: string): boolean {
  if (text.length === 0 || text.length > ID_LENGTH_MAX) return false;
  return PLAIN.test(text) || (!NOT_IN_IDS.test(text) && text.isWellFormed());
}
