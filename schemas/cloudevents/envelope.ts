/** The envelope as the ledger stores, hashes and exports it; and when two events are the same. */
import { type NewEvent, TYPE_PREFIX } from '../event.ts';
import { canonicalJson } from '../json/canonical.ts';
import { endOfTime, formatTime, type Micros } from '../time.ts';

/** Who appended, as CloudEvents' auth context extension has it. */
export interface Auth {
  readonly authType: string;
  readonly authId: string | null;
}

/**
 * The attributes of an event as one JSON object without `data`: these bytes are stored and hashed. The order is fixed
 * (context attributes, ours, other extensions by name, who appended), so an exported event that is restored elsewhere
 * gives the same bytes.
 */
export function envelopeText(event: NewEvent, auth: Auth): string {
  const time = event.time === null ? '' : `,"time":"${formatTime(event.time)}"`;
  const notBefore = event.notBefore === null ? '' : `,"notbefore":"${formatTime(event.notBefore)}"`;
  const synthetic = event.synthetic ? ',"synthetic":true' : '';
  let extensions = '';
  for (const name of sortedNames(event.extensions))
    extensions += `,"${name}":${JSON.stringify(event.extensions[name])}`;
  const authId = auth.authId === null ? '' : `,"authid":${quoted(auth.authId)}`;
  return `{"specversion":"1.0","id":${quoted(event.id)},"source":${quoted(event.source)},"type":"${TYPE_PREFIX}${event.type}","subject":${quoted(event.subject)}${time}${notBefore}${synthetic}${extensions},"authtype":${quoted(auth.authType)}${authId}}`;
}

/** What of an event stands first in its envelope, and is also kept beside it. */
export type EnvelopeStart = Pick<NewEvent, 'id' | 'source' | 'type' | 'subject' | 'time' | 'notBefore' | 'synthetic'>;

/**
 * Whether an envelope begins as `envelopeText` of this event does: where its other extensions or who appended begin,
 * else -1. Makes no text, for comparing millions. Where an id, source or subject is not plain ASCII it answers -1.
 */
export function endOfStart(envelope: string, event: EnvelopeStart): number {
  if (!(PLAIN.test(event.id) && PLAIN.test(event.source) && PLAIN.test(event.subject))) return -1;
  let at = 0;
  const passes = (text: string): boolean => {
    if (!envelope.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };
  const passesTime = (name: string, time: Micros | null): boolean => {
    if (time === null) return true;
    if (!passes(name)) return false;
    at = endOfTime(envelope, at, time);
    return at >= 0 && passes('"');
  };
  const isSame =
    passes('{"specversion":"1.0","id":"') &&
    passes(event.id) &&
    passes('","source":"') &&
    passes(event.source) &&
    passes(TYPE_MEMBER) &&
    passes(event.type) &&
    passes('","subject":"') &&
    passes(event.subject) &&
    passes('"') &&
    passesTime(',"time":"', event.time) &&
    passesTime(',"notbefore":"', event.notBefore) &&
    (!event.synthetic || passes(',"synthetic":true'));
  return isSame ? at : -1;
}

const TYPE_MEMBER = `","type":"${TYPE_PREFIX}`;

// Most events have no extension.
function sortedNames(extensions: NewEvent['extensions']): readonly string[] {
  const names = Object.keys(extensions);
  return names.length > 1 ? names.sort() : names;
}

/** Printable ASCII but for `"` and `\`: what JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A text as JSON. Every append comes through here, and nearly all ids, sources and subjects are plain. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** What identity is judged by, of an event that is recorded already. */
export interface RecordedContent {
  readonly type: string;
  readonly subject: string;
  /** null where the source sent no time. */
  readonly time: Micros | null;
  /** null once erased: then any content is the same. */
  readonly dataText: string | null;
}

/** Whether an event that comes with a known (source, id) says the same: type, subject, time as an instant if it was sent, data as canonical JSON. */
export function sameContent(recorded: RecordedContent, event: NewEvent): boolean {
  if (recorded.dataText === null) return true;
  if (recorded.type !== event.type || recorded.subject !== event.subject || recorded.time !== event.time) return false;
  const text = JSON.stringify(event.data);
  return recorded.dataText === text || canonicalJson(JSON.parse(recorded.dataText)) === canonicalJson(event.data);
}
