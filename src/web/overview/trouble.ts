/** What is wrong with a cluster, in words, and which cluster is worse. Pure. */
import { isFollower } from '../../../projections/cluster/followers.ts';
import type { OverviewCluster } from './query.ts';

/** `bad`: someone is affected or nobody leads. `warn`: something is missing. `unknown`: not enough is told to say. */
export type Level = 'ok' | 'unknown' | 'warn' | 'bad';

export interface Reason {
  readonly level: Exclude<Level, 'ok'>;
  readonly words: string;
}

export interface Judged {
  readonly cluster: OverviewCluster;
  readonly level: Level;
  /** Worst first. */
  readonly reasons: readonly Reason[];
  /** Members that follow a leader, of those that could; null where the cluster has never said that anyone does. */
  readonly following: { readonly followers: number; readonly members: number } | null;
  /** Jobs that ought to run and do not. */
  readonly jobsDown: number;
  /** Jobs on their way: submitted or assigned. */
  readonly jobsWaiting: number;
  readonly lastElectionAt: string | null;
}

const RANKS: Readonly<Record<Level, number>> = { ok: 0, unknown: 1, warn: 2, bad: 3 };

export function judge(cluster: OverviewCluster): Judged {
  const down = cluster.jobs.filter(({ state }) => state !== 'SUBMITTED' && state !== 'ASSIGNED');
  const reasons = [
    ...leadership(cluster),
    ...followers(cluster),
    ...incidents(cluster),
    ...anomalies(cluster),
    ...jobs(cluster, down),
    ...nodes(cluster),
  ];
  if (!cluster.completeness.complete) reasons.push({ level: 'unknown', words: 'a collector is silent' });
  reasons.sort((one, other) => RANKS[other.level] - RANKS[one.level]);
  return {
    cluster,
    level: reasons[0]?.level ?? 'ok',
    reasons,
    following: followingIn(cluster),
    jobsDown: down.length,
    jobsWaiting: cluster.jobs.length - down.length,
    lastElectionAt: cluster.elections.at(-1)?.startedAt ?? null,
  };
}

function leadership({ leader, electing, scopes, leaders, elections }: OverviewCluster): Reason[] {
  const found: Reason[] = [];
  // Contested is for good: it is trouble now where both claims of a scope are still open.
  const contested = Map.groupBy(
    leaders.filter((claim) => claim.contested && !claim.stale),
    ({ scope }) => scope,
  );
  const most = Math.max(0, ...[...contested.values()].map((claims) => claims.length));
  if (most > 1) found.push({ level: 'bad', words: `${most} leaders in one term` });
  const led = new Set(leaders.filter(({ stale }) => !stale).map(({ scope }) => scope));
  const unled = scopes.filter((scope) => !led.has(scope));
  if (unled.length > 0) {
    found.push({
      level: 'bad',
      words: unled.length === 1 ? `nobody leads ${unled[0]}` : `${unled.length} scopes without leader`,
    });
  }
  // A cluster that nobody was ever said to lead may not elect at all: no word about it is no trouble.
  else if (leader === null && leaders.length === 0 && (electing || elections.length > 0)) {
    found.push({ level: 'bad', words: electing ? 'electing' : 'no leader' });
  }
  return found;
}

/** Members that could follow: not the leader, not left, no worker and no learner. */
function followingIn({ nodes: all }: OverviewCluster): Judged['following'] {
  const members = all.filter(
    ({ role, liveness }) => liveness !== 'LEFT' && role !== 'LEADER' && role !== 'WORKER' && role !== 'LEARNER',
  );
  // Without voters by name, that nobody follows may only mean that nobody reports it.
  const isTold = members.some(({ role, kind }) => role === 'FOLLOWER' || kind === 'voter');
  return isTold ? { followers: members.filter(isFollower).length, members: members.length } : null;
}

/** A leader whose followers fall away looks healthy until it is asked to decide: half of them gone is as bad as no leader. */
function followers(cluster: OverviewCluster): Reason[] {
  const following = followingIn(cluster);
  if (cluster.leader === null || following === null || following.followers === following.members) return [];
  const hasMajority = (following.followers + 1) * 2 > following.members + 1;
  return [{ level: hasMajority ? 'warn' : 'bad', words: `${following.followers} of ${following.members} follow` }];
}

function incidents({ incidents: open }: OverviewCluster): Reason[] {
  const isGrave = open.some(({ impact }) => impact === 'critical' || impact === 'major');
  return open.length === 0 ? [] : [{ level: isGrave ? 'bad' : 'warn', words: counted(open.length, 'open incident') }];
}

function anomalies({ anomalies: open }: OverviewCluster): Reason[] {
  const told = open.filter(({ severity }) => severity !== 'info');
  const isGrave = told.some(({ severity }) => severity === 'critical');
  return told.length === 0
    ? []
    : [{ level: isGrave ? 'bad' : 'warn', words: counted(told.length, 'anomaly', 'anomalies') }];
}

function jobs({ jobGroups }: OverviewCluster, down: OverviewCluster['jobs']): Reason[] {
  const found: Reason[] = [];
  const critical = down.filter((job) => job.critical).length;
  if (critical > 0) found.push({ level: 'bad', words: `${counted(critical, 'critical job')} down` });
  if (down.length > critical) found.push({ level: 'warn', words: `${counted(down.length - critical, 'job')} down` });
  const short = jobGroups.filter(({ wanted, running }) => wanted !== null && running < wanted).length;
  if (short > 0 && down.length === 0) found.push({ level: 'warn', words: `${counted(short, 'job group')} short` });
  return found;
}

function nodes({ nodes: all }: OverviewCluster): Reason[] {
  const lost = all.filter(({ liveness }) => liveness === 'LOST').length;
  const unknown = all.filter(({ liveness }) => liveness === 'UNKNOWN').length;
  const found: Reason[] = [];
  if (lost > 0) found.push({ level: 'warn', words: `${counted(lost, 'node')} lost` });
  if (unknown > 0) found.push({ level: 'unknown', words: `${counted(unknown, 'node')} unknown` });
  return found;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The worst first: by level, then by how much of that level there is, then by name, so that equals keep their places. */
export function byTrouble(one: Judged, other: Judged): number {
  return (
    RANKS[other.level] - RANKS[one.level] ||
    weight(other) - weight(one) ||
    one.cluster.id.localeCompare(other.cluster.id, 'en')
  );
}

/** The rows in an order that was seen before, by id; those that are new to it behind, the worst first. */
export function inOrder(rows: readonly Judged[], order: readonly string[]): readonly Judged[] {
  const places = new Map(order.map((id, index) => [id, index]));
  const placeOf = ({ cluster }: Judged): number => places.get(cluster.id) ?? order.length;
  return rows.toSorted((one, other) => placeOf(one) - placeOf(other) || byTrouble(one, other));
}

function weight({ reasons, level }: Judged): number {
  return reasons.filter((reason) => reason.level === level).length;
}

/** Clusters whose id, leader or trouble has every word of the filter. */
export function matching(rows: readonly Judged[], filter: string): readonly Judged[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter(({ cluster, reasons, level }) => {
    const text = [cluster.id, cluster.leader?.id, cluster.leader?.name, level, ...reasons.map((reason) => reason.words)]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
