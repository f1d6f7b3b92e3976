/**
 * Moments in addresses and fields, and as the schema's input `Moment`. Pure. As a text: `4711` (a position),
 * `2022-12-13T20:10:00Z` (true then), `known:2022-12-13T20:10:00Z`, and with both `<true then>,known:<known then>`.
 */
import { typedTime } from './instant.ts';

export interface Mark {
  readonly position?: string;
  /** RFC 3339. */
  readonly happenedAt?: string;
  readonly knownAt?: string;
}

/** Null where it cannot be read. The empty text and `now` are the present. */
export function markOf(text: string): Mark | null {
  const words = text.trim().replace(/^(position|happened):\s*/i, '');
  if (words === '' || words.toLowerCase() === 'now') return {};
  if (/^\d{1,16}$/.test(words)) return { position: words };
  const [, happened = '', , known] = /^([^,]*?)(,?\s*known:(.*))?$/i.exec(words) ?? [];
  const happenedAt = happened.trim() === '' ? undefined : typedTime(happened);
  const knownAt = known === undefined ? undefined : typedTime(known);
  if (happenedAt === null || knownAt === null) return null;
  return { ...(happenedAt !== undefined && { happenedAt }), ...(knownAt !== undefined && { knownAt }) };
}

export function markText({ position, happenedAt, knownAt }: Mark): string {
  if (position !== undefined) return position;
  return [happenedAt, knownAt && `known:${knownAt}`].filter(Boolean).join(',');
}

/** The input `Moment`; null for the present. */
export function momentInput({ position, happenedAt, knownAt }: Mark): Readonly<Record<string, unknown>> | null {
  if (position !== undefined) return { position };
  if (happenedAt !== undefined && knownAt !== undefined) return { bitemporal: { happenedAt, knownAt } };
  if (happenedAt !== undefined) return { happenedAt };
  return knownAt === undefined ? null : { knownAt };
}

/** A mark as words: `true at 2022-12-13 20:10:00Z, known at …`. */
export function markWords({ position, happenedAt, knownAt }: Mark, absolute: (time: string) => string): string {
  if (position !== undefined) return `position ${position}`;
  const parts = [happenedAt && `true at ${absolute(happenedAt)}`, knownAt && `known at ${absolute(knownAt)}`];
  return parts.filter(Boolean).join(', ') || 'now';
}
