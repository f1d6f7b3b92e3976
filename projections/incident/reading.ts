/** Reads an incident's entries as of a moment, for one of two audiences: what all of its answers are built from. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { Visibility } from '../../schemas/words.ts';
import { type AmendmentEntry, type IncidentState, isPost, type PostEntry, type PostmortemEntry } from './state.ts';

/** `all`: whoever may ask. `public`: the status page, which sees public statements alone. */
export type Audience = 'all' | 'public';

export interface Moment {
  /** What had happened by then; absent: a moment after everything. */
  readonly happenedAt?: Micros;
}

/** A post at its own time, with what put it right since. */
export interface DatedPost {
  readonly entry: PostEntry;
  /** `correctedAt` once amended. */
  readonly at: Micros;
  readonly notBefore: Micros | null;
  readonly visibility: Visibility;
  readonly amendments: readonly AmendmentEntry[];
}

/** A bound of the impact, and the event that stated it. */
export interface StatedBound {
  readonly at: Micros;
  readonly eventPosition: Position;
  readonly recordedAt: Micros;
}

export interface Reading {
  readonly state: Readonly<IncidentState>;
  readonly audience: Audience;
  /** The moment read at; `Infinity` is after everything. */
  readonly until: number;
  /** The first declaration of the set, whenever it took place. */
  readonly declaration: PostEntry;
  /** Posts of every time, by their own time, whoever may see them. */
  readonly allPosts: readonly DatedPost[];
  /** Of these, those of the audience. */
  readonly posts: readonly DatedPost[];
  /** Of these, those that had happened. */
  readonly happened: readonly DatedPost[];
  /** Since when there is a public statement; null: there is none. */
  readonly publicSince: Micros | null;
  /** Stated bounds: valid time, from every post of the audience, whenever it took place. */
  readonly impactStart: StatedBound | null;
  readonly impactEnd: StatedBound | null;
  /** The post that resolved it; null while it is not resolved. */
  readonly resolution: DatedPost | null;
  readonly reopening: DatedPost | null;
  readonly impactOpen: boolean;
  /** The first instant at which it exists for the audience. */
  readonly existsFrom: Micros;
}

/** Null: for this audience there is no such incident then. */
export function readIncident(
  state: Readonly<IncidentState>,
  audience: Audience = 'all',
  { happenedAt }: Moment = {},
): Reading | null {
  const declaration = state.entries.find((entry): entry is PostEntry => entry.kind === 'declared');
  if (!declaration) return null;
  const until = happenedAt ?? Number.POSITIVE_INFINITY;
  const allPosts = datedPosts(state, declaration);
  const publicSince = firstPublic(state, declaration, allPosts);
  if (audience === 'public' && publicSince === null) return null;
  const posts = audience === 'all' ? allPosts : allPosts.filter((post) => post.visibility === 'public');
  const impactStart = lastBound(posts, (entry) => entry.impactStartedAt);
  const existsFrom = Math.min(
    audience === 'all' || declaration.visibility === 'public' ? declaration.at : (publicSince ?? declaration.at),
    posts[0]?.at ?? Number.POSITIVE_INFINITY,
    impactStart?.at ?? Number.POSITIVE_INFINITY,
  );
  if (existsFrom > until) return null;
  const happened = posts.filter((post) => post.at <= until);
  const impactEnd = lastBound(posts, (entry) => entry.impactEndedAt);
  const { resolution, reopening } = resolved(happened);
  const hasBegun = (impactStart?.at ?? declaration.at) <= until;
  return {
    state,
    audience,
    until,
    declaration,
    allPosts,
    posts,
    happened,
    publicSince,
    impactStart,
    impactEnd,
    resolution,
    reopening,
    impactOpen: hasBegun && !hasEnded({ until, impactEnd, resolution, reopening }),
    existsFrom: existsFrom as Micros,
  };
}

/** What a statement that leaves visibility open has: the declaration's. */
export function visibilityOf(entry: PostEntry | PostmortemEntry, declaration: PostEntry): Visibility {
  return entry.visibility ?? declaration.visibility ?? 'private';
}

function datedPosts(state: Readonly<IncidentState>, declaration: PostEntry): readonly DatedPost[] {
  const amendments = state.entries.filter((entry) => entry.kind === 'amended');
  // The sort is stable: posts of one instant stay in fold order.
  return state.entries
    .filter(isPost)
    .map((entry): DatedPost => {
      const own = amendments.filter((amendment) => amendment.updateId === entry.updateId);
      const correctedAt = own.findLast((amendment) => amendment.correctedAt !== null)?.correctedAt ?? null;
      return {
        entry,
        at: correctedAt ?? entry.at,
        notBefore: correctedAt === null ? entry.notBefore : null,
        visibility: visibilityOf(entry, declaration),
        amendments: own,
      };
    })
    .sort((first, second) => first.at - second.at);
}

function firstPublic(
  state: Readonly<IncidentState>,
  declaration: PostEntry,
  posts: readonly DatedPost[],
): Micros | null {
  const post = posts.find(({ visibility }) => visibility === 'public');
  const account = state.entries.find(
    (entry) => entry.kind === 'postmortem' && visibilityOf(entry, declaration) === 'public',
  );
  if (!post || !account) return post?.at ?? account?.at ?? null;
  return Math.min(post.at, account.at) as Micros;
}

function lastBound(
  posts: readonly DatedPost[],
  boundOf: (entry: PostEntry) => Micros | 'withdrawn' | null,
): StatedBound | null {
  const post = posts.findLast(({ entry }) => boundOf(entry) !== null);
  const at = post ? boundOf(post.entry) : null;
  if (!post || at === null || at === 'withdrawn') return null;
  return { at, eventPosition: post.entry.eventPosition, recordedAt: post.entry.recordedAt };
}

/** How far an incident's course has come. */
export type Course = Pick<Reading, 'resolution' | 'reopening'>;
export const UNRESOLVED: Course = { resolution: null, reopening: null };

function resolved(happened: readonly DatedPost[]): Course {
  return happened.reduce(courseAfter, UNRESOLVED);
}

/** The course once a further post was made. */
export function courseAfter(course: Course, post: DatedPost): Course {
  const { kind, status } = post.entry;
  // Said again of what is resolved already, `resolved` resolves nothing.
  if (status === 'resolved') return course.resolution === null ? { ...course, resolution: post } : course;
  // A fact may state another status without a reopening: it is one all the same.
  const isReopening = kind === 'reopened' || (status !== null && course.resolution !== null);
  return isReopening ? { resolution: null, reopening: post } : course;
}

/** A stated end holds until the incident is reopened after it; from then on, as where none was stated, the resolution ends the impact. */
export function hasEnded(reading: Pick<Reading, 'until' | 'impactEnd'> & Course): boolean {
  const { until, impactEnd, resolution, reopening } = reading;
  if (impactEnd === null || (reopening !== null && reopening.at >= impactEnd.at)) return resolution !== null;
  return impactEnd.at <= until;
}
