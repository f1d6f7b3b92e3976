/**
 * `/events/:position`: everything about one event, at an address that stays. Whole without scripts; the explorer takes
 * the article over as it is, so there is one rendering. Whoever asks for no page gets the CloudEvent.
 */
import { isClockAhead, type RecordedEvent } from '../../../schemas/event.ts';
import type { Revision } from '../../../schemas/ids.ts';
import { formatTime, type Micros } from '../../../schemas/time.ts';
import type { EventKey, LedgerReader } from '../../ledger/port.ts';
import { readPosition } from '../graphql/scalars.ts';
import { problem } from '../http/problem.ts';
import type { Route, RouteRequest, RouteResponse } from '../http/route.ts';
import type { Bundle } from './bundle.ts';
import { escapeHtml as e, pageResponse, wantsPage } from './page.ts';
import { signInPage } from './sign-in.ts';

export interface EventDoors {
  readonly ledger: LedgerReader;
  readonly bundle: Bundle | null;
  /** One event as an exported line, without its end. */
  line(event: RecordedEvent): string;
}

export function eventRoutes(doors: EventDoors): Route[] {
  return [{ method: 'GET', path: '/events/:position', role: 'page', handle: (request) => answer(doors, request) }];
}

async function answer(doors: EventDoors, request: RouteRequest): Promise<RouteResponse> {
  const isForPage = wantsPage(request);
  if (!request.caller.roles.has('read')) {
    return isForPage ? signInPage(doors.bundle, request) : asProblem('UNAUTHENTICATED', 'this needs the role read');
  }
  const position = readPosition(request.path.slice('/events/'.length));
  const event = position === null ? null : await doors.ledger.eventAt(position);
  if (event === null) {
    if (!isForPage) return asProblem('NOT_FOUND', `there is no event at ${request.path}`);
    const html = `<article id="event" class="state"><h1>There is no event at this position</h1><p><a href="/events">The newest events</a></p></article>`;
    return pageResponse(doors.bundle, request, { status: 404, title: 'No event', html: framed(html) });
  }
  if (!isForPage) {
    return {
      status: 200,
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8', vary: 'accept, cookie' },
      body: doors.line(event),
    };
  }
  const html = framed(article(event, doors.line(event), await neighbours(doors.ledger, event)));
  return pageResponse(doors.bundle, request, { title: `${event.type} at ${event.position}`, html });
}

function asProblem(code: 'UNAUTHENTICATED' | 'NOT_FOUND', text: string): RouteResponse {
  const { status, detail, hint } = problem(code, text);
  return {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify({ type: 'about:blank', title: code, status, detail, code, hint }),
  };
}

/** The frame as the explorer draws it, for who has no scripts. */
function framed(html: string): string {
  return `<header class="bar"><a class="mark" href="/">Musterbook</a><nav aria-label="Main"><a href="/">Overview</a><a href="/incidents">Incidents</a><a href="/events" aria-current="page">Events</a><a href="/ledger">Ledger</a><a href="/graphql">GraphiQL</a></nav></header>
<main id="content" class="page" tabindex="-1">
${html}
</main>`;
}

/** What stands around an event; null where there is none. */
interface Neighbours {
  readonly previous: RecordedEvent | null;
  readonly next: RecordedEvent | null;
  readonly cause: RecordedEvent | null;
  /** What its envelope names as its cause, also where that is not recorded. */
  readonly causeKey: EventKey | null;
  readonly retraction: RecordedEvent | null;
  /** Of a retraction: what it takes back. */
  readonly retracted: RecordedEvent | null;
}

async function neighbours(ledger: LedgerReader, event: RecordedEvent): Promise<Neighbours> {
  const { stream, revision } = event;
  const at = async (wanted: number): Promise<RecordedEvent | null> => {
    if (wanted < 0) return null;
    const revisions = { from: wanted as Revision, to: wanted as Revision, limit: 1 };
    return (await ledger.readStreamRecorded(stream, revisions))[0] ?? null;
  };
  const causeKey = causeOf(event);
  const { eventSource, eventId } = event.data as { readonly eventSource?: string; readonly eventId?: string };
  const isRetraction = event.type === 'EventRetracted' && eventSource !== undefined && eventId !== undefined;
  const [previous, next, cause, retraction, retracted] = await Promise.all([
    at(revision - 1),
    at(revision + 1),
    causeKey && ledger.eventByKey(causeKey),
    ledger.retractedBy(event.position),
    isRetraction ? ledger.eventByKey({ source: eventSource, id: eventId }) : null,
  ]);
  return { previous, next, cause, causeKey, retraction, retracted };
}

/** The event that an event says it follows from: `causationid`, of `causationsource` or else of its own source. */
function causeOf(event: RecordedEvent): EventKey | null {
  const { causationid, causationsource } = attributesOf(event);
  if (typeof causationid !== 'string') return null;
  return { source: typeof causationsource === 'string' ? causationsource : event.source, id: causationid };
}

function attributesOf({ envelope }: RecordedEvent): Readonly<Record<string, unknown>> {
  return JSON.parse(envelope) as Readonly<Record<string, unknown>>;
}

function article(event: RecordedEvent, line: string, around: Neighbours): string {
  const { previous, next } = around;
  const toNext = next ? `<a class="button" rel="next" href="/events/${next.position}">Next ›</a>` : '';
  const toPrevious = previous ? `<a class="button" rel="prev" href="/events/${previous.position}">‹ Previous</a>` : '';
  return `<article id="event" class="stack">
<div class="title"><h1>${e(event.type)}</h1><span class="muted">of <a href="${e(subjectLink(event))}">${e(event.subject)}</a> at ${at(event.occurredAt)}</span><span class="rest row">${toPrevious}${toNext}</span></div>
${notes(event, around)}
<section class="panel" aria-label="Envelope"><dl class="inside facts">
${facts(event, around)
  .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
  .join('\n')}
</dl></section>
<section class="panel" aria-labelledby="data"><header><h2 id="data">Data</h2></header><pre tabindex="0">${event.dataText === null ? 'erased' : e(pretty(event.dataText))}</pre></section>
<details class="panel"><summary class="inside">CloudEvent, as it is exported</summary><pre id="cloudevent" tabindex="0">${e(pretty(line))}</pre></details>
</article>`;
}

function notes(event: RecordedEvent, { retraction, retracted }: Neighbours): string {
  const found: string[] = [];
  if (retraction) {
    const { reason } = retraction.data as { readonly reason?: string };
    found.push(
      note(
        'bad',
        `Retracted by ${link(retraction)} at ${at(retraction.recordedAt)}: ${e(reason ?? '')}. It counts in no answer after that position.`,
      ),
    );
  }
  if (retracted) found.push(note('warn', `Takes back ${link(retracted)}.`));
  if (event.erased)
    found.push(
      note('unknown', 'Its data was erased for good. Place, digest and hash stay, and the chain still verifies.'),
    );
  if (event.synthetic) found.push(note('plain', 'Synthetic: the source says that it was made up, as for a drill.'));
  if (isClockAhead(event)) {
    found.push(
      note('warn', 'Its source’s clock ran more than a minute ahead: it takes its place by when it was recorded.'),
    );
  }
  return found.join('\n');
}

function note(tone: string, html: string): string {
  return `<p class="note ${tone}">${html}</p>`;
}

type Fact = readonly [name: string, html: string];

function facts(event: RecordedEvent, around: Neighbours): Fact[] {
  const attributes = attributesOf(event);
  const stream = encodeURIComponent(event.stream);
  return [
    ['Happened', happened(event)],
    ['Recorded', at(event.recordedAt)],
    ['Position', `<a href="/events/${event.position}">${event.position}</a>`],
    ['Stream', `<a class="mono" href="/events?stream=${stream}">${e(event.stream)}</a>, revision ${event.revision}`],
    ['Subject', `<a href="${e(subjectLink(event))}">${e(event.category)} ${e(event.subject)}</a>`],
    ...named(event),
    ['Source', `<span class="mono">${e(event.source)}</span>`],
    ['Id', `<span class="mono">${e(event.id)}</span>`],
    ['Appended by', event.actor === null ? '<span class="muted">someone without a token</span>' : e(event.actor)],
    ...caused(around),
    ...optional('Correlation', attributes['correlationid']),
    ...optional('Trace', attributes['traceparent']),
    ['Hash', `<span class="mono">${e(event.hash)}</span>`],
    ['Data digest', `<span class="mono">${e(event.dataHash)}</span>`],
    ['Before it', inChain(around.previous, 'none: it opens the stream')],
    ['After it', inChain(around.next, 'none yet')],
  ];
}

function happened(event: RecordedEvent): string {
  if (!event.occurredAtKnown)
    return `${at(event.occurredAt)} <span class="muted">when it was recorded: the source sent no time</span>`;
  return event.notBefore === null ? at(event.occurredAt) : `between ${at(event.notBefore)} and ${at(event.occurredAt)}`;
}

/** Clusters, components and incidents that its data names, besides its subject. */
function named(event: RecordedEvent): Fact[] {
  const data = event.data as {
    readonly clusterIds?: unknown;
    readonly clusterId?: unknown;
    readonly duplicateOf?: unknown;
  };
  const clusters = [...(Array.isArray(data.clusterIds) ? data.clusterIds : []), data.clusterId].filter(isText);
  const found: Fact[] = [];
  if (clusters.length > 0) {
    const links = clusters.map((id) => `<a href="/clusters/${e(encodeURIComponent(id))}">${e(id)}</a>`);
    found.push([clusters.length === 1 ? 'Cluster' : 'Clusters', links.join(', ')]);
  }
  if (isText(data.duplicateOf)) {
    const id = data.duplicateOf;
    found.push(['Repeats incident', `<a href="/incidents/${e(encodeURIComponent(id))}">${e(id)}</a>`]);
  }
  return found;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function caused({ cause, causeKey }: Neighbours): Fact[] {
  if (cause) return [['Cause', link(cause)]];
  if (causeKey === null) return [];
  return [
    [
      'Cause',
      `<span class="mono">${e(causeKey.id)}</span> of <span class="mono">${e(causeKey.source)}</span>, which is not recorded here`,
    ],
  ];
}

function optional(name: string, value: unknown): Fact[] {
  return typeof value === 'string' ? [[name, `<span class="mono">${e(value)}</span>`]] : [];
}

function inChain(event: RecordedEvent | null, none: string): string {
  if (event === null) return `<span class="muted">${none}</span>`;
  return `${link(event)} <span class="mono muted">${e(event.hash)}</span>`;
}

function link({ position, type }: RecordedEvent): string {
  return `<a href="/events/${position}">${e(type)} at position ${position}</a>`;
}

/** Where an event's subject is shown: clusters at the moment of the event. */
function subjectLink({ category, subject, stream }: RecordedEvent): string {
  const id = encodeURIComponent(subject);
  if (category === 'cluster') return `/clusters/${id}`;
  if (category === 'incident') return `/incidents/${id}`;
  return `/events?stream=${encodeURIComponent(stream)}`;
}

function at(time: Micros): string {
  const text = formatTime(time);
  return `<time datetime="${text}">${text.replace('T', ' ')}</time>`;
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
