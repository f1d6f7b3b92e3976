/** Where what is kept beside the envelope, for speed, says something else than the envelope, which is hashed. */
import { CATALOGUE } from '../../schemas/catalogue.ts';
import { endOfStart } from '../../schemas/cloudevents/envelope.ts';
import { TYPE_PREFIX } from '../../schemas/event.ts';
import { EARLIEST, formatTime, LATEST, type Micros } from '../../schemas/time.ts';
import type { StoredEvent } from './port.ts';

/**
 * Compares without parsing where it can: a ledger's envelopes begin with what is kept beside them, in a fixed order, and
 * mostly end as the one before. What does not look like that is parsed and compared name by name.
 */
export class EnvelopeComparison {
  /** Who appended, as the envelope before said it, and as it was kept beside it: mostly the same for long stretches. */
  #lastEnd = '';
  #lastActor: string | null = null;

  /** What differs, in words; empty where nothing does. */
  faults(event: StoredEvent): readonly string[] {
    const faults = this.#agrees(event) ? [] : differences(event);
    const { category } = CATALOGUE[event.type];
    if (category === 'any' || category === event.category) return faults;
    return [...faults, `a ${event.type} does not belong into ${event.stream}`];
  }

  #agrees(event: StoredEvent): boolean {
    const { occurredAt, notBefore, envelope } = event;
    if (!isTime(occurredAt) || (notBefore !== null && !isTime(notBefore))) return false;
    const { id, source, type, subject, synthetic } = event;
    const time = event.occurredAtKnown ? occurredAt : null;
    const at = endOfStart(envelope, { id, source, type, subject, time, notBefore, synthetic });
    if (at < 0) return false;
    if (envelope.length === at + this.#lastEnd.length && envelope.endsWith(this.#lastEnd)) {
      return this.#lastActor === event.actor;
    }
    return this.#learns(envelope.slice(at), event.actor);
  }

  #learns(end: string, actor: string | null): boolean {
    const match = END.exec(end);
    const auth = match && parsedObject(`{${match[1]}}`);
    if (!auth || ((auth['authid'] as string | undefined) ?? null) !== actor) return false;
    [this.#lastEnd, this.#lastActor] = [end, actor];
    return true;
  }
}

const TEXT = '"(?:[^"\\\\]|\\\\.)*"';
/** Nothing but who appended. */
const END = new RegExp(`^,("authtype":${TEXT}(?:,"authid":${TEXT})?)}$`);

function differences(event: StoredEvent): readonly string[] {
  const envelope = parsedObject(event.envelope);
  if (!envelope) return ['its envelope is not a JSON object'];
  const due: Record<string, unknown> = {
    id: event.id,
    source: event.source,
    type: `${TYPE_PREFIX}${event.type}`,
    subject: event.subject,
    time: event.occurredAtKnown ? timeText(event.occurredAt) : undefined,
    notbefore: event.notBefore === null ? undefined : timeText(event.notBefore),
    synthetic: event.synthetic ? true : undefined,
    authid: event.actor ?? undefined,
  };
  return Object.keys(due)
    .filter((name) => envelope[name] !== due[name])
    .map(
      (name) =>
        `its ${name} is kept as ${JSON.stringify(due[name])}, its envelope says ${JSON.stringify(envelope[name])}`,
    );
}

function parsedObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Also of a number that was tampered with and is no time any more. */
function timeText(at: Micros): string {
  return isTime(at) ? formatTime(at) : String(at);
}

function isTime(at: Micros): boolean {
  return at >= EARLIEST && at <= LATEST;
}
