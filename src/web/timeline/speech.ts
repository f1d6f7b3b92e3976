/** What a moment says in one sentence: spoken at the playhead, and its heading. Pure. */
import { isFollower } from '../../../projections/cluster/followers.ts';
import type { ClusterView } from '../../../projections/cluster/view.ts';
import { textOf } from './instants.ts';

/** `2022-12-13 20:13:00 UTC`, decimals as there are. */
export function spokenTime(at: number): string {
  return `${textOf(at).replace('T', ' ').replace('Z', '')} UTC`;
}

export function spoken(at: number, view: ClusterView | null): string {
  return view === null ? `${spokenTime(at)}: not known yet` : `${spokenTime(at)}: ${summary(view)}`;
}

/** Who leads, and how many of what. */
export function summary(view: ClusterView): string {
  const members = view.nodes.filter(({ liveness }) => liveness !== 'LEFT');
  const count = (liveness: string): number => members.filter((node) => node.liveness === liveness).length;
  const following = view.nodes.filter(isFollower).length;
  const running = view.jobs.filter(({ state }) => state === 'RUNNING').length;
  const wanting = view.jobs.filter(({ state }) => state !== 'RUNNING' && state !== 'COMPLETED').length;
  const parts = [leadership(view), counted(members.length, 'node'), `${following} following`];
  if (count('LOST') > 0) parts.push(`${count('LOST')} lost`);
  if (count('UNKNOWN') > 0) parts.push(`${count('UNKNOWN')} unknown`);
  parts.push(`${counted(running, 'job')} running`);
  if (wanting > 0) parts.push(`${wanting} not running`);
  return parts.join(', ');
}

function leadership({ leaders, state }: ClusterView): string {
  const leading = leaders.filter(({ stale }) => !stale);
  if (leading.length === 0) {
    const scopes = Object.values(state.leadership.scopes);
    // It may not elect at all.
    if (scopes.length === 0) return 'no word of a leader';
    const isElecting = scopes.some(({ candidateIds }) => candidateIds !== null);
    return isElecting ? 'electing' : 'nobody leads';
  }
  if (leading.length > 3)
    return `${leading.length} leaders of ${new Set(leading.map(({ scope }) => scope)).size} scopes`;
  return leading
    .map(({ node, term, scope, contested }) => {
      const name = node.name ?? node.id;
      const where = scope === null ? '' : ` ${scope}`;
      const inTerm = term === null ? '' : ` in term ${term}`;
      return `${name} leads${where}${inTerm}${contested ? ', contested' : ''}`;
    })
    .join(' and ');
}

function counted(count: number, one: string): string {
  return `${count} ${count === 1 ? one : `${one}s`}`;
}
