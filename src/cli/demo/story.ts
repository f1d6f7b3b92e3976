/** The story that the demo plays: a published incident, moved to now and told in about a minute. */
import { readFileSync } from 'node:fs';
import { formatTime, type Micros, microsFromMs, parseTime } from '../../../schemas/time.ts';

/** What a run calls its subjects. */
export interface Cast {
  readonly clusterId: string;
  readonly incidentId: string;
  readonly componentId: string;
  readonly maintenanceId: string;
}

/** One event of the story, and when it is told, in ms after the beginning at speed 1. */
export interface Scene {
  readonly offsetMs: number;
  readonly event: Readonly<Record<string, unknown>>;
}

interface Caption {
  readonly offsetMs: number;
  readonly text: string;
}

export interface Story {
  readonly scenes: readonly Scene[];
  readonly captions: readonly Caption[];
  readonly lengthMs: number;
}

/** The first run is `demo`, later ones in the same ledger `demo-2`, `demo-3`, … */
export function castOf(run: number): Cast {
  const clusterId = run === 1 ? 'demo' : `demo-${run}`;
  return {
    clusterId,
    incidentId: `${clusterId}-incident`,
    componentId: `${clusterId}-api`,
    maintenanceId: `${clusterId}-maintenance`,
  };
}

// From when in the record (2022-12-13, UTC) to how many seconds of telling: quiet stretches pass quickly.
const PACE: readonly (readonly [at: string, seconds: number])[] = [
  ['2022-12-13T19:30:00Z', 0],
  ['2022-12-13T19:31:30Z', 5],
  ['2022-12-13T19:49:00Z', 8],
  ['2022-12-13T20:09:40Z', 26],
  ['2022-12-13T20:14:00Z', 38],
  ['2022-12-13T20:26:00Z', 42],
  ['2022-12-13T20:28:10Z', 53],
  ['2022-12-13T20:45:10Z', 57],
  ['2022-12-13T21:58:00Z', 60],
  ['2022-12-16T23:00:00Z', 63],
];

const CAPTIONS: readonly (readonly [at: string, text: string])[] = [
  [
    '2022-12-13T19:30:00Z',
    'A cluster elects a leader. Five followers take their work from it; three of the jobs run the API.',
  ],
  ['2022-12-13T19:45:00Z', 'Routine maintenance begins.'],
  [
    '2022-12-13T19:50:00Z',
    'Followers lose the leader, one after another. The leader looks healthy all the while, and so does the status page.',
  ],
  ['2022-12-13T20:10:00Z', 'The cluster is redeployed: jobs are taken off their nodes and assigned anew.'],
  [
    '2022-12-13T20:13:50Z',
    'Errors. Every job is assigned, none runs: nobody listens to the leader any more. Nobody outside knows.',
  ],
  ['2022-12-13T20:26:10Z', 'Engineers bring the followers back.'],
  ['2022-12-13T20:27:00Z', 'The first public word, 13 minutes after the errors began and one minute before they end.'],
  [
    '2022-12-13T20:28:00Z',
    'Everything runs again. The record does not know yet when the errors began: nobody has said so.',
  ],
  [
    '2022-12-13T20:45:00Z',
    'The second post says it: 20:14 to 20:28. Now it is known, and that it was not known before stays known, too.',
  ],
  ['2022-12-13T21:58:00Z', 'Resolved, 90 minutes after it was over.'],
  ['2022-12-16T23:00:00Z', 'Three days later the postmortem is out. Everything that you saw can still be asked for.'],
];

// In the package the compiled file lies one folder deeper.
const SCENARIO = new URL(
  `${import.meta.url.endsWith('.ts') ? '../../..' : '../../../..'}/scenarios/spreedly-2022-12-13.jsonl`,
  import.meta.url,
);

/** Reads the scenario; its subjects are renamed to those of the cast, its times stay those of the record. */
export function readStory(cast: Cast): Story {
  const names = new Map([
    ['spreedly-orchestration', cast.clusterId],
    ['spreedly-2022-12-13', cast.incidentId],
    ['core-transactional-api', cast.componentId],
    ['spreedly-routine-2022-12-13', cast.maintenanceId],
  ]);
  const rename = (_key: string, value: unknown) => (typeof value === 'string' ? (names.get(value) ?? value) : value);
  const scenes = readFileSync(SCENARIO, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { recordedat, ...event } = JSON.parse(line, rename) as { recordedat: string; id: string };
      // All of it is made up here, as far as its times go, even what was published.
      const told = { ...event, source: `demo/${cast.clusterId}`, synthetic: true };
      return { offsetMs: offsetMsOf(instant(recordedat)), event: told };
    });
  const captions = CAPTIONS.map(([at, text]) => ({ offsetMs: offsetMsOf(instant(at)), text }));
  return { scenes, captions, lengthMs: Math.max(...scenes.map(({ offsetMs }) => offsetMs)) };
}

const TIMES = new Set(['time', 'notbefore', 'impactStartedAt', 'impactEndedAt', 'from', 'to', 'startsAt', 'endsAt']);

/** An event as it happens now: each time in it, also those it states, is moved the way its telling is. */
export function movedTo(
  event: Scene['event'],
  { startMs, speed }: { readonly startMs: number; readonly speed: number },
): string {
  return JSON.stringify(event, (key, value: unknown) => {
    if (!TIMES.has(key) || typeof value !== 'string') return value;
    return formatTime(microsFromMs(Math.round(startMs + offsetMsOf(instant(value)) / speed)));
  });
}

/** What the clock showed in 2022 at this point of the telling: `20:14:05`. */
export function clockThen(offsetMs: number): string {
  const next = PACE.findIndex(([, seconds]) => seconds * 1000 >= offsetMs);
  const [at, seconds] = PACE[next < 0 ? PACE.length - 1 : next] ?? PACE[0]!;
  const [atBefore, secondsBefore] = PACE[Math.max(0, (next < 0 ? PACE.length : next) - 1)] ?? [at, seconds];
  const share = seconds === secondsBefore ? 1 : (offsetMs / 1000 - secondsBefore) / (seconds - secondsBefore);
  const micros = instant(atBefore) + (instant(at) - instant(atBefore)) * Math.min(1, Math.max(0, share));
  return formatTime(Math.round(micros) as Micros).slice(11, 19);
}

/** Where in the telling an instant of the record lies. Before its beginning: at the beginning; after its end: at the end. */
function offsetMsOf(at: Micros): number {
  let [before, secondsBefore] = PACE[0]!;
  for (const [mark, seconds] of PACE) {
    const [from, to] = [instant(before), instant(mark)];
    if (at <= to) {
      const share = to === from ? 1 : Math.max(0, (at - from) / (to - from));
      return (secondsBefore + (seconds - secondsBefore) * share) * 1000;
    }
    [before, secondsBefore] = [mark, seconds];
  }
  return secondsBefore * 1000;
}

function instant(text: string): Micros {
  const at = parseTime(text);
  if (typeof at === 'string') throw new Error(`the scenario has an unreadable time ${text}`);
  return at;
}
