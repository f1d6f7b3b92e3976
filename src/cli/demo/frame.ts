/** One picture of the demo: who leads, who follows, what runs where, what the world was told. */
import { stripVTControlCharacters } from 'node:util';
import { age, type Paint, type Painter, plain, visibleWidth } from '../print/text.ts';
import { nameOf, wordsOf } from './say.ts';
import { type DemoAnswer, type DemoCluster, type DemoEvent, type DemoJob, followersOf, runningOf } from './state.ts';

export interface Picture {
  readonly answer: DemoAnswer;
  readonly componentId: string;
  /** The newest last. */
  readonly events: readonly DemoEvent[];
  readonly caption: string;
  /** What the clock showed in 2022: `20:14:05`. */
  readonly clockThen: string;
  /** How far the story is told, 0 to 1. */
  readonly progress: number;
  /** Where to look meanwhile. */
  readonly places: readonly string[];
}

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Painter;
  readonly nowMs: number;
}

const WIDTH_MAX = 112;
/** Below these heights the groups of jobs, and then the empty lines, are left out. */
const ROWS_FOR_GROUPS = 32;
const ROWS_FOR_GAPS = 27;
/** Below this width the signs are not explained. */
const WIDTH_FOR_LEGEND = 86;
const EVENTS_MAX = 9;

/** Lines without their ends, at most as many as the canvas has rows, none wider than it. */
export function drawFrame(picture: Picture, canvas: Canvas): readonly string[] {
  const { answer } = picture;
  const width = Math.min(canvas.columns, WIDTH_MAX);
  const draw = { ...canvas, width };
  const cluster = answer.cluster ?? NO_CLUSTER;
  const gap = canvas.rows >= ROWS_FOR_GAPS ? [''] : [];
  const above = [
    ...drawTitle(picture, draw),
    ...gap,
    ...captionLines(picture.caption, width).map((line) => canvas.paint(line, 'cyan', 'bold')),
    ...gap,
    drawLeader(cluster, draw),
    drawWork(cluster, draw),
    ...drawStatus(picture, draw),
    ...gap,
    ...drawNodes(cluster, draw),
    ...(canvas.rows >= ROWS_FOR_GROUPS ? [...gap, ...drawGroups(cluster, draw)] : []),
  ];
  const below = [...gap, ...picture.places.map((place) => canvas.paint(cut(place, width), 'dim'))];
  const left = Math.min(EVENTS_MAX, canvas.rows - above.length - below.length - gap.length - 1);
  const events = left > 0 ? [...gap, ...drawEvents(picture.events.slice(-left), draw)] : [];
  return [...above, ...events, ...below].slice(0, canvas.rows).map((line) => fit(line, width));
}

const NO_CLUSTER: DemoCluster = {
  leader: null,
  leaderSince: null,
  term: null,
  nodes: [],
  jobs: [],
  jobGroups: [],
  deployments: [],
  maintenances: [],
};

type Draw = Canvas & { readonly width: number };

function drawTitle({ clockThen, progress }: Picture, { paint, width }: Draw): readonly string[] {
  const title = 'Musterbook demo   Spreedly, 13 December 2022, moved to now';
  const clock = `then ${clockThen}`;
  const told = Math.round(width * Math.min(1, Math.max(0, progress)));
  const room = Math.max(1, width - title.length - clock.length);
  return [
    `${paint(cut(title, width - clock.length - 1), 'bold')}${' '.repeat(room)}${paint(clock, 'bold')}`,
    `${paint('━'.repeat(told), 'green')}${paint('─'.repeat(width - told), 'dim')}`,
  ];
}

function drawLeader(cluster: DemoCluster, { paint, nowMs }: Draw): string {
  const { leader, leaderSince, term } = cluster;
  const { following, of } = followersOf(cluster);
  const who = leader === null ? paint('nobody', 'red', 'bold') : paint(`★ ${plain(leader.id)}`, 'green', 'bold');
  const since = leader === null ? '' : `  term ${term ?? '?'}  for ${age(leaderSince, nowMs).padEnd(5)}`;
  const dots = paint('●'.repeat(following), 'green') + paint('○'.repeat(of - following), 'red');
  const count = paint(`${following} of ${of} follow`, following === of ? 'green' : 'red', 'bold');
  return `${label('LEADER', paint)}${who}${since}   ${dots} ${of === 0 ? '' : count}`;
}

function drawWork(cluster: DemoCluster, { paint }: Draw): string {
  const { jobs, deployments, maintenances } = cluster;
  const running = runningOf(cluster);
  const deploying = deployments.find(({ finishedAt }) => finishedAt === null);
  const parts = [
    jobs.length === 0
      ? paint('none yet', 'dim')
      : paint(`${running} of ${jobs.length} run`, running === jobs.length ? 'green' : 'red', 'bold'),
    ...(jobs.some((job) => job.critical && job.state !== 'RUNNING')
      ? [paint('critical work does not run', 'red', 'bold')]
      : []),
    ...(deploying ? [paint(`deploying: ${plain(deploying.description)}`, 'yellow')] : []),
    ...maintenances
      .filter(({ state }) => state === 'in_progress')
      .map(({ title }) => paint(`under way: ${plain(title)}`, 'yellow')),
  ];
  return `${label('JOBS', paint)}${parts.join('   ')}`;
}

function drawStatus({ answer, componentId }: Picture, { paint, width }: Draw): readonly string[] {
  const component = answer.components.find(({ id }) => id === componentId);
  const isWell = component?.status === 'operational';
  const state = component
    ? `${paint('●', isWell ? 'green' : 'red')} ${plain(component.name)}: ${paint(component.status.replaceAll('_', ' '), isWell ? 'green' : 'red', 'bold')}`
    : paint('no component yet', 'dim');
  const lines = [`${label('PAGE', paint)}${state}`];
  const { incident } = answer;
  if (incident === null) return [...lines, `${label('INCIDENT', paint)}${paint('none has been declared', 'dim')}`, ''];
  const isOver = incident.status === 'resolved';
  const impact = incident.impactOpen ? paint('impact open', 'red', 'bold') : impactText(incident);
  lines.push(
    `${label('INCIDENT', paint)}${paint(incident.status ?? 'unknown', isOver ? 'green' : 'red', 'bold')}   ${impact}${incident.postmortem === null ? '' : '   postmortem published'}`,
  );
  const said = incident.updates.findLast(({ message }) => message !== null)?.message;
  lines.push(`${label('', paint)}${paint(cut(said ? `“${plain(said)}”` : '', width - LABEL_WIDTH), 'dim')}`);
  return lines;
}

function impactText({
  impactStartedAt,
  impactEndedAt,
}: {
  impactStartedAt: string | null;
  impactEndedAt: string | null;
}) {
  if (impactEndedAt === null) return 'impact over';
  return `impact ${impactStartedAt?.slice(11, 19) ?? 'from its declaration'} to ${impactEndedAt.slice(11, 19)}`;
}

const JOB_MARKS: Readonly<Record<string, readonly [mark: string, paint: Paint]>> = {
  RUNNING: ['▶', 'green'],
  ASSIGNED: ['◌', 'yellow'],
  ORPHANED: ['✖', 'red'],
  FAILED: ['✖', 'red'],
};

function drawNodes(cluster: DemoCluster, draw: Draw): readonly string[] {
  const { paint, width } = draw;
  const rows = cluster.nodes.map((node) => {
    const held = cluster.jobs.filter((job) => job.node?.id === node.id && job.state !== 'UNASSIGNED');
    const isLeader = node.id === cluster.leader?.id;
    const follows = isLeader ? 'leads' : node.following ? `──▶ ${plain(node.following.id)}` : 'follows nobody';
    const isWell = isLeader || node.following !== null;
    const mark = isLeader ? '★' : isWell ? '●' : '○';
    const name = paint(`${mark} ${plain(node.id).padEnd(9)}`, isWell ? 'green' : 'red');
    const heard = node.liveness === 'ALIVE' ? '' : paint(`${node.liveness.toLowerCase()} `, 'red');
    return `  ${name} ${paint(follows.padEnd(15), isWell ? 'dim' : 'red')}  ${heard}${drawHeld(held, draw)}`;
  });
  const legend = `${paint('▶', 'green')} ${paint('runs', 'dim')}  ${paint('◌', 'yellow')} ${paint('assigned, does not run', 'dim')}  ${paint('! critical', 'dim')}`;
  const heading = paint('  NODE        FOLLOWS          WORK', 'bold');
  return [width < WIDTH_FOR_LEGEND ? heading : `${heading}     ${legend}`, ...rows];
}

function drawHeld(held: readonly DemoJob[], { paint, width }: Draw): string {
  let room = width - 33;
  const parts: string[] = [];
  for (const { id, state, critical } of held) {
    const [mark, hue] = JOB_MARKS[state] ?? ['·', 'dim'];
    const text = `${mark} ${plain(id)}${critical ? '!' : ''}`;
    room -= text.length + 2;
    if (room < 0) break;
    parts.push(paint(text, hue));
  }
  return parts.join('  ');
}

function drawGroups({ jobGroups }: DemoCluster, { paint }: Draw): readonly string[] {
  if (jobGroups.length === 0) return [];
  const rows = jobGroups.map(({ id, name, wanted, running }) => {
    const full = wanted ?? running;
    const bar = '▰'.repeat(Math.min(running, full)) + '▱'.repeat(Math.max(0, full - running));
    const hue: Paint = running >= full ? 'green' : 'red';
    return `  ${plain(id).padEnd(12)}${paint(bar.padEnd(5), hue)}${paint(`${running}/${full}`, hue)}  ${paint(plain(name), 'dim')}`;
  });
  return [paint('  WANTED', 'bold'), ...rows];
}

function drawEvents(events: readonly DemoEvent[], { paint, width }: Draw): readonly string[] {
  const rows = events.map((event) => {
    const words = cut(wordsOf(event), Math.max(10, width - 36));
    return `  ${paint(event.occurredAt.slice(11, 19), 'dim')}  ${nameOf(event.type).padEnd(22)}  ${words}`;
  });
  return [paint('  RECORDED', 'bold'), ...rows];
}

const LABEL_WIDTH = 10;

function label(text: string, paint: Painter): string {
  return paint(text.padEnd(LABEL_WIDTH), 'bold');
}

/** Two lines always, so that the picture does not jump. */
function captionLines(text: string, width: number): readonly [string, string] {
  if (text.length <= width) return [text, ''];
  const space = text.lastIndexOf(' ', width);
  const at = space > 0 ? space : width;
  return [text.slice(0, at), cut(text.slice(at).trimStart(), width)];
}

/** A line that is too wide loses its end, and its colours with it. */
function fit(line: string, width: number): string {
  return visibleWidth(line) <= width ? line : cut(stripVTControlCharacters(line), width);
}

function cut(text: string, width: number): string {
  return visibleWidth(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
}
