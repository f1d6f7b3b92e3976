/** Canonical JSON (RFC 8785): one text for all JSON texts that mean the same, to compare and digest by. */

/**
 * The canonical text of a JSON value: keys sorted by UTF-16 code units, numbers and strings as ECMAScript prints them.
 * The value must come from JSON (no undefined, functions or cycles). Lone surrogates are not checked here: `wellFormed`.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`);
  return `{${members.join(',')}}`;
}

/** Whether no text in a JSON value, keys included, has a lone surrogate (which no UTF-8 file can hold). */
export function wellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(wellFormed);
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && wellFormed(member));
}
