/** Times as people type them. Pure. */

const TYPED = /^(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?)?\s*(Z|UTC|[+-]\d{2}:\d{2})?$/i;

/**
 * RFC 3339 of `2022-12-13 20:10`, `2022-12-13T20:10:03.5Z`, `2022-12-13 21:10 +01:00`; without a zone it is UTC, without a time
 * midnight. Null where it is no time.
 */
export function typedTime(text: string): string | null {
  const found = TYPED.exec(text.trim());
  if (found === null) return null;
  const [, date, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = found;
  const time = `${date}T${hour.padStart(2, '0')}:${minute}:${second}${fraction}`;
  const offset = /^[zu]/i.test(zone) ? 'Z' : zone;
  const ms = Date.parse(`${time.slice(0, 19)}${offset}`);
  if (Number.isNaN(ms)) return null;
  // A day that the month does not have is read by some as one of the next month.
  if (new Date(Date.parse(`${time.slice(0, 19)}Z`)).toISOString().slice(0, 10) !== date) return null;
  return `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`;
}
