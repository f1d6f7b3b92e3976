/** The pages of one incident, one maintenance, one component: their addresses hold for good. */
import type {
  ComponentDay,
  ComponentView,
  IncidentView,
  KnownStretch,
  MaintenanceView,
} from '../../../project/views.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { componentPath, incidentPath, link, maintenancePath, type Site } from '../site.ts';
import { accountMarkup } from './account.ts';
import { layout, span } from './layout.ts';
import { days } from './overview.ts';
import { affected, componentStatus, earlier, incidentTime, listedIncident, message, updates } from './parts.ts';
import { clock, day, isoDay, length, moment } from './times.ts';

/** Incidents on the page of a component. */
const LISTED_MAX = 10;

export function incidentPage(site: Site, view: IncidentView): string {
  const { words } = site;
  const { impactStartedAt, impactEndedAt } = view;
  const bounds = impactStartedAt === null && impactEndedAt === null;
  const impactTime = bounds
    ? NOTHING
    : row(words.impactTime, span(site, impactStartedAt ?? view.declaredAt, impactEndedAt));
  return layout(site, {
    title: view.title,
    path: incidentPath(view.id),
    content: html`<article>
<p class="kicker">${words.incident}</p>
<h1>${view.title}</h1>
<dl>
${row(words.state, view.status === null ? words.noUpdates : words.incidentStatus[view.status])}${
  view.impact === null ? null : row(words.impactLabel, words.impact[view.impact])
}${row(words.declared, incidentTime(site, view))}${impactTime}${
  view.components.length === 0
    ? null
    : row(
        words.affected,
        affected(
          site,
          view.components.map(({ componentId }) => componentId),
        ),
      )
}</dl>
<h2>${words.updates}</h2>
${updates(site, view)}${account(site, view)}</article>
`,
  });
}

/** The account that holds, and those that were published before it. */
function account(site: Site, { accounts }: IncidentView): Markup {
  const { words } = site;
  const last = accounts.at(-1);
  if (last === undefined) return NOTHING;
  const before = accounts.slice(0, -1).toReversed();
  return html`<section>
<h2>${words.account}</h2>
<p class="quiet">${before.length === 0 ? words.published : words.publishedAnew} ${moment(last.recordedAt, words)}</p>
<div class="account">
${accountMarkup(last.body, words.account)}</div>
${before.map(({ body, recordedAt }) => earlier(site, recordedAt, body))}</section>
`;
}

function row(term: string, value: Markup | string): Markup {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>
`;
}

export function maintenancePage(site: Site, view: MaintenanceView): string {
  const { words } = site;
  const said = view.updates.toReversed().map(
    (update) => html`<li><p class="when">${moment(update.at, words)}</p>
${message(site, update.message)}</li>
`,
  );
  return layout(site, {
    title: view.title,
    path: maintenancePath(view.id),
    content: html`<article>
<p class="kicker">${words.maintenance} · ${words.maintenanceState[view.state]}</p>
<h1>${view.title}</h1>
<dl>
${row(words.planned, span(site, view.startsAt, view.endsAt))}${
  view.startedAt === null ? null : row(words.actual, span(site, view.startedAt, view.endedAt))
}${view.componentIds.length === 0 ? null : row(words.affected, affected(site, view.componentIds))}</dl>
<h2>${words.updates}</h2>
${said.length === 0 ? html`<p class="quiet">${words.noUpdates}</p>\n` : html`<ol class="updates" reversed="">\n${said}</ol>\n`}</article>
`,
  });
}

export function componentPage(site: Site, component: ComponentView): string {
  const { record, words } = site;
  const path = componentPath(component.id);
  const history = record.histories.get(component.id);
  const feed = (type: string) => link(site, `${path}/history.${type}`);
  return layout(site, {
    title: component.name,
    path,
    feeds: html`<link rel="alternate" type="application/atom+xml" title="${component.name}" href="${feed('atom')}" />
`,
    content: html`<article>
<p class="kicker">${component.group ?? words.components}</p>
<h1>${component.name}</h1>
${component.description === null ? null : html`<p class="intro">${component.description}</p>\n`}<p>${componentStatus(site, component)}${
      component.statusSince === null
        ? null
        : html` <span class="quiet">${words.since} ${moment(component.statusSince, words)}</span>`
    }</p>
${history === undefined ? null : html`${days(site, component.name, history)}\n${dayTable(site, history.days)}`}${incidentsOf(site, component.id)}<ul class="row subscribe"><li>${words.subscribe}: <a href="${feed('atom')}">Atom</a></li><li><a href="${feed('rss')}">RSS</a></li><li><a href="${link(site, `${path}/badge.svg`)}">${words.badge}</a></li></ul>
</article>
`,
  });
}

/** The newest incidents that named it. */
function incidentsOf(site: Site, id: string): Markup {
  const { record, words } = site;
  const own = record.incidents.filter(({ components }) => components.some(({ componentId }) => componentId === id));
  if (own.length === 0) return NOTHING;
  return html`<h2>${words.recent}</h2>
<ul class="entries">
${own.slice(0, LISTED_MAX).map((view) => listedIncident(site, view, 3))}</ul>
`;
}

/** The days of which there is something to tell, the latest first; those alike that follow each other in one row. */
function dayTable({ words }: Site, all: readonly ComponentDay[]): Markup {
  const rows: { readonly first: ComponentDay; readonly last: ComponentDay }[] = [];
  for (const each of all.filter(({ kind }) => kind !== 'operational')) {
    const before = rows.at(-1);
    const follows = before !== undefined && all.indexOf(each) === all.indexOf(before.last) + 1;
    if (follows && each.kind === 'no_data' && before.last.kind === 'no_data')
      rows[rows.length - 1] = { ...before, last: each };
    else rows.push({ first: each, last: each });
  }
  if (rows.length === 0)
    return html`<p class="quiet">${words.noTrouble}</p>
`;
  const cells = rows.toReversed().map(
    ({
      first,
      last,
    }) => html`<tr id="${isoDay(first.from)}"><th scope="row">${day(first.from, words)}${last === first ? null : html` – ${day(last.from, words)}`}</th><td>${words.dayKind[first.kind]}</td><td>${last === first && first.kind !== 'no_data' ? first.troubles.map((stretch) => trouble(stretch, words)) : null}</td></tr>
`,
  );
  return html`<h2>${words.daysToTellOf}</h2>
<div class="wide" tabindex="0" role="region" aria-label="${words.daysToTellOf}"><table>
<thead><tr><th scope="col">${words.dayColumn}</th><th scope="col">${words.whatColumn}</th><th scope="col">${words.when}</th></tr></thead>
<tbody>
${cells}</tbody>
</table></div>
`;
}

function trouble({ from, to, status }: KnownStretch, words: Site['words']): Markup {
  return html`<p>${clock(from)} · ${words.dayKind[status]}, ${length(from, to, words)}</p>`;
}
