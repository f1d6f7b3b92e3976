/** A cluster in a few lines that stay in their place while it changes: for pictures that are drawn again and again. */
import { stripVTControlCharacters } from 'node:util';
import { nameOf, wordsOf } from './demo/say.ts';
import { type DemoCluster, type DemoEvent, type DemoJob, followersOf, runningOf } from './demo/state.ts';
import { age, type Paint, type Painter, plain, visibleWidth } from './print/text.ts';

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Painter;
  readonly nowMs: number;
}

export type Draw = Canvas & { readonly width: number };

/** Below this width the signs are not explained. */
const WIDTH_FOR_LEGEND = 86;

export function drawLeader(cluster: DemoCluster, { paint, nowMs }: Draw): string {
  const { leader, leaderSince, term } = cluster;
  const { following, of } = followersOf(cluster);
  const who = leader === null ? paint('nobody', 'red', 'bold') : paint(`★ ${plain(leader.id)}`, 'green', 'bold');
  const since = leader === null ? '' : `  term ${term ?? '?'}  for ${age(leaderSince, nowMs).padEnd(5)}`;
  const dots = paint('●'.repeat(following), 'green') + paint('○'.repeat(of - following), 'red');
  const count = paint(`${following} of ${of} follow`, following === of ? 'green' : 'red', 'bold');
  return `${label('LEADER', paint)}${who}${since}   ${dots} ${of === 0 ? '' : count}`;
}

export function drawWork(cluster: DemoCluster, { paint }: Draw): string {
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

const JOB_MARKS: Readonly<Record<string, readonly [mark: string, paint: Paint]>> = {
  RUNNING: ['▶', 'green'],
  ASSIGNED: ['◌', 'yellow'],
  ORPHANED: ['✖', 'red'],
  FAILED: ['✖', 'red'],
};

export function drawNodes(cluster: DemoCluster, draw: Draw): readonly string[] {
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

export function drawGroups({ jobGroups }: DemoCluster, { paint }: Draw): readonly string[] {
  if (jobGroups.length === 0) return [];
  const rows = jobGroups.map(({ id, name, wanted, running }) => {
    const full = wanted ?? running;
    const bar = '▰'.repeat(Math.min(running, full)) + '▱'.repeat(Math.max(0, full - running));
    const hue: Paint = running >= full ? 'green' : 'red';
    return `  ${plain(id).padEnd(12)}${paint(bar.padEnd(5), hue)}${paint(`${running}/${full}`, hue)}  ${paint(plain(name), 'dim')}`;
  });
  return [paint('  WANTED', 'bold'), ...rows];
}

export function drawEvents(title: string, events: readonly DemoEvent[], { paint, width }: Draw): readonly string[] {
  const rows = events.map((event) => {
    const words = cut(wordsOf(event), Math.max(10, width - 36));
    return `  ${paint(event.occurredAt.slice(11, 19), 'dim')}  ${nameOf(event.type).padEnd(22)}  ${words}`;
  });
  return [paint(`  ${title}`, 'bold'), ...rows];
}

export const LABEL_WIDTH = 10;

export function label(text: string, paint: Painter): string {
  return paint(text.padEnd(LABEL_WIDTH), 'bold');
}

/** A line that is too wide loses its end, and its colours with it. */
export function fit(line: string, width: number): string {
  return visibleWidth(line) <= width ? line : cut(stripVTControlCharacters(line), width);
}

export function cut(text: string, width: number): string {
  return visibleWidth(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
}
