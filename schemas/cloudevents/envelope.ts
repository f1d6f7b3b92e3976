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
  let out = `{"specversion":"1.0","id":${JSON.stringify(event.id)},"source":${JSON.stringify(event.source)},"type":"${TYPE_PREFIX}${event.type}","subject":${JSON.stringify(event.subject)}`;
  if (event.time !== null) out += `,"time":"${formatTime(event.time)}"`;
  if (event.notBefore !== null) out += `,"notbefore":"${formatTime(event.notBefore)}"`;
  if (event.synthetic) out += ',"synthetic":true';
  for (const name of Object.keys(event.extensions).sort()) {
    out += `,"${name}":${JSON.stringify(event.extensions[name])}`;
  }
  out += `,"authtype":${JSON.stringify(auth.authType)}`;
  if (auth.authId !== null) out += `,"authid":${JSON.stringify(auth.authId)}`;
  return `${out}}`;
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
