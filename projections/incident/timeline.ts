/** An incident's timeline: every entry at the time it belongs to, with the time it was recorded. */
import type { DatedPost, Reading, StatedBound } from './reading.ts';
import { visibilityOf } from './reading.ts';
import type { IncidentEntry } from './state.ts';
import type { TimelineEntryView, TimelineKind } from './view.ts';

/** By time, then position. The status page's timeline has posts, their amendments, the impact and the public account. */
export function timelineOf(reading: Reading): readonly TimelineEntryView[] {
  const { until, impactStart, impactEnd } = reading;
  const rows = [
    ...boundRow(impactStart, 'impact_started', 'Impact began'),
    ...reading.happened.map(postRow),
    ...reading.state.entries.flatMap((entry) => otherRow(entry, reading)),
    ...boundRow(impactEnd, 'impact_ended', 'Impact ended'),
  ];
  return rows.filter((row) => row.at <= until).sort((first, second) => first.at - second.at);
}

function boundRow(bound: StatedBound | null, kind: TimelineKind, summary: string): readonly TimelineEntryView[] {
  if (!bound) return [];
  const { at, recordedAt, eventPosition } = bound;
  return [{ at, notBefore: null, recordedAt, kind, summary, eventPosition }];
}

function postRow({ entry, at, notBefore, amendments }: DatedPost): TimelineEntryView {
  const { title, recordedAt, eventPosition } = entry;
  const message = amendments.findLast((amendment) => amendment.message !== null)?.message ?? entry.message;
  const isResolution = entry.kind === 'updated' && entry.status === 'resolved';
  const kind = isResolution ? 'resolved' : entry.kind;
  const summary = entry.kind === 'declared' ? [title, message].filter(Boolean).join(': ') : (message ?? '');
  return { at, notBefore, recordedAt, kind, summary, eventPosition };
}

function otherRow(entry: IncidentEntry, reading: Reading): readonly TimelineEntryView[] {
  const row = (kind: TimelineKind, summary: string): readonly TimelineEntryView[] => {
    const { at, notBefore, recordedAt, eventPosition } = entry;
    return [{ at, notBefore, recordedAt, kind, summary, eventPosition }];
  };
  switch (entry.kind) {
    case 'declared':
    case 'updated':
    case 'reopened':
      return [];
    case 'amended':
      return reading.posts.some((post) => post.amendments.includes(entry)) ? row('amended', entry.reason) : [];
    case 'postmortem':
      return reading.audience === 'all' || visibilityOf(entry, reading.declaration) === 'public'
        ? row('postmortem_published', 'Postmortem published')
        : [];
    default:
      return reading.audience === 'all' ? row(...internalWords(entry)) : [];
  }
}

type InternalEntry = Extract<
  IncidentEntry,
  { kind: 'notified' | 'acknowledged' | 'evidence' | 'item_added' | 'item_completed' }
>;

function internalWords(entry: InternalEntry): [kind: TimelineKind, summary: string] {
  switch (entry.kind) {
    case 'notified':
      return ['notified', `${entry.responder} notified${entry.channel ? ` by ${entry.channel}` : ''}`];
    case 'acknowledged':
      return ['acknowledged', `${entry.responder} acknowledged`];
    case 'evidence':
      return ['evidence_linked', `Evidence linked: cluster ${entry.clusterId}${entry.note ? `, ${entry.note}` : ''}`];
    case 'item_added':
      return ['action_item_added', `To do: ${entry.title}`];
    case 'item_completed':
      return ['action_item_completed', `Done: ${entry.itemId}`];
  }
}
