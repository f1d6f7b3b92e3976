/** `/status`: how things are, what is open, and the last 90 days of every component. */
import type { ComponentHistory, ComponentView, DayKind, StatusPageView } from '../../../project/views.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { DAYS } from '../record.ts';
import { componentPath, link, type Site } from '../site.ts';
import { bars, legend, percent } from './bars.ts';
import { layout } from './layout.ts';
import { componentStatus, listedIncident, openIncident, openMaintenance } from './parts.ts';
import { dayText, isoDay } from './times.ts';

/** Incidents that are over are listed for so long after they were declared, in µs: 14 days. */
const RECENT = 14 * 86_400_000_000;

export function overviewPage(site: Site): string {
  const { record, settings, words } = site;
  const { page } = record;
  return layout(site, {
    title: null,
    path: '/status',
    content: html`${settings.text === null ? null : html`<p class="intro">${settings.text}</p>\n`}<p class="now k-${indicatorKind(page)}" role="status"><span class="mark" aria-hidden="true"></span>${indicatorText(site)}</p>
${section(
  words.openIncidents,
  page.incidents.map((view) => openIncident(site, view)),
)}${section(
  words.maintenances,
  page.maintenances.map((view) => openMaintenance(site, view)),
)}${components(site)}${recent(site)}`,
  });
}

function section(title: string, parts: readonly Markup[]): Markup {
  if (parts.length === 0) return NOTHING;
  return html`<section>
<h2>${title}</h2>
${parts}</section>
`;
}

/** No data never looks like health. */
export function indicatorText({ record, words }: Site): string {
  const { indicator, components } = record.page;
  if (components.length === 0) return words.noComponents;
  const unheard = components.filter(({ noData }) => noData).length;
  if (unheard === 0) return words.indicator[indicator];
  const gap = words.noDataFor(unheard, components.length);
  return indicator === 'none' ? gap : `${words.indicator[indicator]}. ${gap}`;
}

export function indicatorKind({ indicator, components }: StatusPageView): DayKind {
  if (indicator === 'none')
    return components.length === 0 || components.some(({ noData }) => noData) ? 'no_data' : 'operational';
  const kinds = {
    minor: 'degraded_performance',
    major: 'partial_outage',
    critical: 'major_outage',
    maintenance: 'under_maintenance',
  } as const;
  return kinds[indicator];
}

function components(site: Site): Markup {
  const { record, words } = site;
  if (record.page.components.length === 0) return NOTHING;
  const groups = Map.groupBy(record.page.components, ({ group }) => group);
  const lists = [...groups].map(([group, members]) => {
    const level = group === null ? null : html`<h3>${group}</h3>\n`;
    return html`${level}<ul class="components">
${members.map((component) => componentRow(site, component))}</ul>
`;
  });
  return html`<section>
<h2>${words.components} <span class="quiet">${words.historyOf(DAYS)}</span></h2>
${lists}${legend(site)}
</section>
`;
}

function componentRow(site: Site, component: ComponentView): Markup {
  const { record } = site;
  const history = record.histories.get(component.id);
  return html`<li>
<p class="component"><a href="${link(site, componentPath(component.id))}">${component.name}</a>${componentStatus(site, component)}</p>
${history === undefined ? null : days(site, component.name, history, toldDays(site, component.id, history))}
</li>
`;
}

/** `told`: what stands behind the share, folded away. */
export function days(site: Site, name: string, history: ComponentHistory, told: Markup = NOTHING): Markup {
  const { words } = site;
  const share = history.available === null ? words.dayKind.no_data : words.available(percent(history.available, words));
  const middle =
    told === NOTHING ? html`<span>${share}</span>` : html`<details><summary>${share}</summary>${told}</details>`;
  return html`${bars(site, name, history)}
<div class="scale"><span>${words.daysAgo(history.days.length - 1)}</span>${middle}<span>${words.today}</span></div>`;
}

/** What the bars say to a pointer that rests on them, for fingers and keys: each day leads to its times. */
function toldDays(site: Site, id: string, { days: all }: ComponentHistory): Markup {
  const { words } = site;
  const telling = all.filter(({ kind }) => kind !== 'operational' && kind !== 'no_data').toReversed();
  if (telling.length === 0) return NOTHING;
  const path = link(site, componentPath(id));
  return html`<ul class="row">${telling.map(({ from, kind }) => html`<li><a href="${path}#${isoDay(from)}">${dayText(from, words)}: ${words.dayKind[kind]}</a></li>`)}</ul>`;
}

function recent(site: Site): Markup {
  const { record, words } = site;
  const listed = record.incidents.filter(
    ({ status, declaredAt }) => status === 'resolved' && declaredAt > record.until - RECENT,
  );
  const list = html`<ul class="entries">
${listed.map((view) => listedIncident(site, view, 3))}</ul>
`;
  return html`<section>
<h2>${words.recent}</h2>
${listed.length === 0 ? html`<p class="quiet">${words.noRecent}</p>\n` : list}<p><a href="${link(site, '/status/history')}">${words.history}</a></p>
</section>
`;
}
