/** `?as_of=`: this page as it stood at a time, as known then. */
import { type Micros, parseTime, type TimeFault } from '../../../schemas/time.ts';

export type AskedMoment =
  | { readonly kind: 'present' }
  | { readonly kind: 'past'; readonly at: Micros }
  | { readonly kind: 'unreadable'; readonly text: string; readonly fault: TimeFault };

/** `as_of` is RFC 3339 with its zone; `as_of_utc` is how a form of HTML writes a time, which has none: UTC is meant. */
export function readMoment(query: URLSearchParams): AskedMoment {
  const text = query.get('as_of');
  if (text !== null) return momentOf(text, text);
  const local = query.get('as_of_utc');
  if (local === null) return { kind: 'present' };
  const seconds = /T\d\d:\d\d$/.test(local) ? ':00' : '';
  return momentOf(local, `${local}${seconds}Z`);
}

function momentOf(text: string, time: string): AskedMoment {
  // In a query a bare plus sign is a space: that of an offset was meant.
  const at = parseTime(time.replace(/ (?=\d\d:\d\d$)/, '+'));
  return typeof at === 'number' ? { kind: 'past', at } : { kind: 'unreadable', text, fault: at };
}
