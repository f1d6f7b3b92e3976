/**
 * Who claims to lead what. One fold, shared: `cluster` keeps the open claims, `elections` also keeps what became of
 * each. A claim is opened by `LeaderElected`, and ends at its own `LeaderLost`, else when a newer claim or the node's
 * departure ends it.
 */
import type { EventData } from '../../schemas/catalogue.ts';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { entryOf, type Keyed, setEntry } from '../record.ts';

export interface LeadershipState {
  /** How many claims were ever opened, in all scopes: the number of the next one. */
  claims: number;
  /** By scope, `UNNAMED` being the cluster itself. */
  scopes: Keyed<ScopeState>;
}

/** The key of the unnamed scope; a named one has at least one character. */
export const UNNAMED = '';

export interface ScopeState {
  /** The highest term among its `LeaderElected` since the last `bootstrapped`. */
  term: number | null;
  /** In the order in which they began. */
  open: OpenClaim[];
  /** The claim that leads, and since when it does. */
  leading: { claim: number; since: Micros } | null;
  /** Who stands in an election that began later than the last `LeaderElected`; null when none did. */
  candidateIds: string[] | null;
  claimed: ClaimedTerms;
  claimants: Keyed<Claimant>;
  /** How many claimants there are: the number of the next one. */
  claimantCount: number;
}

export interface OpenClaim {
  claim: number;
  leaderId: string;
  term: number | null;
  since: Micros;
  stale: boolean;
  eventPosition: Position;
}

/**
 * Who claimed which term since the last `bootstrapped`; never forgotten, hence compact. Parallel lists: `terms` rising,
 * and for each its claimant's number doubled, plus one once the claim's own `LeaderLost` has come. A term that stands
 * twice was claimed by two nodes.
 */
export interface ClaimedTerms {
  terms: number[];
  marks: number[];
}

/** A node that ever claimed the scope, with its latest claim. */
export interface Claimant {
  readonly number: number;
  readonly claim: number;
  readonly term: number | null;
}

export type EndReason = EventData['LeaderLost']['reason'] | 'superseded' | 'left';

/** A `LeaderLost` whose claim is not open: it had ended, by an earlier one or otherwise, or never began. */
export interface LateLoss {
  readonly scope: string;
  readonly leaderId: string;
  /** Null: the node's latest claim. */
  readonly term: number | null;
  readonly reason: EndReason;
  readonly at: Micros;
}

/** What `elections` hears of. Claims go by their numbers. */
export interface LeadershipListener {
  opened(claim: OpenClaim, event: FoldEvent<'LeaderElected'>): void;
  ended(claim: number, reason: EndReason, at: Micros): void;
  lostAfterEnd(loss: LateLoss): void;
  /** A claim was opened in a term that two nodes claimed, counting from the scope's last `bootstrapped`. */
  contested(scope: string, term: number): void;
}

export function initialLeadership(): LeadershipState {
  return { claims: 0, scopes: {} };
}

export function leaderElected(
  state: LeadershipState,
  event: FoldEvent<'LeaderElected'>,
  listener: LeadershipListener | null,
): void {
  const { scope: name = UNNAMED, leaderId, term = null } = event.data;
  const scope = scopeOf(state, name);
  const isBootstrapped = event.data.how === 'bootstrapped';
  scope.candidateIds = null;
  if (isBootstrapped ? isFounded(scope, leaderId, term) : isRepeated(scope, leaderId, term)) return;

  if (isBootstrapped) {
    scope.term = null;
    scope.claimed = { terms: [], marks: [] };
  }
  const claim: OpenClaim = {
    claim: state.claims,
    leaderId,
    term,
    since: event.effectiveAt,
    stale: term !== null && scope.term !== null && term < scope.term,
    eventPosition: event.position,
  };
  state.claims += 1;
  if (term !== null && (scope.term === null || term > scope.term)) scope.term = term;
  if (!claim.stale) supersede(scope, claim, isBootstrapped, listener);
  scope.open.push(claim);
  listener?.opened(claim, event);
  remember(scope, claim);
  if (term !== null && listener !== null && isContested(scope, term)) listener.contested(name, term);
  settleLeader(scope, event.effectiveAt);
}

export function leaderLost(
  state: LeadershipState,
  event: FoldEvent<'LeaderLost'>,
  listener: LeadershipListener | null,
): void {
  const { scope: name = UNNAMED, leaderId, term = null, reason } = event.data;
  const scope = scopeOf(state, name);
  const claimant = entryOf(scope.claimants, leaderId);
  if (claimant === undefined) return;
  const isLatest = term === null || term === claimant.term;
  const lostTerm = isLatest ? claimant.term : term;
  const place = lostTerm === null ? -1 : placeOf(scope.claimed, lostTerm, claimant.number);
  if (place >= 0) scope.claimed.marks[place] = claimant.number * 2 + 1;
  const open = scope.open.findLast((claim) =>
    isLatest ? claim.claim === claimant.claim : claim.leaderId === leaderId && claim.term === term,
  );
  if (open === undefined) {
    listener?.lostAfterEnd({ scope: name, leaderId, term, reason, at: event.effectiveAt });
    return;
  }
  scope.open.splice(scope.open.indexOf(open), 1);
  listener?.ended(open.claim, reason, event.effectiveAt);
  settleLeader(scope, event.effectiveAt);
}

export function electionStarted(state: LeadershipState, event: FoldEvent<'ElectionStarted'>): void {
  const scope = scopeOf(state, event.data.scope ?? UNNAMED);
  scope.candidateIds ??= [];
  const { candidateId } = event.data;
  if (candidateId !== undefined && !scope.candidateIds.includes(candidateId)) scope.candidateIds.push(candidateId);
}

/** A node's departure ends its open claims in every scope. */
export function claimantLeft(
  state: LeadershipState,
  departed: { readonly nodeId: string; readonly at: Micros },
  listener: LeadershipListener | null,
): void {
  for (const name of Object.keys(state.scopes)) {
    const scope = scopeOf(state, name);
    if (!scope.open.some((claim) => claim.leaderId === departed.nodeId)) continue;
    scope.open = scope.open.filter((claim) => {
      if (claim.leaderId !== departed.nodeId) return true;
      listener?.ended(claim.claim, 'left', departed.at);
      return false;
    });
    settleLeader(scope, departed.at);
  }
}

/** Whether two nodes claimed this term since the last `bootstrapped`. */
export function isContested(scope: Readonly<ScopeState>, term: number | null): boolean {
  if (term === null) return false;
  const first = firstPlace(scope.claimed.terms, term);
  return scope.claimed.terms[first] === term && scope.claimed.terms[first + 1] === term;
}

/** The open claim that leads. */
export function leadingClaim(scope: Readonly<ScopeState>): OpenClaim | null {
  if (scope.leading === null) return null;
  const { claim } = scope.leading;
  return scope.open.find((open) => open.claim === claim) ?? null;
}

function scopeOf(state: LeadershipState, name: string): ScopeState {
  const known = entryOf(state.scopes, name);
  if (known !== undefined) return known;
  const scope: ScopeState = {
    term: null,
    open: [],
    leading: null,
    candidateIds: null,
    claimed: { terms: [], marks: [] },
    claimants: {},
    claimantCount: 0,
  };
  setEntry(state.scopes, name, scope);
  return scope;
}

/** The same node again: in the same term until that claim's own `LeaderLost`, without a term while a claim is open. */
function isRepeated(scope: ScopeState, leaderId: string, term: number | null): boolean {
  if (term === null) return scope.open.some((claim) => claim.leaderId === leaderId);
  const claimant = entryOf(scope.claimants, leaderId);
  if (claimant === undefined) return false;
  const place = placeOf(scope.claimed, term, claimant.number);
  return place >= 0 && !isLost(scope.claimed, place);
}

/**
 * A `bootstrapped` starts counting anew, so a term that was claimed before is another one. It only repeats what is known
 * when the node's claim of that very term is open and the count stands there.
 */
function isFounded(scope: ScopeState, leaderId: string, term: number | null): boolean {
  return (
    scope.term === term &&
    scope.open.some((claim) => claim.leaderId === leaderId && claim.term === term && !claim.stale)
  );
}

function supersede(
  scope: ScopeState,
  newer: OpenClaim,
  isBootstrapped: boolean,
  listener: LeadershipListener | null,
): void {
  scope.open = scope.open.filter((open) => {
    const ends = isBootstrapped || newer.term === null || open.term === null || newer.term > open.term;
    if (ends) listener?.ended(open.claim, 'superseded', newer.since);
    return !ends;
  });
}

function remember(scope: ScopeState, claim: OpenClaim): void {
  const known = entryOf(scope.claimants, claim.leaderId);
  const number = known?.number ?? scope.claimantCount;
  if (known === undefined) scope.claimantCount += 1;
  setEntry(scope.claimants, claim.leaderId, { number, claim: claim.claim, term: claim.term });
  if (claim.term === null) return;

  const { terms, marks } = scope.claimed;
  const place = placeOf(scope.claimed, claim.term, number);
  if (place >= 0) {
    marks[place] = number * 2;
    return;
  }
  let end = firstPlace(terms, claim.term);
  while (terms[end] === claim.term) end += 1;
  terms.splice(end, 0, claim.term);
  marks.splice(end, 0, number * 2);
}

/**
 * Among open claims not stale the highest term, within a term the first. Without terms the latest: it has ended all
 * others, so that it is the only one.
 */
function settleLeader(scope: ScopeState, at: Micros): void {
  let best: OpenClaim | null = null;
  for (const claim of scope.open) {
    if (!claim.stale && (best === null || (claim.term ?? 0) > (best.term ?? 0))) best = claim;
  }
  if (best?.claim === scope.leading?.claim) return;
  scope.leading = best === null ? null : { claim: best.claim, since: at };
}

function isLost(claimed: ClaimedTerms, place: number): boolean {
  return (claimed.marks[place] ?? 0) % 2 === 1;
}

/** Where the node's claim of a term stands; -1 when it has none. */
function placeOf(claimed: Readonly<ClaimedTerms>, term: number, claimant: number): number {
  for (let place = firstPlace(claimed.terms, term); claimed.terms[place] === term; place += 1) {
    if (Math.floor((claimed.marks[place] ?? 0) / 2) === claimant) return place;
  }
  return -1;
}

/** The first place whose term is at least this one; terms mostly come in order, so the end is tried first. */
function firstPlace(terms: readonly number[], term: number): number {
  let high = terms.length;
  if (high === 0 || (terms[high - 1] ?? 0) < term) return high;
  let low = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((terms[middle] ?? 0) < term) low = middle + 1;
    else high = middle;
  }
  return low;
}
