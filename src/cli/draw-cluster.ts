/** A cluster on a terminal, for whoever is on call: what is wrong stands first. */
import type { ClusterItem, ClusterJob, ClusterNode } from './cluster.ts';
import type { Look } from './print/format.ts';
import { type Column, table } from './print/table.ts';
import { age, moment, type Paint, type Painter, plain } from './print/text.ts';

/** Whole lines. */
export function drawCluster(cluster: ClusterItem, look: Look): string {
  const { paint } = look;
  const { asOf } = cluster;
  const sections = [
    `${paint(plain(cluster.id), 'bold')}  ${paint(`as of ${moment(asOf.recordedAt)}, position ${asOf.position}`, 'dim')}\n`,
    drawGaps(cluster, paint),
    drawLeader(cluster, look),
    section('NOT RUNNING', notRunning(cluster.jobs), jobColumns(look), look),
    section('ANOMALIES', cluster.anomalies, anomalyColumns(look), look),
    section('OPEN INCIDENTS', cluster.incidents, incidentColumns(paint), look),
    section('MAINTENANCE', cluster.maintenances, maintenanceColumns(), look),
    section('NODES', [...cluster.nodes].sort(byTrouble), nodeColumns(look), look),
    section(
      'RUNNING',
      cluster.jobs.filter(({ state }) => state === 'RUNNING'),
      jobColumns(look),
      look,
    ),
    section('GROUPS', cluster.jobGroups, groupColumns(paint), look),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

const RUNS: ReadonlySet<string> = new Set(['RUNNING', 'COMPLETED']);
const MOST_TELLING = ['ORPHANED', 'FAILED', 'UNASSIGNED', 'SUBMITTED', 'ASSIGNED'];

/** Jobs that should run and do not, the most telling first. */
export function notRunning<Job extends { readonly state: string }>(jobs: readonly Job[]): Job[] {
  return jobs
    .filter(({ state }) => !RUNS.has(state))
    .sort((a, b) => MOST_TELLING.indexOf(a.state) - MOST_TELLING.indexOf(b.state));
}

function section<Row>(title: string, rows: readonly Row[], columns: readonly Column<Row>[], look: Look): string {
  if (rows.length === 0) return '';
  return `${look.paint(`${title} (${rows.length})`, 'bold')}\n${table(rows, columns, { ...look, indent: '  ' })}`;
}

function drawLeader(cluster: ClusterItem, { paint, nowMs }: Look): string {
  const { leader, term, leaderSince } = cluster;
  const claims = cluster.leaders;
  const isPlain = claims.length <= 1 && claims.every(({ scope }) => scope === null || scope === '');
  if (isPlain || claims.length === 0) {
    const termText = term === null ? '' : `  term ${term}`;
    if (!leader) {
      const state = cluster.electing ? 'none: an election is under way' : 'none';
      return `Leader   ${paint(state, 'red', 'bold')}${termText}\n`;
    }
    const name = leader.name !== null && leader.name !== leader.id ? ` (${plain(leader.name)})` : '';
    return `Leader   ${paint(plain(leader.id), 'green', 'bold')}${name}${termText}  since ${moment(leaderSince)} (${age(leaderSince, nowMs)})${marks(claims, paint)}\n`;
  }
  const columns: Column<(typeof claims)[number]>[] = [
    { title: 'SCOPE', cell: ({ scope }) => plain(scope) || '-' },
    { title: 'LEADER', cell: ({ node }) => paint(plain(node.id), 'green') },
    { title: 'TERM', alignRight: true, cell: ({ term: claimed }) => plain(claimed) },
    { title: 'SINCE', cell: ({ since }) => moment(since) },
    { title: 'FOR', alignRight: true, cell: ({ since }) => age(since, nowMs) },
    { title: '', cell: (claim) => marks([claim], paint).trim() },
  ];
  const leaderless =
    cluster.leader === null && cluster.electing ? `  ${paint('an election is under way', 'red')}\n` : '';
  return `${paint('LEADERS', 'bold')}\n${table(claims, columns, { wide: false, paint, indent: '  ' })}${leaderless}`;
}

function marks(claims: readonly { readonly contested: boolean; readonly stale: boolean }[], paint: Painter): string {
  const contested = claims.some((claim) => claim.contested) ? `  ${paint('contested', 'red', 'bold')}` : '';
  const stale = claims.some((claim) => claim.stale) ? `  ${paint('stale', 'yellow')}` : '';
  return contested + stale;
}

function drawGaps({ completeness }: ClusterItem, paint: Painter): string {
  if (completeness.complete) return '';
  const lines = completeness.gaps.map(
    ({ collector, from, to, reason }) =>
      `  ${plain(collector)}: ${from ? moment(from) : 'its event before'} to ${to ? moment(to) : 'now, still open'}: ${plain(reason)}\n`,
  );
  return `${paint('INCOMPLETE: there is no data for', 'yellow', 'bold')}\n${lines.join('')}`;
}

const LIVENESS_PAINT: Readonly<Record<string, Paint>> = { ALIVE: 'green', LOST: 'red', UNKNOWN: 'yellow', LEFT: 'dim' };
const TROUBLE = ['LOST', 'UNKNOWN', 'ALIVE', 'LEFT'];

function byTrouble(a: ClusterNode, b: ClusterNode): number {
  return TROUBLE.indexOf(a.liveness) - TROUBLE.indexOf(b.liveness) || (a.id < b.id ? -1 : 1);
}

function nodeColumns({ paint, nowMs }: Look): Column<ClusterNode>[] {
  return [
    { title: 'NODE', cell: ({ id }) => plain(id) },
    { title: 'NAME', wide: true, cell: ({ name }) => plain(name) },
    { title: 'ROLE', cell: ({ role }) => (role === 'LEADER' ? paint(role, 'green') : role) },
    { title: 'LIVENESS', cell: ({ liveness }) => paint(liveness, LIVENESS_PAINT[liveness] ?? 'dim') },
    {
      title: 'FOLLOWS',
      optional: true,
      cell: ({ following, followingTerm }) =>
        following ? `${plain(following.id)}${followingTerm === null ? '' : ` (term ${followingTerm})`}` : '',
    },
    {
      title: 'LAST SEEN',
      optional: true,
      alignRight: true,
      cell: ({ lastSeenAt }) => (lastSeenAt ? `${age(lastSeenAt, nowMs)} ago` : ''),
    },
    { title: 'ZONE', wide: true, cell: ({ zone }) => plain(zone) },
    { title: 'ADDRESS', wide: true, cell: ({ address }) => plain(address) },
    { title: 'KIND', wide: true, cell: ({ kind }) => plain(kind) },
  ];
}

function jobColumns({ paint, nowMs }: Look): Column<ClusterJob>[] {
  const paintOf: Readonly<Record<string, Paint>> = {
    RUNNING: 'green',
    ORPHANED: 'red',
    FAILED: 'red',
    UNASSIGNED: 'red',
  };
  return [
    { title: 'JOB', cell: ({ id }) => plain(id) },
    { title: 'NAME', optional: true, cell: ({ name }) => plain(name) },
    { title: 'STATE', cell: ({ state }) => paint(state, paintOf[state] ?? 'yellow') },
    { title: 'NODE', cell: ({ node }) => plain(node?.id) },
    { title: 'FOR', alignRight: true, cell: ({ since }) => age(since, nowMs) },
    { title: '', optional: true, cell: ({ critical }) => (critical ? paint('critical', 'bold') : '') },
    { title: 'GROUP', wide: true, cell: ({ group }) => plain(group?.id) },
    { title: 'TERM', wide: true, alignRight: true, cell: ({ assignedTerm }) => plain(assignedTerm) },
    { title: 'ATTEMPTS', wide: true, alignRight: true, cell: ({ attempts }) => plain(attempts) },
    { title: 'SINCE', wide: true, cell: ({ since }) => moment(since) },
  ];
}

function groupColumns(paint: Painter): Column<ClusterItem['jobGroups'][number]>[] {
  return [
    { title: 'GROUP', cell: ({ id }) => plain(id) },
    { title: 'NAME', wide: true, cell: ({ name }) => plain(name) },
    {
      title: 'RUNNING',
      alignRight: true,
      cell: ({ running, wanted }) =>
        paint(
          wanted === null ? String(running) : `${running}/${wanted}`,
          wanted !== null && running < wanted ? 'red' : 'green',
        ),
    },
  ];
}

function anomalyColumns({ paint, nowMs }: Look): Column<ClusterItem['anomalies'][number]>[] {
  return [
    { title: 'SEVERITY', cell: ({ severity }) => paint(plain(severity), severity === 'critical' ? 'red' : 'yellow') },
    { title: 'CODE', cell: ({ code }) => plain(code) },
    { title: 'FOR', alignRight: true, cell: ({ since }) => age(since, nowMs) },
    { title: 'MESSAGE', cell: ({ message }) => plain(message) },
  ];
}

function incidentColumns(paint: Painter): Column<ClusterItem['incidents'][number]>[] {
  return [
    { title: 'INCIDENT', cell: ({ id }) => plain(id) },
    { title: 'STATUS', cell: ({ status }) => paint(plain(status), 'red') },
    { title: 'IMPACT', cell: ({ impact }) => plain(impact) },
    { title: 'TITLE', cell: ({ title }) => plain(title) },
  ];
}

function maintenanceColumns(): Column<ClusterItem['maintenances'][number]>[] {
  return [
    { title: 'MAINTENANCE', cell: ({ id }) => plain(id) },
    { title: 'STATE', cell: ({ state }) => plain(state) },
    { title: 'FROM', cell: ({ startsAt }) => moment(startsAt) },
    { title: 'TO', cell: ({ endsAt }) => moment(endsAt) },
    { title: 'TITLE', cell: ({ title }) => plain(title) },
  ];
}
