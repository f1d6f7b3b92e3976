/**
 * What `JSON.parse` does not tell: how deep a text nests and whether an object names a member twice. One pass over the
 * text and one over the value, so that the door stays fast; where and which is looked for only when something is wrong.
 */

/** Objects and lists may nest so deep. Every walk over accepted data may recurse. */
export const DEPTH_MAX = 32;

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export interface TextShape {
  readonly depth: number;
  /** Members of all objects, those named twice counted twice. */
  readonly members: number;
}

/** Reads off a JSON text how it nests. The text may be broken: then the answer means nothing. */
export function shapeOf(text: string): TextShape {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case COLON:
        members += 1;
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        depth -= 1;
        break;
    }
  }
  return { depth: deepest, members };
}

/** The place of the quote that ends the string which begins at `start`; the text's length where none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

/** The members of all objects in a parsed value, or -1 where a number is not finite (`1e999` reads as Infinity). */
export function countMembers(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : -1;
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      const inside = countMembers(element);
      if (inside < 0) return -1;
      members += inside;
    }
    return members;
  }
  // Faster than Object.values, and the same for what JSON.parse makes.
  for (const name in value) {
    const inside = countMembers((value as Record<string, unknown>)[name]);
    if (inside < 0) return -1;
    members += 1 + inside;
  }
  return members;
}

/** How deep a value nests; stops counting beyond the limit. */
export function depthOf(value: unknown, limit = DEPTH_MAX + 1): number {
  if (value === null || typeof value !== 'object' || limit === 0) return 0;
  let deepest = 0;
  for (const member of Object.values(value)) deepest = Math.max(deepest, depthOf(member, limit - 1));
  return deepest + 1;
}

/** JSON pointer of the first member of a valid JSON text that its object has named before; null when there is none. */
export function duplicateKey(text: string): string | null {
  const path: string[] = [];
  const names: (Set<string> | null)[] = [];
  let element: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const known = names.at(-1);
      if (known && isName(text, end)) {
        const name = JSON.parse(text.slice(at, end + 1)) as string;
        path[names.length - 1] = escaped(name);
        if (known.has(name)) return `/${path.slice(0, names.length).join('/')}`;
        known.add(name);
      }
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      names.push(code === OPEN_OBJECT ? new Set() : null);
      element = [...element.slice(0, names.length - 1), 0];
      if (code === OPEN_LIST) path[names.length - 1] = '0';
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      names.pop();
    } else if (code === COMMA && names.at(-1) === null) {
      const next = (element[names.length - 1] ?? 0) + 1;
      element[names.length - 1] = next;
      path[names.length - 1] = String(next);
    }
  }
  return null;
}

const COMMA = 0x2c;

/** Whether the string that ends here is a member's name: a colon follows. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** JSON pointer of the first text or name with a lone surrogate, or number that is not finite; null when all is well. */
export function pathWhere(value: unknown, isWrong: (leaf: unknown) => boolean, path = ''): string | null {
  if (value === null || typeof value !== 'object') return isWrong(value) ? path : null;
  for (const [name, member] of Object.entries(value)) {
    const inside = `${path}/${escaped(name)}`;
    const found = isWrong(name) ? inside : pathWhere(member, isWrong, inside);
    if (found !== null) return found;
  }
  return null;
}

/**
 * The elements of a JSON list as texts, without reading them; null when the text is no list. Where the text is broken,
 * so is at least one element.
 */
export function splitList(text: string): readonly string[] | null {
  const body = text.trim();
  if (!body.startsWith('[') || !body.endsWith(']') || body.length < 2) return null;
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  const last = body.length - 1;
  for (let at = 1; at < last; at += 1) {
    const code = body.charCodeAt(at);
    if (code === QUOTE) at = endOfString(body, at);
    else if (code === OPEN_OBJECT || code === OPEN_LIST) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth -= 1;
    else if (code === COMMA && depth === 0) {
      elements.push(body.slice(start, at));
      start = at + 1;
    }
  }
  const rest = body.slice(start, last);
  if (elements.length === 0 && rest.trim() === '') return [];
  return [...elements, rest];
}
