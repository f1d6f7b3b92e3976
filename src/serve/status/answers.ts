/**
 * Answers about the status page, kept while nothing that it shows has changed: of the present until an event about an
 * incident, a component, a maintenance or a gap is published or the minute is over; of the past until an event is erased.
 */
import { createHash } from 'node:crypto';
import { type Position, START } from '../../../schemas/ids.ts';
import { MICROS_PER_SECOND, type Micros } from '../../../schemas/time.ts';
import type { Clock } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import type { Ledger } from '../../ledger/port.ts';
import { componentHistories, gapsStateAt, positionKnownAt, presentReader, type Views } from '../../project/views.ts';
import { buildingOf } from '../building.ts';
import { boundedCache } from './bounded-cache.ts';
import { fileAt, isOfSettings, isPage, TYPES } from './files.ts';
import { readMoment } from './moment.ts';
import { sorry } from './page/layout.ts';
import { momentText } from './page/times.ts';
import { gatherRecord, type StatusRecord } from './record.ts';
import type { StatusSettings } from './settings.ts';
import { siteOf } from './site.ts';
import { createTurns } from './turns.ts';
import { WORDS, type Words } from './words/words.ts';

export interface StatusAnswer {
  readonly status: 200 | 400 | 404 | 503;
  readonly type: string;
  readonly body: Uint8Array;
  /** A strong one: the position that the answer is of, and a digest of its bytes. Null for what is no file. */
  readonly etag: string | null;
}

export interface StatusQuestion {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Where the server is reached, without a slash at the end. */
  readonly base: string;
}

export interface StatusAnswers {
  /** Null where there is nothing. Throws `TOO_BUSY`, `NOT_YET`, and for files (pages say it themselves) what is wrong with a moment. */
  answer(question: StatusQuestion): Promise<StatusAnswer | null>;
  /** The same of the present, if it is kept. */
  kept(path: string, base: string): StatusAnswer | null;
  close(): void;
}

export interface StatusParts {
  readonly views: Views;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly settings: StatusSettings;
}

const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
const WAIT_MS = 5_000;
const PAST_RECORDS_MAX = 16;
const BYTES_MAX = 16 * 1024 * 1024;
/** Records of the past that are gathered at once, and questions that wait for their turn. */
const GATHERED_AT_ONCE = 2;
const WAITING_MAX = 64;

interface Present {
  readonly minute: number;
  readonly record: Promise<StatusRecord>;
}

export function createStatusAnswers({ views, ledger, clock, settings }: StatusParts): StatusAnswers {
  const sources = { views, ledger, histories: componentHistories(ledger, views) };
  const turns = createTurns(GATHERED_AT_ONCE, WAITING_MAX);
  const presentFiles = boundedCache<StatusAnswer>(BYTES_MAX);
  const pastFiles = boundedCache<StatusAnswer>(BYTES_MAX);
  const past = new Map<Micros, Promise<StatusRecord>>();
  const making = new WeakMap<StatusRecord, Map<string, Promise<StatusAnswer | null>>>();
  let present: Present | null = null;
  /** Where something that is shown last changed, as far as was looked. */
  let changedAt: Position = START;
  let isChanged = true;
  let mayHaveGaps = false;
  let gapsText = '';
  /** Rises whenever all is forgotten. */
  let era = 0;

  const stop = views.onPublish(({ keys, erased }) => {
    if (erased) forget();
    isChanged ||= keys === 'all' || ['incident', 'components', 'maintenance'].some((name) => keys.has(name));
    // The views of gaps change with every event, since they keep when each collector was last heard.
    mayHaveGaps ||= keys === 'all' || keys.has('gaps');
  });

  function forget(): void {
    era += 1;
    present = null;
    past.clear();
    pastFiles.clear();
    presentFiles.clear();
    sources.histories.forget();
  }

  /** Lets go of what is kept of the present where something else is shown by now. */
  function look(): void {
    if (mayHaveGaps) {
      mayHaveGaps = false;
      const text = statedGaps(views);
      isChanged ||= text !== gapsText;
      gapsText = text;
    }
    const minute = Math.floor(clock() / MICROS_PER_MINUTE);
    if (!isChanged && present?.minute === minute) return;
    if (isChanged) changedAt = views.position();
    isChanged = false;
    presentFiles.clear();
    const until = ((minute + 1) * MICROS_PER_MINUTE) as Micros;
    const record = gatherRecord(sources, { position: changedAt, readAt: views.position(), asOf: null, until });
    const made = { minute, record };
    present = made;
    record.catch(() => {
      if (present === made) present = null;
    });
  }

  async function recordAt(asOf: Micros): Promise<StatusRecord> {
    const known = past.get(asOf);
    if (known !== undefined) return known;
    const head = await ledger.head();
    const position = await positionKnownAt(ledger, asOf);
    if (!(await views.reached(position, WAIT_MS))) {
      throw new MusterbookError('NOT_YET', `the views are at position ${views.position()}, not yet at ${position}`);
    }
    const query = { position, readAt: position, asOf, until: (asOf + 1) as Micros };
    const record = turns.take(() => gatherRecord(sources, query));
    // Something may still be recorded at the head's own instant.
    if (asOf < (head.recordedAt ?? 0)) {
      past.set(asOf, record);
      record.catch(() => past.delete(asOf));
      const oldest = past.keys().next();
      if (past.size > PAST_RECORDS_MAX && !oldest.done) past.delete(oldest.value);
    }
    return record;
  }

  async function answer({ path, query, base }: StatusQuestion): Promise<StatusAnswer | null> {
    // What has not been folded yet must not look like nothing ever having happened.
    if (!isOfSettings(path) && (await buildingOf({ views, ledger })) !== null) return notYet(path, base);
    const moment = readMoment(query);
    if (moment.kind === 'unreadable') {
      return refusal({ path, base, code: moment.fault, text: (words) => words.badTimeText(moment.text) });
    }
    if (moment.kind === 'present') {
      look();
      return fileOf(path, base, { record: await (present as Present).record, files: presentFiles, key: path });
    }
    const now = Math.max(clock(), (await ledger.head()).recordedAt ?? 0) as Micros;
    if (moment.at > now) {
      const told = (words: Words) => words.futureText(momentText(moment.at, words, true), momentText(now, words, true));
      return refusal({ path, base, code: 'MOMENT_IN_FUTURE', text: told });
    }
    const record = await recordAt(moment.at);
    const key = past.has(moment.at) ? `${moment.at} ${path}` : null;
    return fileOf(path, base, { record, files: pastFiles, key });
  }

  async function fileOf(path: string, base: string, keeping: Keeping): Promise<StatusAnswer | null> {
    const { record, files, key } = keeping;
    const name = `${base} ${key ?? path}`;
    const known = key === null ? null : files.get(name);
    if (known !== null) return known;
    // A crowd that asks the same at once is answered by one file.
    const underWay = making.get(record) ?? new Map<string, Promise<StatusAnswer | null>>();
    making.set(record, underWay);
    const made = underWay.get(name) ?? make(path, base, keeping).finally(() => underWay.delete(name));
    underWay.set(name, made);
    return made;
  }

  async function make(path: string, base: string, { record, files, key }: Keeping): Promise<StatusAnswer | null> {
    const began = era;
    const file = await fileAt(siteOf(record, settings, base), path);
    if (file === null) return null;
    const body = Buffer.from(file.body as string);
    const made: StatusAnswer = { ...file, body, etag: etagOf(record.position, body) };
    // A newer record that could not be gathered is its own askers' trouble.
    const newest = await present?.record.catch(() => null);
    const isCurrent = files === pastFiles || newest === record;
    if (key !== null && file.status === 200 && began === era && isCurrent) {
      files.set(`${base} ${key}`, made, body.length);
    }
    return made;
  }

  /** A page says what is wrong with the moment; for a file it is thrown. */
  async function refusal({ path, base, code, text }: Refusal): Promise<StatusAnswer> {
    if (!isPage(path)) throw new MusterbookError(code, text(WORDS.en));
    return excuse(path, base, (words) => ({ status: 400, title: words.badTime, text: `${text(words)} (${code})` }));
  }

  async function notYet(path: string, base: string): Promise<StatusAnswer> {
    if (!isPage(path)) throw new MusterbookError('NOT_YET', 'the views are being built');
    return excuse(path, base, (words) => ({ status: 503, title: words.notYet, text: words.notYetText, footer: false }));
  }

  async function excuse(path: string, base: string, of: (words: Words) => Excuse): Promise<StatusAnswer> {
    look();
    const site = siteOf(await (present as Present).record, settings, base);
    const { status, ...said } = of(site.words);
    return { status, type: TYPES.html, body: Buffer.from(sorry(site, path, said)), etag: null };
  }

  return {
    answer,
    kept(path, base) {
      look();
      return presentFiles.get(`${base} ${path}`);
    },
    close: stop,
  };
}

interface Refusal {
  readonly path: string;
  readonly base: string;
  readonly code: 'MOMENT_IN_FUTURE' | 'TIME_UNREADABLE' | 'TIME_WITHOUT_ZONE' | 'TIME_OUT_OF_RANGE';
  readonly text: (words: Words) => string;
}

interface Excuse {
  readonly status: StatusAnswer['status'];
  readonly title: string;
  readonly text: string;
  readonly footer?: false;
}

interface Keeping {
  readonly record: StatusRecord;
  readonly files: ReturnType<typeof boundedCache<StatusAnswer>>;
  /** Null: not to be kept. */
  readonly key: string | null;
}

function etagOf(position: Position, body: Uint8Array): string {
  return `"${position}-${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
}

/** What is stated of gaps at present, to be compared. */
function statedGaps(views: Views): string {
  const state = gapsStateAt(presentReader(views));
  return state instanceof Promise ? '' : JSON.stringify(state.statements);
}
