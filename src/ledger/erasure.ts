/** Which refused records hold an erased event, and what is left of them: the same on every backend. */
import type { EventKey, NewRejection } from './port.ts';

/** What is looked at of a kept rejection. */
type Record = Pick<NewRejection, 'code' | 'record'>;

/** Finds, among refused records, those of events that were erased together. */
export class ErasedKeys {
  readonly #keys: readonly EventKey[];
  readonly #texts: ReadonlySet<string>;

  constructor(keys: readonly EventKey[]) {
    this.#keys = keys;
    this.#texts = new Set(keys.map(keyText));
  }

  /**
   * Whether the record is of one of them. One that cannot be read, or names a member twice, counts as theirs where it has
   * both their source and their id anywhere.
   */
  holds(rejection: Record): boolean {
    const { record } = rejection;
    // Most records are told apart without being parsed; an escape may spell an id in another way.
    if (this.#keys.length <= FEW && !record.includes('\\') && !this.#keys.some(({ id }) => record.includes(id)))
      return false;
    const key = keyOfRecord(rejection);
    if (key !== null) return this.#texts.has(keyText(key));
    return this.#keys.some((each) => mentions(record, each));
  }
}

/** So few ids are looked for in a text faster than it is parsed. */
const FEW = 8;

/** The source and id that a refused record states; null where it cannot be told for sure. */
export function keyOfRecord({ code, record }: Record): EventKey | null {
  // To throw and catch for each of 100,000 empty records costs seconds.
  if (code === 'JSON_DUPLICATE_KEY' || !record.includes('{')) return null;
  try {
    const { source, id } = Object(JSON.parse(record)) as Partial<EventKey>;
    return typeof source === 'string' && typeof id === 'string' ? { source, id } : null;
  } catch {
    return null;
  }
}

/** The rejection with nothing left of its record: that it was refused, when and why stays, in fewer bytes than before. */
export function withoutText<R extends NewRejection>(rejection: R): R {
  return { ...rejection, ...BLANK };
}

/** A message may repeat what the record said, a path may be spelled in it. */
export const BLANK = { message: 'erased', path: null, record: '' } as const;

function mentions(record: string, { source, id }: EventKey): boolean {
  return [source, id].every((text) => record.includes(text) || record.includes(JSON.stringify(text).slice(1, -1)));
}

function keyText({ source, id }: EventKey): string {
  return JSON.stringify([source, id]);
}
