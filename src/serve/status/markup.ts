/**
 * Text made into HTML, SVG and XML. Whatever is put into a template is escaped, unless it was made by a template itself:
 * so no text from outside can become markup, wherever it comes to stand.
 */

export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template; null, undefined and false leave nothing. */
export type Part = Markup | string | number | null | undefined | false | readonly Part[];

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += printed(part) + (strings[index + 1] ?? '');
  return new Markup(text);
}

export const NOTHING = new Markup('');

function printed(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(printed).join('');
}

/** Marks that turn the direction of writing: a text must not move what stands beside it. */
const STEERING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** What may stand in no XML 1.0 document, whether escaped or not, and control characters that HTML forbids too. */
const FORBIDDEN = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** A text as content or as an attribute's value between double quotes, of HTML and XML alike. */
function escaped(text: string): string {
  return legible(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Without what cannot be shown, or would steer its reader. */
function legible(text: string): string {
  return text.toWellFormed().replace(FORBIDDEN, '\ufffd').replace(STEERING, '\ufffd');
}
