/** The election history of one cluster: every claim to lead, with its end, in the order in which they began. */
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { admitIncarnation, type Incarnations } from '../cluster/incarnation.ts';
import {
  claimantLeft,
  type EndReason,
  initialLeadership,
  type LateLoss,
  type LeadershipListener,
  type LeadershipState,
  leaderElected,
  leaderLost,
  type OpenClaim,
  UNNAMED,
} from '../cluster/leadership.ts';
import type { Projection } from '../projection.ts';
import { entryOf, type Keyed, setEntry } from '../record.ts';

export interface ElectionsState {
  readonly id: string;
  leadership: LeadershipState;
  /** Of nodes that ever named one: a departure of an older incarnation ends no claim. */
  incarnations: Keyed<Incarnations>;
  claims: ClaimColumns;
  /** By scope, the number of the claim from which its terms count: its last `bootstrapped`, or 0. */
  countedFrom: Keyed<number>;
}

/** Parallel lists, a claim's number being its place in each: a long history stays small. */
export interface ClaimColumns {
  scope: string[];
  leaderId: string[];
  term: (number | null)[];
  startedAt: Micros[];
  endedAt: (Micros | null)[];
  endReason: (EndReason | null)[];
  how: (NonNullable<EventData['LeaderElected']['how']> | null)[];
  /** Sums of `LOST` (its own `LeaderLost` has come), `CONTESTED` and `STALE`. */
  flags: number[];
  eventPosition: Position[];
}

const LOST = 1;
export const CONTESTED = 2;
export const STALE = 4;

type Take<Name extends EventName> = (state: ElectionsState, event: FoldEvent<Name>) => void;

const TAKES = {
  LeaderElected: (state, event) => leaderElected(state.leadership, event, recorder(state)),
  LeaderLost: (state, event) => leaderLost(state.leadership, event, recorder(state)),
  NodeJoined: (state, event) => void isOlder(state, event.data),
  NodeLeft(state, event) {
    if (isOlder(state, event.data)) return;
    claimantLeft(state.leadership, { nodeId: event.data.nodeId, at: event.effectiveAt }, recorder(state));
  },
  HeartbeatLost: (state, event) => void isOlder(state, event.data),
  HeartbeatRestored: (state, event) => void isOlder(state, event.data),
} as const satisfies { readonly [Name in EventName]?: Take<Name> };

export const elections: Projection<ElectionsState> = {
  name: 'elections',
  version: 1,
  categories: ['cluster'],
  types: Object.keys(TAKES) as (keyof typeof TAKES)[],
  keyed: 'stream',
  initial: (id) => ({
    id,
    leadership: initialLeadership(),
    incarnations: {},
    claims: {
      scope: [],
      leaderId: [],
      term: [],
      startedAt: [],
      endedAt: [],
      endReason: [],
      how: [],
      flags: [],
      eventPosition: [],
    },
    countedFrom: {},
  }),
  fold(state, event) {
    const take = TAKES[event.type as keyof typeof TAKES] as Take<EventName>;
    take(state, event);
    return state;
  },
};

function isOlder(state: ElectionsState, said: { readonly nodeId: string; readonly incarnation?: string }): boolean {
  const { nodeId, incarnation } = said;
  if (incarnation === undefined) return false;
  let known = entryOf(state.incarnations, nodeId);
  if (known === undefined) {
    known = { incarnation: null, replaced: [] };
    setEntry(state.incarnations, nodeId, known);
  }
  return admitIncarnation(known, incarnation) === 'older';
}

/** Writes down what becomes of claims. */
function recorder(state: ElectionsState): LeadershipListener {
  const { claims } = state;
  return {
    opened(claim, event) {
      open(claims, claim, event);
      if (event.data.how === 'bootstrapped') setEntry(state.countedFrom, event.data.scope ?? UNNAMED, claim.claim);
    },
    ended(claim, reason, at) {
      claims.endedAt[claim] = at;
      claims.endReason[claim] = reason;
      if (reason !== 'superseded' && reason !== 'left') setFlag(claims, claim, LOST);
    },
    lostAfterEnd: (loss) => moveEnd(claims, loss),
    contested(scope, term) {
      const from = entryOf(state.countedFrom, scope) ?? 0;
      for (let claim = claims.scope.length - 1; claim >= from; claim -= 1) {
        if (claims.scope[claim] === scope && claims.term[claim] === term) setFlag(claims, claim, CONTESTED);
      }
    },
  };
}

function open(claims: ClaimColumns, claim: OpenClaim, event: FoldEvent<'LeaderElected'>): void {
  claims.scope.push(event.data.scope ?? UNNAMED);
  claims.leaderId.push(claim.leaderId);
  claims.term.push(claim.term);
  claims.startedAt.push(claim.since);
  claims.endedAt.push(null);
  claims.endReason.push(null);
  claims.how.push(event.data.how ?? null);
  claims.flags.push(claim.stale ? STALE : 0);
  claims.eventPosition.push(claim.eventPosition);
}

/** The claim's own `LeaderLost` came after its end: the first one moves the end there, a second changes nothing. */
function moveEnd(claims: ClaimColumns, loss: LateLoss): void {
  for (let claim = claims.scope.length - 1; claim >= 0; claim -= 1) {
    if (claims.leaderId[claim] !== loss.leaderId || claims.scope[claim] !== loss.scope) continue;
    if (loss.term !== null && claims.term[claim] !== loss.term) continue;
    if (((claims.flags[claim] ?? 0) & LOST) !== 0) return;
    claims.endedAt[claim] = loss.at;
    claims.endReason[claim] = loss.reason;
    setFlag(claims, claim, LOST);
    return;
  }
}

function setFlag(claims: ClaimColumns, claim: number, flag: number): void {
  claims.flags[claim] = (claims.flags[claim] ?? 0) | flag;
}
