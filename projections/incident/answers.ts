/** Builds an incident's answers from its entries. */
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus, Visibility } from '../../schemas/words.ts';
import { actionItemsOf, evidenceOf, respondersOf } from './people.ts';
import { type Audience, type DatedPost, type Moment, type Reading, readIncident, visibilityOf } from './reading.ts';
import type { IncidentState, PostEntry } from './state.ts';
import { timelineOf } from './timeline.ts';
import type { AmendmentView, IncidentComponentView, IncidentUpdateView, IncidentView } from './view.ts';

/** The incident at a moment; null where it does not exist (yet). */
export function incidentView(state: Readonly<IncidentState>, moment: Moment = {}): IncidentView | null {
  return viewOf(state, 'all', moment);
}

/**
 * The incident as the status page may show it: from public statements alone, except that title and impact of a private
 * incident show as they stood at its first public statement. Null where nothing public was said.
 */
export function publicIncidentView(state: Readonly<IncidentState>, moment: Moment = {}): IncidentView | null {
  return viewOf(state, 'public', moment);
}

function viewOf(state: Readonly<IncidentState>, audience: Audience, moment: Moment): IncidentView | null {
  const reading = readIncident(state, audience, moment);
  if (!reading) return null;
  const { declaration, until, happened, impactStart, impactEnd, resolution, existsFrom } = reading;
  const last = <Value>(statedBy: (entry: PostEntry) => Value | null) => lastOf(happened, statedBy);
  const disclosed = disclosedPosts(reading);
  const accounts = accountsOf(reading);
  return {
    id: state.id,
    title: (until < declaration.at ? null : lastOf(disclosed, (entry) => entry.title)) ?? declaration.title ?? state.id,
    status: last((entry) => entry.status),
    impact: lastOf(disclosed, (entry) => entry.impact),
    severity: last((entry) => entry.severity),
    visibility: visibilityAt(reading),
    impactStartedAt: impactStart?.at ?? null,
    impactEndedAt: impactEnd?.at ?? null,
    impactOpen: reading.impactOpen,
    declaredAt: declaration.at,
    resolvedAt: resolution?.at ?? null,
    origin: last((entry) => entry.origin),
    dedupKey: audience === 'all' ? last((entry) => entry.dedupKey) : null,
    duplicateOfId: last((entry) => entry.duplicateOfId),
    components: componentsOf(reading),
    clusterIds: last((entry) => entry.clusterIds) ?? declaredClusters(reading),
    updates: happened.map((post) => updateOf(post, until)),
    timeline: timelineOf(reading),
    actionItems: audience === 'all' ? actionItemsOf(reading) : [],
    responders: audience === 'all' ? respondersOf(reading) : [],
    evidence: audience === 'all' ? evidenceOf(state) : [],
    postmortem: accounts.at(-1)?.body ?? null,
    accounts,
    span: { from: existsFrom, to: spanEnd(reading) },
    sources: [...new Set(state.entries.map((entry) => entry.source))],
    latestEffectiveAt: state.entries.findLast((entry) => entry.at <= until)?.at ?? existsFrom,
  };
}

function lastOf<Value>(posts: readonly DatedPost[], statedBy: (entry: PostEntry) => Value | null): Value | null {
  const post = posts.findLast(({ entry }) => statedBy(entry) !== null);
  return post ? statedBy(post.entry) : null;
}

function visibilityAt({ declaration, publicSince, until }: Reading): Visibility {
  const isOnPage = declaration.visibility === 'public' || (publicSince !== null && publicSince <= until);
  return isOnPage ? 'public' : 'private';
}

/** Posts that give title and impact: the status page also takes those from before the first public statement. */
function disclosedPosts({ audience, allPosts, happened, publicSince, until }: Reading): readonly DatedPost[] {
  if (audience === 'all') return happened;
  return allPosts.filter((post) => post.at <= until && (post.visibility === 'public' || post.at <= (publicSince ?? 0)));
}

/** Before its declaration an incident has that declaration's clusters, or no cluster could show it. */
function declaredClusters({ audience, declaration }: Reading): readonly string[] {
  return (audience === 'all' || declaration.visibility === 'public' ? declaration.clusterIds : null) ?? [];
}

/**
 * The incident's own components. Where an impact start is stated, statuses hold from there on, whenever they were said: a
 * component's first statement reaches back to the start. Otherwise they appear with their posts.
 */
function componentsOf(reading: Reading): readonly IncidentComponentView[] {
  const { posts, until, impactStart, declaration, impactOpen } = reading;
  const startedAt = impactStart?.at ?? declaration.at;
  const reachesBack = impactStart !== null && impactStart.at <= until;
  const statuses = new Map<string, ComponentStatus | null>();
  for (const post of posts) {
    const hasHappened = post.at <= until;
    if (!hasHappened && !reachesBack) break;
    for (const { componentId, status } of post.entry.components) {
      const before = statuses.get(componentId) ?? null;
      statuses.set(componentId, hasHappened ? (status ?? before) : (before ?? status));
    }
  }
  return [...statuses].map(([componentId, status]) => {
    if (status === null || until < startedAt) return { componentId, status: null };
    return { componentId, status: impactOpen ? status : 'operational' };
  });
}

function updateOf({ entry, at, visibility, amendments }: DatedPost, until: number): IncidentUpdateView {
  // Words change when they are put right; the time at which a post belongs is the corrected one throughout.
  const made = amendments.filter((amendment) => amendment.at <= until);
  let { message, recordedAt } = entry;
  const amended = made.map((amendment): AmendmentView => {
    const { correctedAt, reason, by } = amendment;
    const replaced = amendment.message === null ? null : { message, recordedAt };
    if (amendment.message !== null) ({ message, recordedAt } = amendment);
    return { message: amendment.message, at: correctedAt, reason, recordedAt: amendment.recordedAt, by, replaced };
  });
  return {
    id: entry.updateId,
    status: entry.status,
    message,
    at,
    recordedAt: entry.recordedAt,
    by: entry.by,
    visibility,
    components: entry.components,
    amendments: amended,
    eventPosition: entry.eventPosition,
  };
}

function accountsOf({ state, audience, declaration, until }: Reading): IncidentView['accounts'] {
  return state.entries.flatMap((entry) => {
    const isTold =
      entry.kind === 'postmortem' &&
      entry.at <= until &&
      (audience === 'all' || visibilityOf(entry, declaration) === 'public');
    return isTold ? [{ body: entry.body, recordedAt: entry.recordedAt }] : [];
  });
}

function spanEnd({ resolution, impactEnd, impactOpen }: Reading): Micros | null {
  if (resolution === null || impactOpen) return null;
  return Math.max(resolution.at, impactEnd?.at ?? 0) as Micros;
}
