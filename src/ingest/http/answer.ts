/** Answers of the way in: what was appended, and problems (RFC 9457) that say what to do. */
import { hintOf } from '../../accept/rejections.ts';
import { ERRORS, type ErrorCode, MusterbookError } from '../../errors.ts';
import type { Feed, Tally } from './feed.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What all records came to: 200, 207 where some were rejected, 422 where all were, 403 where all for want of a role. */
export function answerOf({ tally, codes }: Feed): Answer {
  if (tally.rejectedCount === 0) return json(200, counts(tally));
  if (tally.appended + tally.duplicates > 0) return json(207, counts(tally));
  const [code] = codes;
  if (codes.size > 1 || code === undefined) {
    return problem(
      { status: 422, code: 'ALL_REJECTED', hint: 'Look at the code and hint of each.' },
      `none of ${tally.rejectedCount} records could be taken`,
      tally,
    );
  }
  const status = code === 'FORBIDDEN' ? 403 : 422;
  const { message } = tally.rejected[0] as Tally['rejected'][number];
  return problem({ status, code, hint: hintOf(code) ?? '' }, message, tally);
}

/** A request that could not be read as a whole: nothing of it was taken. */
export function unreadableAnswer(message: string): Answer {
  return problem({ ...ERRORS.JSON_UNREADABLE, code: 'JSON_UNREADABLE' }, message);
}

/** An operating error, with what was appended before it. */
export function failureAnswer(error: MusterbookError, tally: Tally): Answer {
  const { status, code, hint } = error;
  const isBegun = tally.appended + tally.duplicates + tally.rejectedCount > 0 || status === 503;
  return problem({ status, code, hint }, error.message, isBegun ? tally : undefined);
}

export function refusal(code: ErrorCode, message: string): MusterbookError {
  return new MusterbookError(code, message);
}

interface Kind {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
}

function problem({ status, code, hint }: Kind, detail: string, tally?: Tally): Answer {
  const body = { type: 'about:blank', title: code, status, detail, code, hint, ...(tally ? counts(tally) : {}) };
  const retryAfter: Record<string, string> = status === 503 || status === 429 ? { 'retry-after': '1' } : {};
  const accepts: Record<string, string> = status === 415 ? { 'accept-encoding': 'gzip' } : {};
  const headers = { 'content-type': 'application/problem+json; charset=utf-8', ...retryAfter, ...accepts };
  return { status, headers, body: JSON.stringify(body) };
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

function counts({ rejected, ...rest }: Tally) {
  return { ...rest, rejected: rejected.map((each) => ({ ...each, hint: hintOf(each.code) })) };
}
