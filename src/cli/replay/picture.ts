/** A replay as a picture that is drawn anew in its place. */
import { setTimeout as pause } from 'node:timers/promises';
import { parseTime } from '../../../schemas/time.ts';
import { systemTimer } from '../../clock.ts';
import type { DemoEvent } from '../demo/state.ts';
import { type Draw, drawEvents, drawGroups, drawLeader, drawNodes, drawWork, fit } from '../draw-topology.ts';
import { moment, painter, plain } from '../print/text.ts';
import type { Runtime } from '../runtime.ts';
import type { Asked, DrawnFrame } from './frames.ts';

/** How often the picture is drawn: its clock moves also between two events. */
const REDRAW_MS = 100;
const ROWS_DEFAULT = 40;
const WIDTH_MAX = 112;
const EVENTS_KEPT = 20;
/** Below these heights the groups of jobs are left out, and fewer events shown. */
const ROWS_FOR_GROUPS = 32;
const EVENTS_MIN = 4;

const CLEAR = '\u001b[2J\u001b[H\u001b[?25l';
const HOME = '\u001b[H';
const LINE_END = '\u001b[K\n';
const CLEAR_BELOW = '\u001b[J';
const SHOW_CURSOR = '\u001b[?25h';

/** What there is to show; it changes while the replay plays. */
export interface Stage {
  latest: DrawnFrame | null;
  /** When the latest frame came, as the timer tells. */
  latestMs: number;
  count: number;
  /** The newest last. */
  readonly events: DemoEvent[];
}

/** Until the replay ends, or the signal; the last picture stays. */
export async function showPicture(
  watch: (signal: AbortSignal) => AsyncIterable<DrawnFrame>,
  asked: Asked,
  { terminal, signal }: Runtime,
): Promise<void> {
  const stage: Stage = { latest: null, latestMs: systemTimer.nowMs(), count: 0, events: [] };
  const paint = painter(terminal.color);
  const draw = async (isOver: boolean): Promise<void> => {
    const thenMs = isOver ? thenAt(asked, stage, 0) : thenAt(asked, stage, systemTimer.nowMs() - stage.latestMs);
    const canvas = { columns: terminal.columns, rows: (terminal.rows ?? ROWS_DEFAULT) - 1, paint, nowMs: thenMs };
    const lines = drawReplay(stage, asked, canvas);
    await terminal.write(`${HOME}${lines.map((line) => `${line}${LINE_END}`).join('')}${CLEAR_BELOW}`);
  };
  const finished = new AbortController();
  const until = AbortSignal.any([signal, finished.signal]);
  const showing = [follow(watch(until), stage), redraw(() => draw(false), until)];
  try {
    await Promise.race(showing);
    finished.abort();
    await Promise.all(showing);
    await draw(true);
  } finally {
    finished.abort();
    await Promise.allSettled(showing);
    await terminal.write(SHOW_CURSOR);
  }

  async function redraw(once: () => Promise<void>, ends: AbortSignal): Promise<void> {
    await terminal.write(CLEAR);
    while (!ends.aborted) {
      await once();
      await pause(REDRAW_MS, undefined, { signal: ends }).catch(() => {});
    }
  }
}

async function follow(frames: AsyncIterable<DrawnFrame>, stage: Stage): Promise<void> {
  for await (const frame of frames) {
    stage.latest = frame;
    stage.latestMs = systemTimer.nowMs();
    stage.count += 1;
    stage.events.push({ ...frame.event, occurredAt: frame.at });
    stage.events.splice(0, Math.max(0, stage.events.length - EVENTS_KEPT));
  }
}

/** The time that is being told, in ms since the epoch: it goes on between two events, unless dead time is skipped. */
function thenAt({ from, to, speed, skipIdle }: Asked, { latest }: Stage, sinceMs: number): number {
  const toldMs = msOf(latest?.at ?? from);
  return skipIdle ? toldMs : Math.min(msOf(to), toldMs + sinceMs * speed);
}

function msOf(time: string): number {
  return Number(parseTime(time)) / 1_000;
}

/** Lines without their ends, at most as many as the canvas has rows, none wider than it. */
export function drawReplay(stage: Stage, asked: Asked, canvas: Omit<Draw, 'width'>): readonly string[] {
  const draw: Draw = { ...canvas, width: Math.min(canvas.columns, WIDTH_MAX) };
  const title = drawTitle(stage, asked, draw);
  if (stage.latest === null) return [...title, '', canvas.paint('no event yet', 'dim')].map((l) => fit(l, draw.width));
  const cluster = { ...stage.latest.cluster, maintenances: [] };
  const collectors = new Set(cluster.completeness.gaps.map(({ collector }) => plain(collector)));
  const gaps =
    collectors.size === 0
      ? []
      : [canvas.paint(`INCOMPLETE: no data of ${[...collectors].join(', ')}`, 'yellow', 'bold')];
  const above = [...title, '', drawLeader(cluster, draw), drawWork(cluster, draw), ...gaps, ''];
  const groups = canvas.rows >= ROWS_FOR_GROUPS ? drawGroups(cluster, draw) : [];
  const below = groups.length > 0 ? ['', ...groups] : [];
  const nodes = atMost(drawNodes(cluster, draw), canvas.rows - above.length - below.length - EVENTS_MIN - 2);
  const left = canvas.rows - above.length - nodes.length - below.length - 2;
  const events = left > 0 ? ['', ...drawEvents('HAPPENED', stage.events.slice(-left), draw)] : [];
  return [...above, ...nodes, ...below, ...events].slice(0, canvas.rows).map((line) => fit(line, draw.width));
}

function atMost(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= Math.max(rows, 2)) return lines;
  const shown = Math.max(rows - 1, 1);
  return [...lines.slice(0, shown), `  … and ${lines.length - shown} more`];
}

function drawTitle({ count }: Stage, asked: Asked, { paint, width, nowMs }: Draw): readonly string[] {
  const speed = asked.speed === 0 ? 'as fast as it is read' : `${asked.speed}×`;
  const title = `Replay of ${plain(asked.cluster)}   ${speed}${asked.skipIdle ? ', dead time skipped' : ''}   ${count} events`;
  const clock = moment(new Date(nowMs).toISOString());
  const [fromMs, toMs] = [msOf(asked.from), msOf(asked.to)];
  const told = Math.round(width * Math.min(1, Math.max(0, (nowMs - fromMs) / (toMs - fromMs))));
  const room = Math.max(1, width - title.length - clock.length);
  return [
    `${paint(title, 'bold')}${' '.repeat(room)}${paint(clock, 'bold')}`,
    `${paint('━'.repeat(told), 'green')}${paint('─'.repeat(width - told), 'dim')}`,
  ];
}
