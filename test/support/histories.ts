/**
 * Whole histories from a seed, as a ledger would have recorded them: events that arrive out of order and late, equal
 * times, clocks that run ahead, sources that send no time, facts taken back. Duplicates are the ledger's matter.
 */
import { CATALOGUE, EVENT_NAMES, type EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { StreamCategory } from '../../schemas/ids.ts';
import { createStory, micros, type Story } from './events.ts';
import { PAYLOADS } from './payloads.ts';
import { type Chance, chanceFrom } from './random.ts';

export interface HistoryOptions {
  readonly seed: number;
  /** How many events, retractions not counted. */
  readonly events: number;
  /** How many clusters, incidents and so on; default 2 of each. */
  readonly subjects?: number;
  /** Default: all. */
  readonly categories?: readonly StreamCategory[];
  /** Of a cluster, which events, the more often the more often they stand here; default: all alike. */
  readonly clusterTypes?: readonly Told[];
}

type Told = Exclude<EventName, 'EventRetracted'>;

/** Something that happened, with when word of it arrives. In seconds after the story's start. */
interface Happening {
  readonly type: Told;
  readonly category: StreamCategory;
  readonly subject: string;
  readonly at: number;
  readonly arrives: number;
}

const OPENERS: { readonly [Category in StreamCategory]?: Told } = {
  incident: 'IncidentDeclared',
  component: 'ComponentRegistered',
  maintenance: 'MaintenanceScheduled',
};
const SUBJECTS: { readonly [Category in StreamCategory]: readonly string[] } = {
  cluster: ['c0', 'c1', 'c2', 'c3'],
  collector: ['s0', 's1', 's2'],
  incident: ['outage-0', 'outage-1', 'outage-2', 'outage-3'],
  component: ['api', 'site', 'mail', 'docs'],
  maintenance: ['upgrade-0', 'upgrade-1', 'upgrade-2', 'upgrade-3'],
};
/** Clusters are told of most. */
const CATEGORY_DRAWS: readonly StreamCategory[] = [
  ...new Array<StreamCategory>(8).fill('cluster'),
  ...new Array<StreamCategory>(5).fill('incident'),
  ...new Array<StreamCategory>(2).fill('component'),
  ...new Array<StreamCategory>(2).fill('maintenance'),
  'collector',
];
const SOURCES = ['s0', 's1', 's2'];

export function historyOf(options: HistoryOptions): readonly AnyFoldEvent[] {
  const chance = chanceFrom(options.seed);
  const story = createStory();
  for (const happening of inOrderOfArrival(happenings(options, chance))) {
    record(story, happening, chance);
    if (chance.happens(0.04)) retractSomething(story, chance);
  }
  return story.events;
}

function happenings(options: HistoryOptions, chance: Chance): Happening[] {
  const draws = CATEGORY_DRAWS.filter((category) => options.categories?.includes(category) ?? true);
  const told: Happening[] = [];
  const opened = new Set<string>();
  let now = 0;
  while (told.length < options.events) {
    // Every fourth happens at the very time of the one before.
    if (!chance.happens(0.25)) now += chance.next() * 10;
    const category = chance.pick(draws);
    const subject = chance.pick(SUBJECTS[category].slice(0, options.subjects ?? 2));
    const opener = OPENERS[category];
    if (opener !== undefined && !opened.has(subject)) {
      opened.add(subject);
      told.push({ type: opener, category, subject, at: now, arrives: now });
    } else {
      const at = chance.happens(0.03) ? now + 3_600 * chance.next() : now - forgotten(chance);
      const types = typesOf(category, options);
      told.push({ type: chance.pick(types), category, subject, at, arrives: now + delay(chance) });
    }
  }
  return told;
}

/** Now and then something is told that happened long before; the subject may not even have existed. */
function forgotten(chance: Chance): number {
  return chance.happens(0.05) ? 600 * chance.next() : 0;
}

/** Mostly at once, often up to two seconds late, seldom up to an hour. */
function delay(chance: Chance): number {
  if (chance.happens(0.6)) return 0;
  return chance.happens(0.95) ? 2 * chance.next() : 3_600 * chance.next() ** 2;
}

function inOrderOfArrival(told: readonly Happening[]): Happening[] {
  return told.toSorted((first, second) => first.arrives - second.arrives);
}

function typesOf(category: StreamCategory, { clusterTypes }: HistoryOptions): readonly Told[] {
  if (category === 'cluster' && clusterTypes !== undefined) return clusterTypes;
  return EVENT_NAMES.filter((name): name is Told => CATALOGUE[name].category === category);
}

function record(story: Story, happening: Happening, chance: Chance): void {
  const { type, category, subject, at, arrives } = happening;
  // Whole milliseconds, so that different happenings share a time now and then.
  const recordedAt = Math.round(arrives * 1_000) / 1_000;
  const timeUnknown = chance.happens(0.05);
  const draw = PAYLOADS[type] as (typeof PAYLOADS)[Told];
  const data = draw(chance, micros(at));
  story.stream(category, subject)(type, data, {
    recordedAt,
    ...(timeUnknown ? { timeUnknown } : { at: Math.round(at * 1_000) / 1_000 }),
    source: category === 'collector' ? subject : chance.pick(SOURCES),
    id: `h${story.events.length}`,
  });
}

/** Any event may be named, an opening one, a retraction or one retracted before included. */
function retractSomething(story: Story, chance: Chance): void {
  const recordedAt = story.events.at(-1)?.recordedAt;
  const named = chance.pick(story.events);
  if (recordedAt === undefined) return;
  story.retract(named, { recordedAt: new Date(recordedAt / 1_000).toISOString(), id: `r${story.events.length}` });
}
