/**
 * Times inside an event's data are RFC 3339 texts that the door has checked. Projections import schemas as types only,
 * so they read them here.
 */
import type { Micros } from '../schemas/time.ts';

const PARTS = /^(.{10})[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?(Z|z|[+-]\d\d:\d\d)$/;

/** An RFC 3339 text that passed its schema, as µs since the epoch, UTC; `:60` is `:59.999999`. Throws on any other text. */
export function instant(text: string): Micros {
  const match = PARTS.exec(text);
  const leap = match?.[3] === '60';
  const ms = match
    ? Date.parse(`${match[1]}T${match[2]}:${leap ? '59' : match[3]}${match[5]?.toUpperCase()}`)
    : Number.NaN;
  if (Number.isNaN(ms)) throw new Error(`expected an RFC 3339 time, found ${JSON.stringify(text)}`);
  const fraction = leap ? 999_999 : Number((match?.[4] ?? '').padEnd(6, '0').slice(0, 6));
  return (ms * 1_000 + fraction) as Micros;
}

/** As `instant`, for a field that may be absent or null. */
export function instantOrNull(text: string | null | undefined): Micros | null {
  return text === undefined || text === null ? null : instant(text);
}
