/** One incident as a bundle: everything that concerns it, with what proves it, as one file. docs/proof.md. */
import { recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import type { FoldEvent, RecordedEvent } from '../../schemas/event.ts';
import { type Position, type Revision, type StreamCategory, type StreamName, streamName } from '../../schemas/ids.ts';
import { EARLIEST, formatTime, LATEST, type Micros } from '../../schemas/time.ts';
import type { Head, LedgerReader } from '../ledger/port.ts';
import {
  concernedStreams,
  type IncidentScope,
  incidentStream,
  isInside,
  scopeOf,
  type Window,
} from './incident-scope.ts';

export interface BundleQuery {
  readonly incident: string;
  /** How much of the time before and after the incident belongs to it, µs. */
  readonly marginMicros: number;
  /** Only what may be published: public statements, components and maintenances. */
  readonly isPublic: boolean;
}

/** What proves which ledger the bundle is of: a checkpoint and the stream ends that it digests. */
export interface BundleOrigin {
  readonly checkpoint: object & { readonly position: Position };
  /** Hashes are 32 bytes. */
  readonly ends: readonly { readonly stream: string; readonly revision: number; readonly hash: Uint8Array }[];
}

/** Gives lines their ends, and the bundle its last line: the ledger's, handed in. */
export interface BundleFrame {
  line(text: string): string;
  trailer(): string;
}

/** One stream's part: lines from `from` to `to`, with the data of those selected. */
interface StreamPart {
  readonly stream: StreamName;
  readonly from: Revision;
  readonly to: Revision;
  readonly selected: ReadonlySet<Revision>;
}

const PAGE_EVENTS = 500;
const PAGE_PLACES = 10_000;
const NO_HASH = '0'.repeat(64);

/** The bundle, page by page: each text holds whole lines. Gives nothing where the ledger has no such incident. */
export async function* bundlePages(
  ledger: LedgerReader,
  query: BundleQuery,
  { frame, origin }: { readonly frame: BundleFrame; readonly origin: BundleOrigin | null },
): AsyncGenerator<string> {
  const head = await ledger.head();
  const plan = await planned({ ledger, upTo: head.position }, query, head);
  if (plan === null) return;
  const parts = plan.parts.map((part) => extended(part, origin));
  const streams = [];
  for (const { stream, from, to } of parts) {
    streams.push({ stream, from, to, previous: await hashBefore(ledger, stream, from) });
  }
  const header = {
    ...{ bundle: 'musterbook', version: 1, incident: query.incident },
    ...{ from: formatTime(plan.window.from), to: formatTime(plan.window.to), public: query.isPublic },
    ...{ upTo: head.position, streams, checkpoint: origin?.checkpoint ?? null },
  };
  yield frame.line(JSON.stringify(header));
  for await (const page of inOrder(ledger, parts)) {
    yield page.map(({ event, withheld }) => frame.line(recordedLine(event, { withheld }))).join('');
  }
  for (const { stream, revision, hash } of sortedEnds(origin)) {
    const hex = Buffer.from(hash).toString('hex');
    yield frame.line(`{"end":${JSON.stringify(stream)},"revision":${revision},"hash":"${hex}"}`);
  }
  yield frame.trailer();
}

interface Plan {
  readonly window: Window;
  readonly parts: readonly StreamPart[];
}

/** A ledger as it was when the bundle was begun. */
interface Source {
  readonly ledger: LedgerReader;
  readonly upTo: Position;
}

async function planned(source: Source, query: BundleQuery, { recordedAt }: Head): Promise<Plan | null> {
  const { ledger, upTo } = source;
  const stream = incidentStream(query.incident);
  const own = await collected((from) => ledger.readStream(stream, { from, upTo, limit: PAGE_EVENTS }));
  const retracted = await ledger.retractedAmong(
    own.map(({ position }) => position),
    upTo,
  );
  const scope = scopeOf(own, new Set(retracted.keys()));
  if (scope === null) return null;
  const over = scope.to ?? recordedAt ?? scope.from;
  const window = {
    from: Math.max(scope.from - query.marginMicros, EARLIEST) as Micros,
    to: Math.min(over + query.marginMicros, LATEST) as Micros,
  };
  const shown = query.isPublic ? scope.publicRevisions : new Set(own.map(({ revision }) => revision));
  // The whole stream, whatever is shown of it: nobody can leave a post out unseen.
  const whole = { stream, from: 0 as Revision, to: own.at(-1)?.revision ?? (0 as Revision), selected: shown };
  const parts: (StreamPart | null)[] = [whole];
  if (!query.isPublic) for (const id of scope.clusterIds) parts.push(await inWindow(source, 'cluster', id, window));
  for (const id of scope.componentIds) parts.push(await inWindow(source, 'component', id, window));
  parts.push(...(await concerned(source, query, scope, window)));
  return { window, parts: parts.filter((part) => part !== null) };
}

/** Of a cluster or component, what took place in the window, with what takes it back; of a component also what it is. */
async function inWindow(
  source: Source,
  category: StreamCategory,
  subject: string,
  window: Window,
): Promise<StreamPart | null> {
  const { ledger, upTo } = source;
  const stream = streamName(category, subject);
  const selected = new Set<Revision>();
  for (let from = 0 as Revision; ; ) {
    const places = await ledger.readPlaces(stream, { from, upTo, limit: PAGE_PLACES });
    const inside: Position[] = [];
    for (const { position, revision, effectiveAt, type } of places) {
      // A retraction belongs to the event that it names, wherever it stands itself.
      if (type === 'EventRetracted') continue;
      if (!isInside(effectiveAt, window) && !(type === 'ComponentRegistered' && effectiveAt <= window.to)) continue;
      selected.add(revision);
      inside.push(position);
    }
    await addRetractions(source, { selected, positions: inside });
    if (places.length < PAGE_PLACES) return partOf(stream, selected);
    from = ((places.at(-1)?.revision ?? 0) + 1) as Revision;
  }
}

async function addRetractions(
  { ledger, upTo }: Source,
  { selected, positions }: { readonly selected: Set<Revision>; readonly positions: readonly Position[] },
): Promise<void> {
  for (const retraction of (await ledger.retractedAmong(positions, upTo)).values()) {
    const event = await ledger.eventAt(retraction);
    if (event) selected.add(event.revision);
  }
}

/** Maintenances that concern the incident, whole; and of collectors the gaps that do. */
async function concerned(
  source: Source,
  query: BundleQuery,
  scope: IncidentScope,
  window: Window,
): Promise<readonly (StreamPart | null)[]> {
  const { ledger, upTo } = source;
  const parts: (StreamPart | null)[] = [];
  const categories: StreamCategory[] = query.isPublic ? ['maintenance'] : ['maintenance', 'collector'];
  const found = new Map<StreamName, Set<Revision>>();
  for (let after = 0 as Position; ; ) {
    const page = await ledger.readAll({ after, upTo, categories, limit: PAGE_EVENTS });
    for (const [stream, revisions] of concernedStreams(page, scope, window)) {
      found.set(stream, new Set([...(found.get(stream) ?? []), ...revisions]));
    }
    if (page.length < PAGE_EVENTS) break;
    after = page.at(-1)?.position ?? after;
  }
  for (const [stream, revisions] of found) {
    const isWhole = stream.startsWith('maintenance-');
    const all = await collected((from) => ledger.readStream(stream, { from, upTo, limit: PAGE_EVENTS }));
    const chosen = all.filter(({ revision }) => isWhole || revisions.has(revision));
    const selected = new Set(chosen.map(({ revision }) => revision));
    await addRetractions(source, { selected, positions: chosen.map(({ position }) => position) });
    parts.push(partOf(stream, selected));
  }
  return parts;
}

/** All of a stream between its first and its last selected event; null where none is. */
function partOf(stream: StreamName, selected: ReadonlySet<Revision>): StreamPart | null {
  let [from, to] = [Number.MAX_SAFE_INTEGER, -1];
  for (const revision of selected) [from, to] = [Math.min(from, revision), Math.max(to, revision)];
  return to < 0 ? null : { stream, from: from as Revision, to: to as Revision, selected };
}

/** Up to the stream's end at the checkpoint, so that the checkpoint proves what comes before it. */
function extended(part: StreamPart, origin: BundleOrigin | null): StreamPart {
  const end = origin?.ends.find(({ stream }) => stream === part.stream);
  return end && end.revision > part.to ? { ...part, to: end.revision as Revision } : part;
}

async function hashBefore(ledger: LedgerReader, stream: StreamName, revision: Revision): Promise<string> {
  if (revision === 0) return NO_HASH;
  const before = (revision - 1) as Revision;
  const [event] = await ledger.readStreamRecorded(stream, { from: before, to: before, limit: 1 });
  return event?.hash ?? NO_HASH;
}

interface Line {
  readonly event: RecordedEvent;
  readonly withheld: boolean;
}

/** The events of all parts in the order of the ledger, page by page. Holds one page of each stream. */
async function* inOrder(ledger: LedgerReader, parts: readonly StreamPart[]): AsyncGenerator<readonly Line[]> {
  const readers = parts.map((part) => linesOf(ledger, part));
  const heads: (Line | null)[] = [];
  for (const reader of readers) heads.push(await nextOf(reader));
  let page: Line[] = [];
  for (;;) {
    let first = -1;
    for (const [index, line] of heads.entries()) {
      if (line && (first < 0 || line.event.position < (heads[first]?.event.position ?? 0))) first = index;
    }
    const line = heads[first];
    if (!line) break;
    page.push(line);
    if (page.length >= PAGE_EVENTS) {
      yield page;
      page = [];
    }
    heads[first] = await nextOf(readers[first] as AsyncGenerator<Line>);
  }
  if (page.length > 0) yield page;
}

async function* linesOf(ledger: LedgerReader, { stream, from, to, selected }: StreamPart): AsyncGenerator<Line> {
  for (let next = from; next <= to; ) {
    const page = await ledger.readStreamRecorded(stream, { from: next, to, limit: PAGE_EVENTS });
    for (const event of page) yield { event, withheld: !selected.has(event.revision) };
    if (page.length === 0) return;
    next = ((page.at(-1)?.revision ?? to) + 1) as Revision;
  }
}

async function nextOf(reader: AsyncGenerator<Line>): Promise<Line | null> {
  const next = await reader.next();
  return next.done ? null : next.value;
}

async function collected(read: (from: Revision) => Promise<readonly FoldEvent[]>): Promise<readonly FoldEvent[]> {
  const all: FoldEvent[] = [];
  for (;;) {
    const page = await read(((all.at(-1)?.revision ?? -1) + 1) as Revision);
    all.push(...page);
    if (page.length < PAGE_EVENTS) return all;
  }
}

function sortedEnds(origin: BundleOrigin | null): BundleOrigin['ends'] {
  return (origin?.ends ?? []).toSorted((left, right) =>
    Buffer.compare(Buffer.from(left.stream), Buffer.from(right.stream)),
  );
}
