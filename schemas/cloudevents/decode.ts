/** From a CloudEvent in JSON to an event of ours, or to what is wrong with it. The one place where `unknown` becomes typed. */
import { type EventName, isEventName, validateData } from '../catalogue.ts';
import { type NewEvent, TYPE_PREFIX } from '../event.ts';
import { isId } from '../ids.ts';
import { formatTime, type Micros, parseTime } from '../time.ts';

export interface EventFault {
  readonly code: EventFaultCode;
  readonly message: string;
  /** JSON pointer into the CloudEvent. */
  readonly path: string;
}

export type EventFaultCode =
  | 'ENVELOPE_INVALID'
  | 'ID_INVALID'
  | 'EVENT_TYPE_UNKNOWN'
  | 'TIME_UNREADABLE'
  | 'TIME_WITHOUT_ZONE'
  | 'TIME_OUT_OF_RANGE'
  | 'DATA_INVALID';

export type Decoded =
  | { readonly ok: true; readonly event: NewEvent }
  | { readonly ok: false; readonly fault: EventFault };

/** Attributes that the ledger gives; on the way in they are ignored. */
const LEDGER_ATTRIBUTES: ReadonlySet<string> = new Set([
  'position',
  'stream',
  'revision',
  'recordedat',
  'chainedat',
  'salt',
  'hash',
  'datahash',
  'authtype',
  'authid',
  'timeknown',
  'erased',
]);

const CONTEXT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'data',
  'datacontenttype',
  'notbefore',
  'synthetic',
]);

const EXTENSION_NAME = /^[a-z0-9]{1,64}$/;
const JSON_CONTENT = /^(application|text)\/([^;]+\+)?json\s*(;.*)?$/i;

/** Reads a CloudEvent 1.0 in its JSON format (structured mode). Nothing is changed but the time's precision and zone. */
export function decodeEvent(value: unknown): Decoded {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return fault('ENVELOPE_INVALID', '', 'expected a CloudEvent: a JSON object');
  }
  const raw = value as Readonly<Record<string, unknown>>;
  return attributeFault(raw) ?? decodeAttributes(raw);
}

/** As `decodeEvent`, of an event whose data was erased elsewhere: nothing is asked of `data`, which is `{}` here. */
export function decodeErased(value: Readonly<Record<string, unknown>>): Decoded {
  return attributeFault(value) ?? decodeAttributes(value, { isErased: true });
}

function attributeFault(raw: Readonly<Record<string, unknown>>): Decoded | null {
  if (raw['specversion'] !== '1.0') return fault('ENVELOPE_INVALID', '/specversion', 'specversion must be "1.0"');
  for (const name of ['id', 'source', 'subject'] as const) {
    const text = raw[name];
    if (typeof text === 'string' && isId(text)) continue;
    const found =
      text === undefined ? 'is missing' : typeof text === 'string' ? 'is not a valid id' : 'is not a string';
    return fault(
      'ID_INVALID',
      `/${name}`,
      `${name} ${found}: expected 1 to 200 characters, without control characters, lone surrogates or white space at the ends`,
    );
  }
  const contentType = raw['datacontenttype'];
  if (contentType != null && !(typeof contentType === 'string' && JSON_CONTENT.test(contentType))) {
    return fault(
      'ENVELOPE_INVALID',
      '/datacontenttype',
      'datacontenttype must be a JSON type, such as application/json',
    );
  }
  if ('data_base64' in raw)
    return fault('DATA_INVALID', '/data_base64', 'send `data` as a JSON object, not as data_base64');
  return null;
}

function decodeAttributes(raw: Readonly<Record<string, unknown>>, { isErased = false } = {}): Decoded {
  const type = eventName(raw['type']);
  if (type === null) {
    const found = typeof raw['type'] === 'string' ? JSON.stringify(raw['type'].slice(0, 200)) : 'nothing';
    return fault(
      'EVENT_TYPE_UNKNOWN',
      '/type',
      `type must be one of the catalogue's, such as ${TYPE_PREFIX}LeaderElected; found ${found}`,
    );
  }
  const timeSent = raw['timeknown'] === false || raw['timeknown'] === 'false' ? undefined : raw['time'];
  const time = decodeTime(timeSent, '/time');
  if (typeof time === 'object' && time !== null) return time;
  const notBefore = decodeTime(raw['notbefore'], '/notbefore');
  if (typeof notBefore === 'object' && notBefore !== null) return notBefore;
  if (notBefore !== null && time !== null && notBefore > time) {
    return fault('ENVELOPE_INVALID', '/notbefore', `notbefore must not be later than time (${formatTime(time)})`);
  }
  const synthetic = raw['synthetic'] ?? false;
  if (typeof synthetic !== 'boolean') return fault('ENVELOPE_INVALID', '/synthetic', 'synthetic must be true or false');
  const extensions = decodeExtensions(raw);
  if (!extensions.ok) return extensions;
  const data = isErased ? {} : (raw['data'] ?? {});
  const wrong = isErased ? null : validateData(type, data);
  if (wrong) return fault('DATA_INVALID', `/data${wrong.path}`, `${lastName(wrong.path)} ${wrong.message}`);
  const event = {
    id: raw['id'] as string,
    source: raw['source'] as string,
    type,
    subject: raw['subject'] as string,
    time,
    notBefore,
    synthetic,
    extensions: extensions.extensions,
    data: data as NewEvent['data'],
  };
  return { ok: true, event };
}

function eventName(type: unknown): EventName | null {
  if (typeof type !== 'string') return null;
  const name = type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : type;
  return isEventName(name) ? name : null;
}

function decodeTime(value: unknown, path: string): Micros | null | Decoded {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') return fault('TIME_UNREADABLE', path, `${path.slice(1)} must be a string in RFC 3339`);
  const at = parseTime(value);
  if (typeof at === 'number') return at;
  return fault(at, path, `${path.slice(1)} ${TIME_ADVICE[at]}; found ${JSON.stringify(value.slice(0, 64))}`);
}

const TIME_ADVICE = {
  TIME_UNREADABLE: 'must be RFC 3339, such as 2022-12-13T20:14:00Z',
  TIME_WITHOUT_ZONE: 'must have a zone: Z or an offset such as -05:00',
  TIME_OUT_OF_RANGE: 'must lie between 1970 and 2200',
} as const;

type Extensions = NewEvent['extensions'];
const NO_EXTENSIONS: Extensions = {};

function decodeExtensions(
  raw: Readonly<Record<string, unknown>>,
): { ok: true; extensions: Extensions } | (Decoded & { ok: false }) {
  let extensions: Record<string, string | number | boolean> | null = null;
  for (const name of Object.keys(raw)) {
    if (CONTEXT_ATTRIBUTES.has(name) || LEDGER_ATTRIBUTES.has(name)) continue;
    const value = raw[name];
    if (value === null) continue;
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!EXTENSION_NAME.test(name)) {
      return fault(
        'ENVELOPE_INVALID',
        pointer,
        'attribute names have lower-case letters and digits only; put your own fields into data',
      );
    }
    if (!isScalar(value))
      return fault('ENVELOPE_INVALID', pointer, `${name} must be a string, an integer or a boolean`);
    extensions ??= {};
    extensions[name] = value;
  }
  return { ok: true, extensions: extensions ?? NO_EXTENSIONS };
}

function isScalar(value: unknown): value is string | number | boolean {
  if (typeof value === 'string') return value.isWellFormed();
  return typeof value === 'boolean' || Number.isSafeInteger(value);
}

function lastName(path: string): string {
  return path === '' ? 'data' : path.slice(path.lastIndexOf('/') + 1);
}

function fault(code: EventFaultCode, path: string, message: string): Decoded & { ok: false } {
  return { ok: false, fault: { code, path, message } };
}
