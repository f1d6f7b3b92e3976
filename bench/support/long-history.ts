/**
 * The long history that several benchmarks ask: 90 days of 200 clusters with late facts, made once and kept in the system's
 * folder for temporary files under its seed, its count and the version of how it is made. Whoever writes to it takes a copy.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECTIONS } from '../../projections/list.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import { openLedgerBeside } from '../../src/ledger/sqlite/beside.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { startProjecting } from '../../src/project/start.ts';
import { type Arrival, chanceFrom, DAY_SECONDS, lateness, restoreArrivals, START } from './history.ts';
import { type ClusterTelling, newTelling, openingEvents, tell, type Words, wordsFor } from './telling.ts';

/** Rises whenever the same seed gives another history. */
const VERSION = 1;
const CLUSTERS = 200;
const DAYS = 90;
/** 0.5 %, 1 s to 24 h late, log-uniform. */
const LATE = { little: 0, much: 0.005 };
const PROGRESS_EVERY_EVENTS = 250_000;
const EVENTS_DEFAULT = 10_000_000;
const NO_LIMIT_MS = 2 ** 31 - 1;

export interface LongHistory {
  /** Holds `ledger.sqlite` and `views.sqlite`. */
  readonly folder: string;
  readonly ledgerPath: string;
  readonly viewsPath: string;
  readonly events: number;
  readonly seed: number;
  readonly clusterIds: readonly string[];
  /** Of the first event. */
  readonly from: Micros;
  /** recordedAt of the last one. */
  readonly to: Micros;
  /** For a figure's note: what it is, and its seed. */
  readonly note: string;
}

export interface LongHistoryShape {
  /** Absent: `MUSTERBOOK_BENCH_EVENTS`, else 10 million. */
  readonly events?: number;
  readonly seed?: number;
}

/** Makes it where it is absent, with progress on stderr, and brings its views up where they are behind or of an older format. */
export async function longHistory({ events = eventsAsked(), seed = 4 }: LongHistoryShape = {}): Promise<LongHistory> {
  const folder = join(tmpdir(), `musterbook-history-v${VERSION}-${seed}-${events}`);
  if (!existsSync(folder)) await make(folder, { events, seed });
  const ledgerPath = join(folder, 'ledger.sqlite');
  const viewsPath = join(folder, 'views.sqlite');
  await bringUpViews(folder, ledgerPath);
  const { to } = JSON.parse(readFileSync(join(folder, 'made.json'), 'utf8')) as { to: Micros };
  const clusterIds = Array.from({ length: CLUSTERS }, (_, index) => `cluster-${index}`);
  const note = `${events} events, ${CLUSTERS} clusters, ${DAYS} days, 0.5 % late by 1 s to 24 h; seed ${seed}`;
  return { folder, ledgerPath, viewsPath, events, seed, clusterIds, from: START, to, note };
}

function eventsAsked(): number {
  return Number(process.env['MUSTERBOOK_BENCH_EVENTS'] ?? EVENTS_DEFAULT);
}

async function make(folder: string, shape: { readonly events: number; readonly seed: number }): Promise<void> {
  // Under another name until it is whole: a run that was cut short leaves nothing that a later one would take for it.
  const making = `${folder}-making-${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const ledger = await openSqliteLedger({ path: join(making, 'ledger.sqlite'), thread: 'here' });
  await restoreArrivals(ledger, counted(longTelling(shape), shape.events));
  const { recordedAt } = await ledger.head();
  await ledger.close();
  writeFileSync(join(making, 'made.json'), JSON.stringify({ ...shape, to: recordedAt }));
  if (existsSync(folder)) rmSync(making, { recursive: true });
  else renameSync(making, folder);
}

/** Everything in the order in which it happened. Nothing of it is held but what the clusters are at. */
function* longTelling({ events, seed }: { events: number; seed: number }): Iterable<Arrival> {
  const chance = chanceFrom(seed);
  const words = wordsFor({ chance, eventsPerClusterDay: events / (CLUSTERS * DAYS) });
  const tellings = Array.from({ length: CLUSTERS }, (_, index) => newTelling(`cluster-${index}`));
  const opening = openingEvents(tellings);
  const step = (DAYS * DAY_SECONDS * MICROS_PER_SECOND) / events;
  for (let index = 0; index < events; index += 1) {
    const at = Math.round(START + (index + chance()) * step) as Micros;
    const id = `e${index.toString(36).padStart(7, '0')}`;
    const told = opening[index] ?? tellOne(tellings, words, { id, at });
    const event = {
      id,
      source: told.category === 'cluster' ? `/collector/${told.subject}` : '/desk',
      time: at,
      notBefore: null,
      synthetic: false,
      extensions: {},
      type: told.type,
      subject: told.subject,
      data: told.data,
    } as unknown as NewEvent;
    yield { event, category: told.category, arrivesAt: at + lateness(chance, LATE) };
  }
}

function tellOne(
  tellings: readonly ClusterTelling[],
  words: Words,
  event: { readonly id: string; readonly at: Micros },
) {
  return tell(tellings[Math.floor(words.chance() * tellings.length)] as ClusterTelling, words, event);
}

function* counted(arrivals: Iterable<Arrival>, all: number): Iterable<Arrival> {
  let done = 0;
  for (const arrival of arrivals) {
    yield arrival;
    done += 1;
    if (done % PROGRESS_EVERY_EVENTS === 0) process.stderr.write(`made ${done} of ${all} events\n`);
  }
}

async function bringUpViews(folder: string, ledgerPath: string): Promise<void> {
  const ledger = openLedgerBeside(ledgerPath);
  const onTrouble = (error: unknown): never => {
    throw error;
  };
  const projecting = await startProjecting({
    ledger,
    projections: PROJECTIONS,
    keep: { folder, ledgerPath },
    onTrouble,
  });
  const { position } = await ledger.head();
  if (projecting.views.position() < position) process.stderr.write(`folding ${position} events\n`);
  await projecting.views.reached(position, NO_LIMIT_MS);
  const stopped = projecting.views.statuses().find(({ error }) => error !== null);
  await projecting.close();
  await ledger.close();
  if (stopped) throw new Error(stopped.error ?? stopped.name);
}
