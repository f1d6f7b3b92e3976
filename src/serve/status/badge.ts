/** A badge for pages elsewhere: a name, and how it is, in words. It asks for nothing: no font, no style, no script. */
import type { DayKind } from '../../project/views.ts';
import { html } from './markup.ts';

/** White on each of them has a contrast of at least 4.5. */
const COLORS: Readonly<Record<DayKind, string>> = {
  operational: '#27694a',
  under_maintenance: '#3459b8',
  degraded_performance: '#8a5200',
  partial_outage: '#a83f0a',
  major_outage: '#b01c2c',
  no_data: '#595f66',
  incomplete: '#595f66',
};

const HEIGHT = 20;
/** Characters of a name that are shown. */
const NAME_MAX = 40;

export function badge(name: string, kind: DayKind, word: string): string {
  const shown = [...name].length > NAME_MAX ? `${[...name].slice(0, NAME_MAX - 1).join('')}…` : name;
  const left = widthOf(shown) + 12;
  const right = widthOf(word) + 12;
  const text = (x: number, width: number, of: string) =>
    html`<text x="${x}" y="14" textLength="${width}" lengthAdjust="spacingAndGlyphs">${of}</text>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${name}: ${word}"><title>${name}: ${word}</title><rect width="${left}" height="${HEIGHT}" fill="#3b4148"/><rect x="${left}" width="${right}" height="${HEIGHT}" fill="${COLORS[kind]}"/><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(6, left - 12, shown)}${text(left + 6, right - 12, word)}</g></svg>
`.text;
}

/** About what a text takes in the font that is there, in px: the letters are fitted to it. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text)
    width += /[ilI.,:;'|!]/.test(letter) ? 4 : /[mwMW]/.test(letter) ? 10 : /[A-Z]/.test(letter) ? 8 : 7;
  return Math.max(width, 8);
}
