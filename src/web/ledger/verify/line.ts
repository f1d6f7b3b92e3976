/** One line of `/export.jsonl`, taken apart without parsing it: what is hashed are the very bytes that stand in it (docs/ledger-port.md). */

export interface ExportedEvent {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  /** µs since 1970. */
  readonly recordedAt: number;
  /** What the hash covers, where that is not `recordedAt`. */
  readonly chainedAt: number | null;
  /** False where the line gives recordedat for the time that its source did not send. */
  readonly isTimeKnown: boolean;
  /** As stored. */
  readonly envelope: string;
  /** As stored; null where it was erased. */
  readonly data: string | null;
  /** Hexadecimal: the salt, or of erased data its digest. */
  readonly saltOrDigest: string;
  /** Hexadecimal. */
  readonly hash: string;
}

// Inside a text the quotes of these would be escaped: where they stand, a member begins.
const OWN_MEMBERS = ',"position":';
const DATA_MEMBER = ',"data":';

const TIME = '"(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3})(\\d{3})?Z"';
const TEXT = String.raw`"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})+"`;
const OWN = new RegExp(
  `^,"position":(\\d{1,16}),"stream":(${TEXT}),"revision":(\\d{1,16}),"recordedat":${TIME}(?:,"chainedat":${TIME})?` +
    '(?:,"salt":"([0-9a-f]{32})","hash":"([0-9a-f]{64})"|,"hash":"([0-9a-f]{64})","erased":true,"datahash":"([0-9a-f]{64})")}$',
);

/** Takes a line apart; null where no export writes it so. Whether its hash holds is not looked at. */
export function takeApart(line: string): ExportedEvent | null {
  const at = line.lastIndexOf(OWN_MEMBERS);
  const own = at < 0 ? null : OWN.exec(line.slice(at));
  if (own === null) return null;
  const [, position, stream = '', revision, recorded, recordedMicros, chained, chainedMicros] = own;
  const [salt, hash, erasedHash, dataDigest] = own.slice(8);
  const recordedAt = micros(recorded, recordedMicros);
  const stated = `,"time":"${recorded}${recordedMicros ?? ''}Z","timeknown":false`;
  const isTimeKnown = !line.startsWith(stated, at - stated.length);
  const stored = line.slice(0, isTimeKnown ? at : at - stated.length);
  const dataAt = stored.indexOf(DATA_MEMBER);
  if (dataAt < 0 !== (salt === undefined) || Number.isNaN(recordedAt)) return null;
  return {
    position: Number(position),
    stream: stream.includes('\\') ? (JSON.parse(stream) as string) : stream.slice(1, -1),
    revision: Number(revision),
    recordedAt,
    chainedAt: chained === undefined ? null : micros(chained, chainedMicros),
    isTimeKnown,
    envelope: `${dataAt < 0 ? stored : stored.slice(0, dataAt)}}`,
    data: dataAt < 0 ? null : stored.slice(dataAt + DATA_MEMBER.length),
    saltOrDigest: salt ?? dataDigest ?? '',
    hash: hash ?? erasedHash ?? '',
  };
}

function micros(time: string | undefined, rest = '000'): number {
  return Date.parse(`${time}Z`) * 1_000 + Number(rest);
}

/** Where a line that cannot be taken apart seems to belong, and the hash that it states. */
export function salvaged(line: string): Pick<ExportedEvent, 'position' | 'stream' | 'revision' | 'hash'> | null {
  const found = /,"position":(\d{1,15}),"stream":"([^"\\]+)","revision":(\d{1,15}),.*?"hash":"([0-9a-f]{64})"/.exec(
    line,
  );
  const [, position, stream = '', revision, hash = ''] = found ?? [];
  return found && { position: Number(position), stream, revision: Number(revision), hash };
}
