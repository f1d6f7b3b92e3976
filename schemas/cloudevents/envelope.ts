/** The envelope as the ledger stores, hashes and exports it; and when two events are the same. */
import { type NewEvent, TYPE_PREFIX } from '../event.ts';
import { canonicalJson } from '../json/canonical.ts';
import { formatTime, type Micros } from '../time.ts';

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
