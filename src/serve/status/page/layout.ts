/** What every page of the status page has around its content. */
import { formatTime, type Micros } from '../../../../schemas/time.ts';
import { html, type Markup, NOTHING, type Part } from '../markup.ts';
import { link, presentLink, type Site } from '../site.ts';
import { clock, isoDay, moment, momentText } from './times.ts';

/** In µs. */
const MINUTE = 60_000_000;

export interface PageContent {
  /** Null: the page whose title is the site's own. */
  readonly title: string | null;
  /** Its own path, without the query: where looking back leads. */
  readonly path: string;
  readonly content: Part;
  /** Feeds beside those of the whole page. */
  readonly feeds?: Part;
  /** Up to when the record is told, and where else; absent: it is there. */
  readonly footer?: boolean;
}

export function layout(site: Site, { title, path, content, feeds = null, footer = true }: PageContent): string {
  const { settings, words } = site;
  const heading = title === null ? settings.title : `${title} · ${settings.title}`;
  return html`<!DOCTYPE html>
<html lang="${words.language}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
${site.record.asOf === null ? null : html`<meta name="robots" content="noindex" />\n`}<title>${heading}</title>
<link rel="stylesheet" href="${presentLink(site, '/status/style.css')}" />
<link rel="icon" href="${presentLink(site, settings.logo === null ? '/status/icon.svg' : logoPath(settings.logo.type))}" />
<link rel="alternate" type="application/atom+xml" title="${settings.title}" href="${link(site, '/history.atom')}" />
<link rel="alternate" type="application/rss+xml" title="${settings.title}" href="${link(site, '/history.rss')}" />
${feeds}</head>
<body>
<a class="skip" href="#content">${words.skip}</a>
${banner(site, path)}<header class="top">
<div class="name">${logo(site)}${
    title === null
      ? html`<h1>${settings.title}</h1>`
      : html`<p class="title"><a href="${link(site, '/status')}">${settings.title}</a></p>`
  }</div>
<nav aria-label="${settings.title}"><a href="${link(site, '/status')}"${current(path === '/status')}>${words.overview}</a> <a href="${link(site, '/status/history')}"${current(path.startsWith('/status/history'))}>${words.history}</a></nav>
</header>
<main id="content">
${content}</main>
${footer ? footerOf(site, path) : null}</body>
</html>
`.text;
}

function current(is: boolean): Markup {
  return is ? html` aria-current="page"` : NOTHING;
}

export function logoPath(type: string): string {
  return type === 'image/png' ? '/status/logo.png' : '/status/logo.svg';
}

function logo(site: Site): Markup {
  const { settings } = site;
  if (settings.logo === null) return NOTHING;
  // The title stands beside it: read out, the logo would say the same again.
  return html`<img class="logo" src="${presentLink(site, logoPath(settings.logo.type))}" alt="" height="40" />`;
}

function banner(site: Site, path: string): Markup {
  const { record, words } = site;
  if (record.asOf === null) return NOTHING;
  return html`<aside class="then" aria-label="${words.lookBack}"><p><strong>${words.asItStood(momentText(record.asOf, words, true))}.</strong> ${words.asKnownThen} <a class="live" href="${presentLink(site, path)}">${words.toThePresent}</a></p></aside>
`;
}

function footerOf(site: Site, path: string): Markup {
  const { record, words } = site;
  // The present is told up to the end of its minute, which cannot be asked about yet.
  const asked = record.asOf ?? ((record.until - MINUTE) as Micros);
  return html`<footer>
<p>${record.recordedAt === null ? words.nothingRecorded : words.recordedUpTo(momentText(record.recordedAt, words))} ${words.allTimes}</p>
<form method="get" action="${presentLink(site, path)}"><label>${words.lookBackLabel} <input type="datetime-local" name="as_of_utc" step="1" required="" value="${formatTime(asked).slice(0, 19)}" /></label> <button type="submit">${words.lookBackButton}</button></form>
<ul class="row"><li>${words.subscribe}: <a href="${link(site, '/history.atom')}">Atom</a></li><li><a href="${link(site, '/history.rss')}">RSS</a></li><li><a href="${link(site, '/status/badge.svg')}">${words.badge}</a></li><li>${words.machine}: <a href="${link(site, '/api/v2/summary.json')}">summary.json</a></li></ul>
</footer>
`;
}

/** A page that says why there is none. */
export function sorry(
  site: Site,
  path: string,
  { title, text, footer = true }: { readonly title: string; readonly text: string; readonly footer?: boolean },
): string {
  const { words } = site;
  return layout(site, {
    title,
    path,
    footer,
    content: html`<h1>${title}</h1>
<p>${text}</p>
<p><a href="${presentLink(site, '/status')}">${words.overview}</a></p>
`,
  });
}

/** For tables and lists: from when to when. */
export function span(site: Site, from: Micros, to: Micros | null): Markup {
  const { words } = site;
  const end = to === null ? words.ongoing : isoDay(from) === isoDay(to) ? clock(to) : moment(to, words);
  return html`${moment(from, words)} – ${end}`;
}
