/** `/status/history`: what was, month by month. */
import type { IncidentView, MaintenanceView } from '../../../project/views.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { ENTRIES_MAX } from '../record.ts';
import { link, type Site } from '../site.ts';
import { layout } from './layout.ts';
import { listedIncident, listedMaintenance } from './parts.ts';
import { isoMonth, monthText } from './times.ts';

type Entry =
  | { readonly at: number; readonly month: string; readonly incident: IncidentView }
  | { readonly at: number; readonly month: string; readonly maintenance: MaintenanceView };

/** `month` as `2022-09`; null: the latest of which something is on record. Null for a month that is none. */
export function historyPage(site: Site, month: string | null): string | null {
  const { words } = site;
  if (month !== null && !/^(19[7-9]\d|2[01]\d\d)-(0[1-9]|1[0-2])$/.test(month)) return null;
  const entries = entriesOf(site);
  const months = [...new Set(entries.map((entry) => entry.month))];
  const shown = month ?? months[0] ?? isoMonth(site.record.until);
  const own = entries.filter((entry) => entry.month === shown);
  const list = html`<ul class="entries">
${own.map((entry) => ('incident' in entry ? listedIncident(site, entry.incident, 2) : listedMaintenance(site, entry.maintenance, 2)))}</ul>
`;
  const title = `${words.history}: ${monthText(shown, words)}`;
  return layout(site, {
    title,
    path: month === null ? '/status/history' : `/status/history/${month}`,
    content: html`<h1>${title}</h1>
${turning(site, months, shown)}${own.length === 0 ? html`<p class="quiet">${words.noHistory}</p>\n` : list}${monthList(site, months, shown)}${isCut(site) ? html`<p class="quiet">${words.leftOut(ENTRIES_MAX)}</p>\n` : null}`,
  });
}

/** The latest first. */
function entriesOf({ record }: Site): readonly Entry[] {
  return [
    ...record.incidents.map((incident) => ({
      at: incident.declaredAt,
      month: isoMonth(incident.declaredAt),
      incident,
    })),
    ...record.maintenances.map((maintenance) => {
      const at = maintenance.startedAt ?? maintenance.startsAt;
      return { at, month: isoMonth(at), maintenance };
    }),
  ].sort((first, second) => second.at - first.at);
}

/** The months before and after of which something is on record. */
function turning(site: Site, months: readonly string[], shown: string): Markup {
  const { words } = site;
  const before = months.find((month) => month < shown);
  const after = months.findLast((month) => month > shown);
  if (before === undefined && after === undefined) return NOTHING;
  const to = (month: string): string => link(site, `/status/history/${month}`);
  const back =
    before &&
    html`<a href="${to(before)}" rel="prev"><span aria-hidden="true">←</span> ${monthText(before, words)}</a> `;
  const on =
    after && html`<a href="${to(after)}" rel="next">${monthText(after, words)} <span aria-hidden="true">→</span></a>`;
  return html`<nav class="turn" aria-label="${words.neighbours}">${back}${on}</nav>
`;
}

function monthList(site: Site, months: readonly string[], shown: string): Markup {
  const { words } = site;
  if (months.length === 0) return NOTHING;
  const item = (month: string): Markup => {
    const here = month === shown ? html` aria-current="page"` : null;
    const short = words.monthsShort[Number(month.slice(5)) - 1] ?? '';
    return html`<li><a href="${link(site, `/status/history/${month}`)}"${here} aria-label="${short} ${month.slice(0, 4)}">${short}</a></li>
`;
  };
  const years = [...Map.groupBy(months, (month) => month.slice(0, 4))].map(
    ([year, own]) => html`<div><dt>${year}</dt><dd><ul class="row">
${own.toReversed().map(item)}</ul></dd></div>
`,
  );
  return html`<nav aria-label="${words.earlierMonths}"><h2>${words.earlierMonths}</h2>
<dl class="months">
${years}</dl></nav>
`;
}

function isCut({ record }: Site): boolean {
  return record.incidents.length >= ENTRIES_MAX || record.maintenances.length >= ENTRIES_MAX;
}
