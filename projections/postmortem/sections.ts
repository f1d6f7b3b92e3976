/**
 * The sections of a postmortem, in the order in which the ones that are read know them: what happened to whom, why, how it
 * was noticed and ended, what follows. What the record does not say is left to the author, in so many words.
 */
import type { Micros } from '../../schemas/time.ts';
import {
  type Block,
  code,
  eventRef,
  heading,
  type Inlines,
  joined,
  paragraph,
  strong,
  type Table,
  text,
} from './document.ts';
import { evidenceSections } from './evidence-sections.ts';
import type { PostmortemRecord } from './record.ts';
import type { PostmortemRow } from './rows.ts';
import { type Cite, cited, timelineTable, when, words } from './tables.ts';
import { length, lengthBetween, millisecondsBetween, utc } from './words.ts';

const NOT_STATED = 'Not stated in the record.';
const FOR_THE_AUTHOR = 'Not stated in the record; for the author to write.';

/** `asOfRecordedAt`: of the last event of the set. */
export function postmortemBlocks(record: PostmortemRecord, cite: Cite, asOfRecordedAt: Micros): readonly Block[] {
  const { view, position } = record;
  return [
    heading(1, `Postmortem: ${view.title}`),
    paragraph(
      text('Made from the record as it stood at position '),
      code(String(position)),
      text(
        `, ${utc(asOfRecordedAt)}. All times are UTC. Every row names its events; what the record does not say is not guessed.`,
      ),
    ),
    { kind: 'list', items: facts(record, cite) },
    heading(2, 'Summary'),
    ...summary(record),
    heading(2, 'Impact'),
    ...impact(record),
    heading(2, 'Root causes'),
    ...rootCauses(record, cite),
    heading(2, 'Trigger'),
    ...trigger(record, cite),
    heading(2, 'Resolution'),
    ...resolution(record),
    heading(2, 'Detection'),
    ...detection(record, cite),
    heading(2, 'Action items'),
    ...actionItems(record),
    heading(2, 'Lessons learned'),
    ...lessons(record),
    heading(2, 'Timeline'),
    timelineTable(record.rows, cite),
    ...evidenceSections(record, cite),
  ];
}

function facts({ view, reading, original, published }: PostmortemRecord, cite: Cite): readonly Inlines[] {
  const open = view.actionItems.filter(({ completedAt }) => completedAt === null).length;
  const status = view.resolvedAt === null ? (view.status ?? 'not stated') : `resolved at ${utc(view.resolvedAt)}`;
  const speakers = [...new Set(reading.happened.map(({ entry }) => entry.by ?? entry.source))];
  const rows: (readonly [string, Inlines])[] = [
    ['Incident', [code(view.id)]],
    ['Date', [text(utc(view.impactStartedAt ?? view.declaredAt).slice(0, 10))]],
    ['Status', [text(`${status}; action items: ${view.actionItems.length}, of which ${open} open`)]],
    [
      'Authors',
      [
        text(`${NOT_STATED} Its posts are by `),
        ...joined(
          speakers.map((by) => [code(by)]),
          ', ',
        ),
      ],
    ],
    ['Impact', [text(`${view.impact ?? 'not stated'}; severity ${view.severity ?? 'not stated'}`)]],
    ['Visibility', [text(view.visibility)]],
  ];
  if (original !== null) rows.push(['Duplicate of', [code(original.id), text(`, ${original.title}`)]]);
  if (published !== null) {
    const { source, actor } = cite(published.eventPosition);
    rows.push([
      'Published account',
      [
        text('by '),
        code(actor ?? source),
        text(', event '),
        eventRef(published.eventPosition),
        text('; kept beside this record'),
      ],
    ]);
  }
  return rows.map(([name, value]) => [strong(`${name}:`), text(' '), ...value]);
}

function summary({ view, reading }: PostmortemRecord): readonly Block[] {
  const said = reading.happened.flatMap(({ entry, at, amendments }) => {
    const message = amendments.findLast((each) => each.message !== null)?.message ?? entry.message;
    return message === null ? [] : [{ at, message, position: entry.eventPosition }];
  });
  const quoted = said.length > 1 ? [said[0], said.at(-1)] : said;
  return [
    paragraph(text(`${impactWords(view)}`)),
    ...quoted.flatMap((post, index) =>
      post === undefined
        ? []
        : [
            paragraph(
              text(`${index === 0 ? 'First' : 'Last'} words, ${utc(post.at)}: “${post.message}” (event `),
              eventRef(post.position),
              text(')'),
            ),
          ],
    ),
  ];
}

function impactWords({ impactStartedAt: start, impactEndedAt: end, impactOpen }: PostmortemRecord['view']): string {
  const from = start === null ? 'from a time that is not stated' : `from ${utc(start)}`;
  if (end !== null) {
    const lasted = start === null ? '' : `: ${length(millisecondsBetween(start, end))}`;
    return `Impact ${from} to ${utc(end)}${lasted}.`;
  }
  return impactOpen ? `Impact ${from}; it goes on.` : `Impact ${from} to a time that is not stated.`;
}

function impact({ view, components, pictures }: PostmortemRecord): readonly Block[] {
  const affected: Table = {
    kind: 'table',
    columns: ['Component', 'Stated for the impact', 'In the register now'],
    rows: components.map(({ id, name, status, present }) => ({
      cells: [
        [text(name), ...(name === id ? [] : [text(' '), code(id)])],
        [text(status === null ? 'not stated' : words(status))],
        [text(words(present))],
      ],
    })),
  };
  const clusters: Table = {
    kind: 'table',
    columns: ['Cluster', 'When', 'Led by', 'Following', 'Nodes', 'Jobs'],
    rows: pictures.map(({ clusterId, at, when, leaders, followers, nodes, jobs }) => ({
      cells: [
        [code(clusterId)],
        [text(`${pictured(when, view)}, ${utc(at)}`)],
        leaders.length === 0 ? [text('nobody')] : joined(leaders.map(leaderWords), ', '),
        [text(String(followers))],
        [text(counted(nodes))],
        [text(counted(jobs))],
      ],
    })),
  };
  return [
    paragraph(text(impactWords(view))),
    ...(components.length === 0 ? [paragraph(text('Components: not stated in the record.'))] : [affected]),
    ...(pictures.length > 0
      ? [clusters]
      : view.clusterIds.length === 0
        ? [paragraph(text('Clusters: not stated in the record.'))]
        : []),
  ];
}

function pictured(when: 'start' | 'end', { impactStartedAt, impactEndedAt }: PostmortemRecord['view']): string {
  if (when === 'start') return impactStartedAt === null ? 'declaration' : 'start of the impact';
  return impactEndedAt === null ? 'resolution' : 'end of the impact';
}

function leaderWords({ nodeId, scope, term }: PostmortemRecord['pictures'][number]['leaders'][number]): Inlines {
  return [code(nodeId), text(`${scope === null ? '' : ` of ${scope}`}${term === null ? '' : ` (term ${term})`}`)];
}

function counted(counts: readonly (readonly [string, number])[]): string {
  return counts.length === 0 ? 'none' : counts.map(([word, count]) => `${count} ${word}`).join(', ');
}

function rootCauses({ anomalies, leadership }: PostmortemRecord, cite: Cite): readonly Block[] {
  return [
    paragraph(text(`${NOT_STATED} It holds what follows; that any of it caused the impact, it does not say.`)),
    heading(3, 'Anomalies'),
    anomalies.length === 0 ? paragraph(text('None on record.')) : timelineTable(anomalies, cite),
    heading(3, 'Changes of leadership'),
    leadership.length === 0 ? paragraph(text('None on record.')) : timelineTable(leadership, cite),
  ];
}

function trigger({ before, view }: PostmortemRecord, cite: Cite): readonly Block[] {
  const start = view.impactStartedAt ?? view.declaredAt;
  const since = view.impactStartedAt === null ? 'the declaration' : 'the impact';
  return [
    paragraph(text(`${NOT_STATED} Before ${since} began, it has:`)),
    heading(3, 'Deployments'),
    before.deployments.length === 0
      ? paragraph(text('None on record.'))
      : beforeTable(before.deployments, { start, cite }),
    heading(3, 'Maintenances'),
    before.maintenances.length === 0
      ? paragraph(text('None on record.'))
      : beforeTable(before.maintenances, { start, cite }),
  ];
}

function beforeTable(
  rows: readonly PostmortemRow[],
  { start, cite }: { readonly start: Micros; readonly cite: Cite },
): Block {
  return {
    kind: 'table',
    columns: ['Time', 'What', 'Before it', 'Event'],
    rows: rows.map((row) => ({
      cells: [
        [text(when(row))],
        [text(row.summary)],
        [text(length(millisecondsBetween(row.at, start)))],
        cited(row, cite),
      ],
    })),
  };
}

function resolution({ view, reading, rows }: PostmortemRecord): readonly Block[] {
  const ended = rows.find(({ kind }) => kind === 'impact_ended');
  const items: Inlines[] = [
    ended === undefined
      ? [text('End of the impact: not stated in the record.')]
      : [text(`The impact ended at ${utc(ended.at)}, says event `), eventRef(ended.eventPosition), text('.')],
  ];
  const { resolution: last, happened } = reading;
  if (view.resolvedAt === null || last === null) items.push([text('It is not resolved.')]);
  else {
    const message = view.updates.find(({ eventPosition }) => eventPosition === last.entry.eventPosition)?.message;
    const quoted = message ? `: “${message}”` : '';
    items.push([text(`Resolved at ${utc(last.at)}${quoted} (event `), eventRef(last.entry.eventPosition), text(').')]);
  }
  const reopened = happened.filter(({ entry }) => entry.kind === 'reopened').length;
  if (reopened > 0) items.push([text(`Reopened ${reopened} ${reopened === 1 ? 'time' : 'times'}.`)]);
  return [
    { kind: 'list', items },
    paragraph(text('What was done to end it: see the posts and the cluster’s events in the timeline.')),
  ];
}

function detection({ rows, measures, absent, view }: PostmortemRecord, cite: Cite): readonly Block[] {
  const firsts = ['notified', 'acknowledged', 'anomaly_detected'].flatMap(
    (kind) => rows.find((row) => row.kind === kind) ?? [],
  );
  const declared = rows.find(({ kind }) => kind === 'declared');
  const noticed = [...firsts, ...(declared ? [declared] : [])].sort((first, second) => first.at - second.at);
  const detect = measures.find(({ name }) => name === 'detect');
  const missing = absent.find(({ name }) => name === 'detect');
  return [
    paragraph(
      text(
        detect
          ? `Detected ${lengthBetween(detect.ms, detect.msMax)} after the impact began.`
          : `How long detection took is not known: ${missing?.reason ?? 'an anchor is missing'}.`,
      ),
    ),
    noticed.length === 0 ? paragraph(text(`Declared at ${utc(view.declaredAt)}.`)) : timelineTable(noticed, cite),
  ];
}

function actionItems({ view }: PostmortemRecord): readonly Block[] {
  if (view.actionItems.length === 0) return [paragraph(text('None on record.'))];
  return [
    {
      kind: 'table',
      columns: ['Action item', 'Kind', 'Owner', 'Due', 'Done', 'Id'],
      rows: view.actionItems.map(({ id, title, kind, owner, dueAt, completedAt }) => ({
        cells: [
          [text(title)],
          [text(kind)],
          [text(owner ?? 'not stated')],
          [text(dueAt === null ? 'not stated' : utc(dueAt))],
          [text(completedAt === null ? 'no' : utc(completedAt))],
          [code(id)],
        ],
      })),
    },
  ];
}

function lessons({ published }: PostmortemRecord): readonly Block[] {
  const beside =
    published === null
      ? []
      : [paragraph(text('An account is published; it stands beside this record and may say so.'))];
  return [
    ...beside,
    ...['What went well', 'What went wrong', 'Where we got lucky'].flatMap((title) => [
      heading(3, title),
      paragraph(text(FOR_THE_AUTHOR)),
    ]),
  ];
}
