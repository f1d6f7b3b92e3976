/**
 * Statements of a record that cannot both hold. What says of itself that it puts something right is a correction and no
 * contradiction: a retraction, an amendment of the post that was wrong, the same post said again, an end taken back.
 * The rules, one by one, and why a mere second statement is none of these: docs/postmortem.md.
 */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ClaimColumns, ElectionsState } from '../elections/elections.ts';
import { CONTESTED } from '../elections/elections.ts';
import type { DatedPost, Reading } from '../incident/reading.ts';
import type { PostEntry } from '../incident/state.ts';
import type { PostmortemRow } from './rows.ts';
import { utc } from './words.ts';

export type ContradictionKind =
  | 'impact_start'
  | 'impact_end'
  | 'impact_order'
  | 'resolved_before_end'
  | 'leaders_of_one_term'
  | 'operational_while_orphaned';

export interface Contradiction {
  readonly kind: ContradictionKind;
  readonly about: string;
  /** What this record goes by; null where it takes no side. */
  readonly goesBy: string | null;
  /** By time. */
  readonly statements: readonly PostmortemRow[];
}

/** The contradictions among an incident's own posts. */
export function postContradictions(reading: Reading): readonly Contradiction[] {
  return [
    ...boundContradiction(reading, {
      kind: 'impact_start',
      about: 'When the impact began',
      said: 'Says that the impact began at',
      boundOf: (entry) => entry.impactStartedAt,
    }),
    ...boundContradiction(reading, {
      kind: 'impact_end',
      about: 'When the impact ended',
      said: 'Says that the impact ended at',
      boundOf: (entry) => entry.impactEndedAt,
    }),
    ...impactOrder(reading),
    ...resolvedBeforeEnd(reading),
  ];
}

interface Bound {
  readonly kind: 'impact_start' | 'impact_end';
  readonly about: string;
  readonly said: string;
  readonly boundOf: (entry: PostEntry) => Micros | 'withdrawn' | null;
}

function boundContradiction(reading: Reading, { kind, about, said, boundOf }: Bound): readonly Contradiction[] {
  const stating = reading.posts.filter(({ entry }) => boundOf(entry) !== null);
  const standing = stating.at(-1);
  const at = standing ? boundOf(standing.entry) : null;
  if (standing === undefined || at === null || at === 'withdrawn') return [];
  const others = stating.slice(0, -1).filter((post, index) => {
    const value = boundOf(post.entry);
    const later = stating.slice(index + 1);
    if (value === at || value === 'withdrawn' || later.some(({ entry }) => boundOf(entry) === 'withdrawn'))
      return false;
    if (later.some(({ entry }) => isSamePost(entry, post.entry))) return false;
    if (kind === 'impact_end' && isReopenedBetween(reading, post, standing)) return false;
    return !isAmendedSince(post, standing.entry.eventPosition);
  });
  if (others.length === 0) return [];
  const agreeing = stating.filter((post) => boundOf(post.entry) === at);
  const statements = [...others, ...agreeing].sort((first, second) => stating.indexOf(first) - stating.indexOf(second));
  return [
    {
      kind,
      about,
      goesBy: `the statement that comes last: ${utc(at)}`,
      statements: statements.map((post) => statement(post, `${said} ${utc(boundOf(post.entry) as Micros)}`)),
    },
  ];
}

/** A start after the end: both are in force, and no impact runs backwards. */
function impactOrder({ posts, impactStart, impactEnd }: Reading): readonly Contradiction[] {
  if (impactStart === null || impactEnd === null || impactStart.at <= impactEnd.at) return [];
  const start = posts.find(({ entry }) => entry.eventPosition === impactStart.eventPosition);
  const end = posts.find(({ entry }) => entry.eventPosition === impactEnd.eventPosition);
  if (start === undefined || end === undefined) return [];
  const statements =
    start === end
      ? [statement(start, `Says that the impact began at ${utc(impactStart.at)} and ended at ${utc(impactEnd.at)}`)]
      : [
          statement(start, `Says that the impact began at ${utc(impactStart.at)}`),
          statement(end, `Says that the impact ended at ${utc(impactEnd.at)}`),
        ];
  return [{ kind: 'impact_order', about: 'An impact that ended before it began', goesBy: null, statements }];
}

/** Said to be over while, as stated, the impact went on. */
function resolvedBeforeEnd({ posts, impactEnd, resolution }: Reading): readonly Contradiction[] {
  if (impactEnd === null || resolution === null || resolution.at >= impactEnd.at) return [];
  const end = posts.find(({ entry }) => entry.eventPosition === impactEnd.eventPosition);
  if (end === undefined) return [];
  const statements =
    end === resolution
      ? [
          statement(
            end,
            `Says at ${utc(end.at)} that it is resolved, and that the impact ended at ${utc(impactEnd.at)}`,
          ),
        ]
      : [
          statement(resolution, 'Says that it is resolved'),
          statement(end, `Says that the impact ended at ${utc(impactEnd.at)}`),
        ];
  return [{ kind: 'resolved_before_end', about: 'Resolved before its impact ended', goesBy: null, statements }];
}

function isSamePost(first: PostEntry, second: PostEntry): boolean {
  return first.source === second.source && first.updateId === second.updateId;
}

/** An amendment made in knowledge of the other statement. */
function isAmendedSince({ amendments }: DatedPost, position: Position): boolean {
  return amendments.some(({ eventPosition }) => eventPosition > position);
}

/** Between two ends on both sides of a reopening the impact may have resumed. */
function isReopenedBetween({ posts }: Reading, first: DatedPost, second: DatedPost): boolean {
  return posts
    .slice(posts.indexOf(first) + 1, posts.indexOf(second) + 1)
    .some(({ entry }) => entry.kind === 'reopened');
}

function statement({ entry, at, notBefore }: DatedPost, summary: string): PostmortemRow {
  return {
    at,
    notBefore,
    recordedAt: entry.recordedAt,
    kind: entry.kind,
    summary,
    eventPosition: entry.eventPosition,
    eventPositions: [entry.eventPosition],
    count: 1,
    until: null,
    clusterId: null,
    late: false,
  };
}

/** Two nodes that claimed one term of one scope: their first claims, in the order in which they began. */
export interface ContestedTerm {
  readonly scope: string | null;
  readonly term: number;
  readonly claims: readonly { readonly leaderId: string; readonly eventPosition: Position }[];
}

/** The contested terms of which a claim was open inside [from, until], µs. */
export function contestedTerms(
  { claims }: Readonly<ElectionsState>,
  { from, until }: { readonly from: number; readonly until: number },
): readonly ContestedTerm[] {
  const eras = new Map<string, number>();
  const terms = new Map<string, { scope: string; term: number; numbers: number[] }>();
  for (let claim = 0; claim < claims.scope.length; claim += 1) {
    const scope = claims.scope[claim] ?? '';
    // A bootstrap starts term counting anew: the same number is another term then.
    if (claims.how[claim] === 'bootstrapped') eras.set(scope, (eras.get(scope) ?? 0) + 1);
    const term = claims.term[claim];
    if (typeof term !== 'number' || ((claims.flags[claim] ?? 0) & CONTESTED) === 0) continue;
    const key = JSON.stringify([scope, eras.get(scope) ?? 0, term]);
    const known = terms.get(key);
    if (known) known.numbers.push(claim);
    else terms.set(key, { scope, term, numbers: [claim] });
  }
  return [...terms.values()]
    .filter(({ numbers }) => numbers.some((claim) => isOpenInside(claims, claim, { from, until })))
    .map(({ scope, term, numbers }) => ({ scope: scope || null, term, claims: firstOfEach(claims, numbers) }));
}

function firstOfEach(claims: Readonly<ClaimColumns>, numbers: readonly number[]): ContestedTerm['claims'] {
  const firsts = new Map<string, { leaderId: string; eventPosition: Position }>();
  for (const claim of numbers) {
    const [leaderId, eventPosition] = [claims.leaderId[claim], claims.eventPosition[claim]];
    if (leaderId === undefined || eventPosition === undefined || firsts.has(leaderId)) continue;
    firsts.set(leaderId, { leaderId, eventPosition });
  }
  return [...firsts.values()];
}

function isOpenInside(
  claims: Readonly<ClaimColumns>,
  claim: number,
  { from, until }: { readonly from: number; readonly until: number },
): boolean {
  return (claims.startedAt[claim] ?? 0) <= until && (claims.endedAt[claim] ?? Number.POSITIVE_INFINITY) >= from;
}
