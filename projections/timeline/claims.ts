/**
 * Further lanes of scopes: claims to lead beside the one that leads, as they were in the end. So overlaps and stale claims
 * are seen, also where a claim's own `LeaderLost` came when a newer one had begun.
 */
import type { ClaimColumns } from '../elections/elections.ts';
import { leaderWord } from './cluster-lanes.ts';
import { Lane, type LaneColumns } from './lane.ts';
import type { Leads } from './leads.ts';
import type { Window } from './window.ts';

/** Of one scope at most. */
const LANES_MAX = 8;

/** What of a claim is drawn: [from, to), infinite where the claim is open. */
interface Piece {
  readonly claim: number;
  readonly from: number;
  readonly to: number;
}

export interface ClaimsAsked {
  readonly window: Window;
  readonly claims: Readonly<ClaimColumns>;
  /** Who led when, of each scope that is drawn. */
  readonly leadsOf: (scope: string) => Leads | undefined;
  /** How many lanes at most, in all scopes. */
  readonly room: number;
}

export interface FurtherLanes {
  readonly lanes: readonly { readonly scope: string; readonly columns: LaneColumns }[];
  /** How many more it would take to draw every claim. */
  readonly omitted: number;
}

export function furtherClaims(asked: ClaimsAsked): FurtherLanes {
  const lanes: { readonly scope: string; readonly columns: LaneColumns }[] = [];
  let omitted = 0;
  for (const [scope, pieces] of piecesByScope(asked)) {
    const drawn = drawScope(pieces, asked, Math.min(LANES_MAX, asked.room - lanes.length));
    for (const columns of drawn.lanes) lanes.push({ scope, columns });
    omitted += drawn.omitted;
  }
  return { lanes, omitted };
}

function drawScope(pieces: readonly Piece[], { window, claims }: ClaimsAsked, room: number) {
  const drawn: { readonly lane: Lane; to: number }[] = [];
  const left: Piece[] = [];
  for (const piece of pieces.toSorted((first, second) => first.from - second.from)) {
    let free = drawn.find(({ to }) => to <= piece.from);
    if (free === undefined && drawn.length < room) {
      free = { lane: new Lane(window), to: 0 };
      drawn.push(free);
    }
    if (free === undefined) {
      left.push(piece);
      continue;
    }
    free.to = piece.to;
    free.lane.turn(piece.from, leaderWord(claims.leaderId[piece.claim] ?? ''), claims.term[piece.claim] ?? null);
    if (piece.to < window.to) free.lane.turn(piece.to, null, null);
  }
  const lanes = drawn.map(({ lane, to }) => lane.finish(to === Number.POSITIVE_INFINITY));
  return { lanes, omitted: mostAtOnce(left) };
}

/** What of each claim lies in the window and beside its own leading. */
function piecesByScope({ window, claims, leadsOf }: ClaimsAsked): ReadonlyMap<string, Piece[]> {
  const byScope = new Map<string, Piece[]>();
  for (let claim = 0; claim < claims.scope.length; claim += 1) {
    const from = Math.max(claims.startedAt[claim] ?? 0, window.from);
    // Claims stand in the order in which they began.
    if (from >= window.to) break;
    const to = claims.endedAt[claim] ?? Number.POSITIVE_INFINITY;
    if (to <= from) continue;
    const scope = claims.scope[claim] ?? '';
    const led = leadsOf(scope)?.of(claim);
    if (led === undefined) continue;
    const pieces = byScope.get(scope) ?? [];
    byScope.set(scope, pieces);
    if (led === null) pieces.push({ claim, from, to });
    else {
      if (from < led[0]) pieces.push({ claim, from, to: led[0] });
      if (led[1] < Math.min(to, window.to)) pieces.push({ claim, from: led[1], to });
    }
  }
  return byScope;
}

/** `pieces` by their beginning. */
function mostAtOnce(pieces: readonly Piece[]): number {
  const ends = pieces.map(({ to }) => to).sort((first, second) => first - second);
  let most = 0;
  let over = 0;
  for (const [begun, { from }] of pieces.entries()) {
    while ((ends[over] ?? Number.POSITIVE_INFINITY) <= from) over += 1;
    most = Math.max(most, begun + 1 - over);
  }
  return most;
}
