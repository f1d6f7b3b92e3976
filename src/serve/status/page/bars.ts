/**
 * A component's days as bars: one drawing that says the same in words. Kinds differ in height and in filling, not in
 * colour alone: trouble stands higher the worse it is, and what is not known is hollow.
 */
import type { ComponentDay, ComponentHistory, DayKind } from '../../../project/views.ts';
import { html, Markup } from '../markup.ts';
import type { Site } from '../site.ts';
import type { Words } from '../words/words.ts';
import { dayText } from './times.ts';

const HEIGHT = 28;
const STEP = 4;
const WIDTH = 3;

const HEIGHTS: Readonly<Record<DayKind, number>> = {
  operational: 14,
  incomplete: 14,
  no_data: 14,
  under_maintenance: 14,
  degraded_performance: 18,
  partial_outage: 23,
  major_outage: 28,
};

const KINDS = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'incomplete',
  'no_data',
] as const satisfies readonly DayKind[];

export function bars(site: Site, name: string, { days }: ComponentHistory): Markup {
  const { words } = site;
  const quiet = new Map<DayKind, string>();
  const telling: Markup[] = [];
  for (const [index, day] of days.entries()) {
    const { kind } = day;
    const path = barPath(kind, index * STEP);
    if (kind === 'operational' || kind === 'no_data') quiet.set(kind, (quiet.get(kind) ?? '') + path);
    else telling.push(drawn(kind, path, `${dayText(day.from, words)}: ${words.dayKind[kind]}`));
  }
  const drawing = [...[...quiet].map(([kind, path]) => drawn(kind, path, null)), ...telling];
  return html`<svg class="bars" viewBox="0 0 ${days.length * STEP - 1} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${words.barsSummary(name, summary(days, words))}">${drawing}</svg>`;
}

/** How many days there were of each kind, the worst first. */
function summary(days: readonly ComponentDay[], words: Words): readonly string[] {
  return KINDS.toReversed().flatMap((kind) => {
    const count = days.filter((day) => day.kind === kind).length;
    return count === 0 ? [] : [words.countOfDays(count, words.dayKind[kind])];
  });
}

function drawn(kind: DayKind, path: string, title: string | null): Markup {
  return html`<path class="k-${kind}" fill-rule="evenodd" d="${new Markup(path)}">${title === null ? null : html`<title>${title}</title>`}</path>`;
}

function barPath(kind: DayKind, x: number): string {
  const height = HEIGHTS[kind];
  const top = HEIGHT - height;
  const whole = `M${x} ${top}h${WIDTH}v${height}h-${WIDTH}z`;
  if (kind === 'no_data') return `${whole}M${x + 0.7} ${top + 1.5}v${height - 3}h${WIDTH - 1.4}v-${height - 3}z`;
  // The upper half is hollow.
  if (kind === 'incomplete') return `${whole}M${x + 0.7} ${top + 1.5}v5.5h${WIDTH - 1.4}v-5.5z`;
  // Two bands: planned work is neither well nor ill.
  if (kind === 'under_maintenance') return `${whole}M${x} ${top + 5}v4h${WIDTH}v-4z`;
  return whole;
}

/** What each kind looks like. */
export function legend({ words }: Site): Markup {
  const items = KINDS.map(
    (kind) =>
      html`<li><svg class="key" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${drawn(kind, barPath(kind, 0), null)}</svg> ${words.dayKind[kind]}</li>`,
  );
  return html`<details class="legend"><summary>${words.legend}</summary><ul class="row">${items}</ul><p>${words.availableMeaning}</p></details>`;
}

/** `99.98`, rounded down: what is not all is not written as 100. */
export function percent(share: number, words: Words): string {
  return (Math.floor(share * 10_000) / 100)
    .toFixed(2)
    .replace(/\.?0+$/, '')
    .replace('.', words.decimalPoint);
}
