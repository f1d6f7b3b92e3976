/** What happened, newest first, as Atom (RFC 4287) and RSS 2.0: for the whole page, and for each component. */
import { EARLIEST, formatTime, MICROS_PER_MS, type Micros } from '../../../schemas/time.ts';
import type { IncidentView, MaintenanceView } from '../../project/views.ts';
import { html, type Markup } from './markup.ts';
import { momentText } from './page/times.ts';
import { absoluteLink, componentPath, incidentPath, maintenancePath, type Site } from './site.ts';

const LISTED_MAX = 50;

interface Entry {
  /** The same wherever and however the site is served. */
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly publishedAt: Micros;
  readonly updatedAt: Micros;
  /** HTML. */
  readonly content: string;
}

export interface Feed {
  /** Null: the whole page's. */
  readonly componentId: string | null;
  readonly type: 'atom' | 'rss';
}

export function feed(site: Site, { componentId, type }: Feed): string {
  const { record, settings } = site;
  const concerns = (ids: readonly string[]): boolean => componentId === null || ids.includes(componentId);
  const entries = [
    ...record.incidents
      .filter(({ components }) => concerns(components.map((each) => each.componentId)))
      .map((view) => incidentEntry(site, view)),
    ...record.maintenances.filter((view) => concerns(view.componentIds)).map((view) => maintenanceEntry(site, view)),
  ]
    .sort((first, second) => second.updatedAt - first.updatedAt)
    .slice(0, LISTED_MAX);
  const own = componentId === null ? '' : componentPath(componentId);
  const channel: Channel = {
    id: componentId === null ? 'urn:musterbook:history' : `urn:musterbook:component:${encodeURIComponent(componentId)}`,
    title: componentId === null ? settings.title : `${record.component(componentId).name} · ${settings.title}`,
    self: absoluteLink(site, `${own}/history.${type}`),
    page: absoluteLink(site, own === '' ? '/status' : own),
    updatedAt: entries[0]?.updatedAt ?? record.recordedAt ?? EARLIEST,
    entries,
  };
  return type === 'atom' ? atom(site, channel) : rss(site, channel);
}

interface Channel {
  readonly id: string;
  readonly title: string;
  readonly self: string;
  readonly page: string;
  readonly updatedAt: Micros;
  readonly entries: readonly Entry[];
}

function atom({ settings, words }: Site, { id, title, self, page, updatedAt, entries }: Channel): string {
  const items = entries.map(
    (entry) => html`  <entry>
    <id>${entry.id}</id>
    <published>${formatTime(entry.publishedAt)}</published>
    <updated>${formatTime(entry.updatedAt)}</updated>
    <link rel="alternate" type="text/html" href="${entry.url}"/>
    <title>${entry.title}</title>
    <content type="html">${entry.content}</content>
  </entry>
`,
  );
  return html`<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="${words.language}" xmlns="http://www.w3.org/2005/Atom">
  <id>${id}</id>
  <link rel="alternate" type="text/html" href="${page}"/>
  <link rel="self" type="application/atom+xml" href="${self}"/>
  <title>${title}</title>
  <updated>${formatTime(updatedAt)}</updated>
  <author>
    <name>${settings.title}</name>
  </author>
${items}</feed>
`.text;
}

function rss({ words }: Site, { title, self, page, updatedAt, entries }: Channel): string {
  const date = (at: Micros): string => new Date(at / MICROS_PER_MS).toUTCString();
  const items = entries.map(
    (entry) => html`    <item>
      <title>${entry.title}</title>
      <description>${entry.content}</description>
      <pubDate>${date(entry.publishedAt)}</pubDate>
      <link>${entry.url}</link>
      <guid isPermaLink="false">${entry.id}</guid>
    </item>
`,
  );
  return html`<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>${title}</title>
    <link>${page}</link>
    <atom:link rel="self" type="application/rss+xml" href="${self}"/>
    <description>${title}</description>
    <language>${words.language}</language>
    <lastBuildDate>${date(updatedAt)}</lastBuildDate>
${items}  </channel>
</rss>
`.text;
}

function incidentEntry(site: Site, view: IncidentView): Entry {
  const { words } = site;
  const parts = view.updates.toReversed().map(({ at, status, message, amendments }) => {
    const word = status === null ? words.update : words.incidentStatus[status];
    const amended = amendments.map(({ reason }) => html` <em>${words.amended}: ${reason}</em>`);
    return said(`${momentText(at, words)} UTC`, word, html`${message ?? ''}${amended}`);
  });
  const url = absoluteLink(site, incidentPath(view.id));
  const last = view.accounts.at(-1);
  const account =
    last === undefined
      ? null
      : said(`${momentText(last.recordedAt, words)} UTC`, words.published, html`<a href="${url}">${words.account}</a>`);
  const edits = view.updates.flatMap(({ at, amendments }) => [at, ...amendments.map(({ recordedAt }) => recordedAt)]);
  return {
    id: `urn:musterbook:incident:${encodeURIComponent(view.id)}`,
    title: view.title,
    url,
    publishedAt: view.declaredAt,
    updatedAt: Math.max(view.declaredAt, last?.recordedAt ?? 0, ...edits) as Micros,
    content: html`${account}${parts}`.text,
  };
}

function maintenanceEntry(site: Site, view: MaintenanceView): Entry {
  const { words } = site;
  const parts = view.updates
    .toReversed()
    .map(({ at, message }) => said(`${momentText(at, words)} UTC`, words.maintenance, html`${message}`));
  const planned = `${momentText(view.startsAt, words)} – ${momentText(view.endsAt, words)} UTC`;
  return {
    id: `urn:musterbook:maintenance:${encodeURIComponent(view.id)}`,
    title: view.title,
    url: absoluteLink(site, maintenancePath(view.id)),
    publishedAt: view.scheduledAt,
    updatedAt: view.latestEffectiveAt,
    content: html`<p>${words.maintenanceState[view.state]}, ${words.planned.toLowerCase()} ${planned}</p>${parts}`.text,
  };
}

function said(when: string, word: string, words: Markup): Markup {
  return html`<p><small>${when}</small><br/><strong>${word}</strong> - ${words}</p>`;
}
