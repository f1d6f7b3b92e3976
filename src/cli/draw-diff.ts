/** The difference between two moments on a terminal: what, from what to what, and because of which events. */
import type {
  Cause,
  ComparedMoment,
  ComparedNode,
  DiffAsked,
  DiffItem,
  FollowingChange,
  JobChange,
  NodeRow,
  ScopeChange,
} from './diff.ts';
import type { DiffMoment } from './diff-moments.ts';
import type { Look } from './print/format.ts';
import { type Column, table } from './print/table.ts';
import { moment, type Painter, plain } from './print/text.ts';

/** Every difference by kind and id, such as `node/n2`. */
export function differences(diff: DiffItem): readonly string[] {
  return [
    ...(diff.leader ? ['leader'] : []),
    ...(diff.term ? ['term'] : []),
    // The cluster itself stands for the leader and the term above.
    ...diff.scopes.flatMap(({ scope }) => (scope === null ? [] : [`scope/${scope}`])),
    ...diff.nodes.map(({ id }) => `node/${id}`),
    ...diff.followings.map(({ id }) => `following/${id}`),
    ...diff.jobs.map(({ id }) => `job/${id}`),
  ];
}

/** Whole lines. */
export function drawDiff(diff: DiffItem, { id, from, to }: DiffAsked, look: Look): string {
  const { paint } = look;
  const head = [
    `${paint(plain(id), 'bold')}\n`,
    `  from  ${drawMoment(from, diff.from, paint)}\n`,
    `  to    ${drawMoment(to, diff.to, paint)}\n`,
  ].join('');
  const sections = [
    section('LEADER', leadersOf(diff), leaderColumns(look), look),
    section('NODES', diff.nodes, nodeColumns(look), look),
    section('FOLLOWINGS', diff.followings, followingColumns(look), look),
    section('JOBS', diff.jobs, jobColumns(look), look),
  ].filter((text) => text !== '');
  return [head, ...(sections.length > 0 ? sections : ['no difference\n'])].join('\n');
}

function drawMoment(asked: DiffMoment | null, { exists, asOf, completeness }: ComparedMoment, paint: Painter): string {
  const then = asked === null ? 'now' : describeMoment(asked);
  const place = asOf ? paint(`  position ${asOf.position}, recorded ${moment(asOf.recordedAt)}`, 'dim') : '';
  const nothing = exists ? '' : `  ${paint('nothing was known of it', 'yellow')}`;
  const gaps = completeness.complete ? '' : `  ${paint('incomplete: there is no data for a part of it', 'yellow')}`;
  return `${then}${place}${nothing}${gaps}`;
}

function describeMoment(asked: DiffMoment): string {
  if ('position' in asked) return `at position ${asked.position}`;
  if ('knownAt' in asked) return `as known at ${moment(asked.knownAt)}`;
  if ('happenedAt' in asked) return `at ${moment(asked.happenedAt)}`;
  return `at ${moment(asked.bitemporal.happenedAt)} as known at ${moment(asked.bitemporal.knownAt)}`;
}

function section<Row>(title: string, rows: readonly Row[], columns: readonly Column<Row>[], look: Look): string {
  if (rows.length === 0) return '';
  return `${look.paint(`${title} (${rows.length})`, 'bold')}\n${table(rows, columns, { ...look, indent: '  ' })}`;
}

/** Scopes; where none of them differs, which one the cluster is led by as a whole. */
function leadersOf({ scopes, leader, term }: DiffItem): readonly ScopeChange[] {
  if (scopes.length > 0) return scopes;
  if (leader) return [{ scope: null, ...leader }];
  return term ? [{ scope: null, from: null, to: null, fromTerm: term.from, toTerm: term.to, causes: term.causes }] : [];
}

const CHANGE_PAINT: Readonly<Record<string, 'green' | 'red' | 'yellow'>> = {
  ADDED: 'green',
  REMOVED: 'red',
  CHANGED: 'yellow',
};

function leaderColumns(look: Look): Column<ScopeChange>[] {
  return [
    { title: 'SCOPE', optional: true, cell: ({ scope }) => plain(scope) },
    { title: 'FROM', cell: ({ from, fromTerm }) => inTerm(from?.id, fromTerm, 'nobody') },
    { title: 'TO', cell: ({ to, toTerm }) => inTerm(to?.id, toTerm, 'nobody') },
    causesColumn(look),
  ];
}

function followingColumns(look: Look): Column<FollowingChange>[] {
  return [
    { title: 'NODE', cell: ({ id }) => plain(id) },
    { title: 'FROM', cell: ({ from, fromTerm }) => inTerm(from?.id, fromTerm, 'nobody') },
    { title: 'TO', cell: ({ to, toTerm }) => inTerm(to?.id, toTerm, 'nobody') },
    causesColumn(look),
  ];
}

function nodeColumns(look: Look): Column<NodeRow>[] {
  return [
    changeColumn(look),
    { title: 'NODE', cell: ({ id }) => plain(id) },
    { title: 'WHAT', cell: ({ from, to }) => whatChanged(from, to) },
    causesColumn(look),
  ];
}

function jobColumns(look: Look): Column<JobChange>[] {
  return [
    changeColumn(look),
    { title: 'JOB', cell: ({ id }) => plain(id) },
    { title: 'FROM', cell: ({ fromState, from }) => placed(fromState, from) },
    { title: 'TO', cell: ({ toState, to }) => placed(toState, to) },
    causesColumn(look),
  ];
}

function changeColumn({ paint }: Look): Column<{ readonly change: string }> {
  return { title: 'CHANGE', cell: ({ change }) => paint(change.toLowerCase(), CHANGE_PAINT[change] ?? 'yellow') };
}

/** The last cause, and how many there are before it; all of them with `-o wide`. */
function causesColumn({ wide, paint }: Look): Column<{ readonly causes: readonly Cause[] }> {
  const one = ({ type, occurredAt, position }: Cause): string =>
    `${plain(type.replace('io.musterbook.', ''))} ${moment(occurredAt)} #${position}`;
  return {
    title: 'BECAUSE OF',
    cell: ({ causes }) => {
      const last = causes.at(-1);
      if (last === undefined) return '';
      if (wide) return causes.map(one).join(', ');
      return `${one(last)}${causes.length > 1 ? paint(` and ${causes.length - 1} before`, 'dim') : ''}`;
    },
  };
}

function inTerm(id: string | undefined, term: number | null, nobody: string): string {
  return `${id === undefined ? nobody : plain(id)}${term === null ? '' : ` (term ${term})`}`;
}

function placed(state: string | null, node: { readonly id: string } | null): string {
  return state === null ? '-' : `${state}${node ? ` on ${plain(node.id)}` : ''}`;
}

const ATTRIBUTES = ['name', 'address', 'zone', 'kind', 'schedulable', 'incarnation', 'labels'] as const;

function whatChanged(from: ComparedNode | null, to: ComparedNode | null): string {
  if (from === null || to === null) {
    const node = to ?? from;
    return node === null ? '' : `${node.liveness} ${node.role}`;
  }
  const parts: string[] = [];
  if (from.liveness !== to.liveness) parts.push(`${from.liveness} → ${to.liveness}`);
  if (from.role !== to.role) parts.push(`${from.role} → ${to.role}`);
  for (const name of ATTRIBUTES) {
    const [before, after] = [attribute(from[name]), attribute(to[name])];
    if (before !== after) parts.push(`${name} ${before} → ${after}`);
  }
  return parts.join(', ');
}

function attribute(value: unknown): string {
  if (value === null) return '-';
  return plain(typeof value === 'string' ? value : JSON.stringify(value));
}
