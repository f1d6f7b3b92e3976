/** The two moments of `cluster diff`, as its flags name them. */
import { formatTime, parseTime } from '../../schemas/time.ts';
import { usageFailure } from './failure.ts';

export interface DiffFlags {
  readonly from?: string;
  readonly to?: string;
  readonly fromKnownAt?: string;
  readonly toKnownAt?: string;
  readonly knownAt?: string;
}

/** The input `Moment`: exactly one of these. */
export type DiffMoment =
  | { readonly position: string }
  | { readonly knownAt: string }
  | { readonly happenedAt: string }
  | { readonly bitemporal: { readonly happenedAt: string; readonly knownAt: string } };

/** `to` null: the present. Throws a usage failure that names the flag. */
export function readMoments(flags: DiffFlags): { readonly from: DiffMoment; readonly to: DiffMoment | null } {
  const { from, to, fromKnownAt, toKnownAt, knownAt } = flags;
  const first = readMoment({ flag: '--from', at: from }, knownFlag('--from-known-at', fromKnownAt, knownAt));
  const second = readMoment({ flag: '--to', at: to }, knownFlag('--to-known-at', toKnownAt, knownAt));
  // --known-at alone would compare what was known then with itself.
  if (first === null || (from === undefined && fromKnownAt === undefined)) {
    throw usageFailure('say which moment to compare from: --from <time|position>, or --from-known-at <time>');
  }
  return { from: first, to: second };
}

interface Given<Text> {
  readonly flag: string;
  readonly at: Text;
}

/** The flag for one side, else the one for both. */
function knownFlag(flag: string, own: string | undefined, shared: string | undefined): Given<string | undefined> {
  return own === undefined && shared !== undefined ? { flag: '--known-at', at: shared } : { flag, at: own };
}

function readMoment(moment: Given<string | undefined>, known: Given<string | undefined>): DiffMoment | null {
  const knownAt = known.at === undefined ? null : readTime(known.flag, known.at);
  if (moment.at === undefined) return knownAt === null ? null : { knownAt };
  const position = /^#?(\d+)$/.exec(moment.at)?.[1];
  if (position === undefined) {
    const happenedAt = readTime(
      moment.flag,
      moment.at,
      'a time such as 2022-12-13T20:14:00Z, or a position such as 120',
    );
    return knownAt === null ? { happenedAt } : { bitemporal: { happenedAt, knownAt } };
  }
  if (knownAt !== null) {
    const message = `${moment.flag} ${position} is a position, which says already what was known`;
    throw usageFailure(message, `Leave ${known.flag} out, or give ${moment.flag} as a time.`);
  }
  return { position };
}

function readTime(flag: string, text: string, expected = 'a time such as 2022-12-13T20:14:00Z'): string {
  const at = parseTime(text);
  if (at === 'TIME_WITHOUT_ZONE')
    throw usageFailure(`${flag} ${text}: expected a time with its zone, such as ${text}Z`);
  if (typeof at === 'string') throw usageFailure(`${flag} ${text}: expected ${expected}`);
  return formatTime(at);
}
