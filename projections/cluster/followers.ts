/** Who follows a leader: what `timeline` counts, and the explorer's sentence and overview beside it. */

interface Shown {
  readonly role: string;
  readonly liveness: string;
  readonly following: { readonly role: string } | null;
}

/**
 * A member that follows a node which leads, neither lost nor leading itself. One that nobody hears of just now counts as
 * it was last said to: that it is unknown is said beside.
 */
export function isFollower({ role, liveness, following }: Shown): boolean {
  // Of those that follow somebody, who has left has neither role.
  const isMember = role === 'FOLLOWER' || role === 'CANDIDATE';
  return isMember && liveness !== 'LOST' && following?.role === 'LEADER';
}
