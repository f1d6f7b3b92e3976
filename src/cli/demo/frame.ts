/** One picture of the demo: who leads, who follows, what runs where, what the world was told. */
import {
  type Canvas,
  cut,
  type Draw,
  drawEvents,
  drawGroups,
  drawLeader,
  drawNodes,
  drawWork,
  fit,
  LABEL_WIDTH,
  label,
} from '../draw-topology.ts';
import { plain } from '../print/text.ts';
import type { DemoAnswer, DemoCluster, DemoEvent } from './state.ts';

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

const WIDTH_MAX = 112;
/** Below these heights the groups of jobs, and then the empty lines, are left out. */
const ROWS_FOR_GROUPS = 32;
const ROWS_FOR_GAPS = 27;
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
  const events = left > 0 ? [...gap, ...drawEvents('RECORDED', picture.events.slice(-left), draw)] : [];
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

/** Two lines always, so that the picture does not jump. */
function captionLines(text: string, width: number): readonly [string, string] {
  if (text.length <= width) return [text, ''];
  const space = text.lastIndexOf(' ', width);
  const at = space > 0 ? space : width;
  return [text.slice(0, at), cut(text.slice(at).trimStart(), width)];
}
