/** Parts that several pages show. */

import { formatTime, type Micros } from '../../../../schemas/time.ts';
import type { ComponentView, IncidentView, MaintenanceView } from '../../../project/views.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { componentPath, incidentPath, link, maintenancePath, presentLink, type Site } from '../site.ts';
import { span } from './layout.ts';
import { length, moment, momentText } from './times.ts';

/** A status as its mark and its word: no component without data looks well. */
export function componentStatus({ words }: Site, { status, noData }: ComponentView): Markup {
  const kind = noData ? 'no_data' : status;
  return html`<span class="status"><span class="mark k-${kind}" aria-hidden="true"></span>${words.dayKind[kind]}</span>`;
}

/** A message's lines, as they were written; an address in them leads there. */
export function message(site: Site, text: string | null): Markup {
  if (text === null || text.trim() === '') return html`<p class="quiet">${site.words.noWords}</p>`;
  return html`<p class="said">${linked(text.trim())}</p>`;
}

/** What ends a sentence, or closes what stands around an address, is none of it. */
const ADDRESS = /(https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?()[\]{}*_])/gi;

function linked(text: string): readonly (Markup | string)[] {
  return text.split(ADDRESS).map((part, index) => {
    const url = index % 2 === 1 ? URL.parse(part) : null;
    return url === null ? part : html`<a href="${url.href}" rel="nofollow noopener">${part}</a>`;
  });
}

/** An incident's updates, the newest first; those that were put right say so, with what they said before. */
export function updates(site: Site, view: IncidentView): Markup {
  const { words } = site;
  if (view.updates.length === 0) return html`<p class="quiet">${words.noUpdates}</p>`;
  const items = view.updates.toReversed().map((update) => {
    const word = update.status === null ? words.update : words.incidentStatus[update.status];
    return html`<li><p class="when"><strong>${word}</strong> ${moment(update.at, words)}</p>
${message(site, update.message)}
${update.amendments.toReversed().map((amendment) => amended(site, view.id, amendment))}</li>
`;
  });
  return html`<ol class="updates" reversed="">
${items}</ol>
`;
}

type Amendment = IncidentView['updates'][number]['amendments'][number];

function amended(site: Site, id: string, { reason, at, recordedAt, replaced }: Amendment): Markup {
  const { words } = site;
  const corrected = at === null ? null : html` (${words.correctedTo(momentText(at, words))})`;
  const before = replaced === null ? null : earlier(site, replaced.recordedAt, replaced.message ?? words.noWords);
  return html`<div class="amended"><p><strong>${words.amendedAt(momentText(recordedAt, words))}</strong>. ${words.reason}: ${reason}${corrected} <a class="live" href="${readBefore(site, id, recordedAt)}">${words.pageBefore}</a></p>
${before}</div>
`;
}

/** Words that hold no more, folded away: as they were written, and when they were recorded. */
export function earlier({ words }: Site, recordedAt: Micros, text: string): Markup {
  return html`<details><summary>${words.asItRead}</summary><p class="quiet">${words.recorded} ${moment(recordedAt, words)}</p>
<p class="was">${text.trim()}</p></details>
`;
}

/** The incident's page as it stood just before something was put right. */
function readBefore(site: Site, id: string, recordedAt: Micros): string {
  return `${presentLink(site, incidentPath(id))}?as_of=${encodeURIComponent(formatTime((recordedAt - 1) as Micros))}`;
}

function incidentWords({ words }: Site, { status, impact }: IncidentView): string {
  const said = [
    status === null ? words.update : words.incidentStatus[status],
    impact === null ? null : words.impact[impact],
  ];
  return said.filter((word) => word !== null).join(' · ');
}

/** When it was, and how long. */
export function incidentTime(site: Site, { declaredAt, resolvedAt }: IncidentView): Markup {
  const { words } = site;
  const took =
    resolvedAt === null ? null : html` <span class="quiet">(${length(declaredAt, resolvedAt, words)})</span>`;
  return html`${span(site, declaredAt, resolvedAt)}${took}`;
}

export function affected(site: Site, ids: readonly string[]): Markup {
  if (ids.length === 0) return NOTHING;
  const shown = new Set(site.record.page.components.map(({ id }) => id));
  const names = ids.map((id) => {
    const { name } = site.record.component(id);
    return html`<li>${shown.has(id) ? html`<a href="${link(site, componentPath(id))}">${name}</a>` : name}</li>`;
  });
  return html`<ul class="row names">${names}</ul>`;
}

/** An open incident, whole. */
export function openIncident(site: Site, view: IncidentView): Markup {
  const { words } = site;
  return html`<article class="card i-${view.impact ?? 'none'}">
<h3><a href="${link(site, incidentPath(view.id))}">${view.title}</a></h3>
<p class="meta">${incidentWords(site, view)} · ${words.since} ${moment(view.declaredAt, words)}</p>
${affected(
  site,
  view.components.map(({ componentId }) => componentId),
)}
${updates(site, view)}</article>
`;
}

/** How deep a list stands in its page. */
type Level = 2 | 3;

function heading(level: Level, content: Markup): Markup {
  return level === 2 ? html`<h2>${content}</h2>` : html`<h3>${content}</h3>`;
}

/** An incident in a list: when, what, and the last that was said. */
export function listedIncident(site: Site, view: IncidentView, level: Level): Markup {
  const last = view.updates.findLast((update) => update.message !== null && update.message.trim() !== '');
  return html`<li>
${heading(level, html`<a href="${link(site, incidentPath(view.id))}">${view.title}</a>`)}
<p class="meta">${incidentTime(site, view)} · ${incidentWords(site, view)}${isAmended(view) ? html` · ${site.words.amended}` : null}</p>
${last === undefined ? null : message(site, last.message)}
</li>
`;
}

function isAmended(view: IncidentView): boolean {
  return view.updates.some(({ amendments }) => amendments.length > 0);
}

export function listedMaintenance(site: Site, view: MaintenanceView, level: Level): Markup {
  const { words } = site;
  return html`<li>
${heading(level, html`<a href="${link(site, maintenancePath(view.id))}">${view.title}</a>`)}
<p class="meta">${words.maintenance} · ${words.maintenanceState[view.state]} · ${span(site, view.startedAt ?? view.startsAt, view.endedAt ?? view.endsAt)}</p>
</li>
`;
}

export function openMaintenance(site: Site, view: MaintenanceView): Markup {
  const { words } = site;
  const last = view.updates.at(-1);
  return html`<article class="card i-maintenance">
<h3><a href="${link(site, maintenancePath(view.id))}">${view.title}</a></h3>
<p class="meta">${words.maintenanceState[view.state]} · ${words.planned}: ${span(site, view.startsAt, view.endsAt)}</p>
${affected(site, view.componentIds)}
${last === undefined ? null : message(site, last.message)}</article>
`;
}
