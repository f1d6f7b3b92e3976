/** The second half of a postmortem: how long it took, what was known when, what does not fit, what is missing, and the proof. */
import { ANCHOR_WORDS, ANCHORS } from './absent-measures.ts';
import { type Block, code, eventRef, heading, type Inlines, paragraph, strong, type Table, text } from './document.ts';
import { citedPositions, type PostmortemRecord } from './record.ts';
import { type Cite, citation, timelineTable } from './tables.ts';
import { lengthBetween, utc } from './words.ts';

export function evidenceSections(record: PostmortemRecord, cite: Cite): readonly Block[] {
  return [
    heading(2, 'Measures'),
    measuresTable(record, cite),
    heading(2, 'What was known when'),
    ...knownWhen(record, cite),
    heading(2, 'Contradictions'),
    ...contradictions(record, cite),
    heading(2, 'Gaps in the record'),
    ...gaps(record, cite),
    heading(2, 'Responders'),
    ...responders(record),
    heading(2, 'Supporting evidence'),
    ...evidence(record, cite),
  ];
}

function measuresTable({ measures, absent, contradictions: found }: PostmortemRecord, cite: Cite): Table {
  const disputed = (anchor: string): boolean => found.some(({ kind }) => kind === `impact_${anchor}`);
  const rows = measures.map(({ name, anchors, ms, msMax }) => {
    const [from, to] = ANCHORS[name];
    const [first, second] = anchors;
    const doubt = disputed(from) || disputed(to) ? [text('; the record contradicts itself about it, see below')] : [];
    const anchored: Inlines = [
      text(`${ANCHOR_WORDS[from]}, event `),
      ...citation(cite(first)),
      text(`; ${ANCHOR_WORDS[to]}, event `),
      ...citation(cite(second)),
      ...doubt,
    ];
    return { cells: [[strong(name)], [text(lengthBetween(ms, msMax))], anchored] };
  });
  const missing = absent.map(({ name, reason }) => ({
    cells: [[strong(name)], [text('absent')], [text(`from ${anchorWords(name)}: ${reason}`)]],
  }));
  return { kind: 'table', columns: ['Measure', 'Length', 'Between'], rows: [...rows, ...missing] };
}

function anchorWords(name: keyof typeof ANCHORS): string {
  const [from, to] = ANCHORS[name];
  return `${ANCHOR_WORDS[from]} to ${ANCHOR_WORDS[to]}`;
}

function knownWhen({ beliefs }: PostmortemRecord, cite: Cite): readonly Block[] {
  return [
    paragraph(text('From the time in the first column until the next row, this was believed.')),
    {
      kind: 'table',
      columns: ['Since (UTC)', 'Status', 'Impact', 'Began', 'Ended', 'Going on', 'Title', 'By event'],
      rows: beliefs.map((belief) => ({
        cells: [
          [text(utc(belief.recordedAt))],
          [text(belief.title === null ? 'taken back' : (belief.status ?? 'not stated'))],
          [text(belief.impact ?? 'not stated')],
          [text(belief.impactStartedAt === null ? 'not known' : utc(belief.impactStartedAt))],
          [text(belief.impactEndedAt === null ? 'not known' : utc(belief.impactEndedAt))],
          [text(belief.impactOpen ? 'yes' : 'no')],
          [text(belief.title ?? '')],
          citation(cite(belief.eventPosition)),
        ],
      })),
    },
  ];
}

function contradictions(record: PostmortemRecord, cite: Cite): readonly Block[] {
  if (record.contradictions.length === 0) return [paragraph(text('None found by the rules of this record.'))];
  return [
    paragraph(
      text('Statements that cannot all hold. All are kept; an amendment or a retraction of the wrong one settles it.'),
    ),
    ...record.contradictions.flatMap(({ about, goesBy, statements }) => [
      heading(3, about),
      timelineTable(statements, cite),
      paragraph(text(goesBy === null ? 'This record takes no side.' : `This record goes by ${goesBy}.`)),
    ]),
  ];
}

function gaps({ gaps: covering, omissions }: PostmortemRecord, cite: Cite): readonly Block[] {
  const table: Table = {
    kind: 'table',
    columns: ['Collector', 'From', 'To', 'Reason', 'Event'],
    rows: covering.map(({ collector, from, to, reason, eventPosition }) => ({
      cells: [
        [code(collector)],
        [text(from === null ? 'before its first event' : utc(from))],
        [text(to === null ? 'still open' : utc(to))],
        [text(reason)],
        citation(cite(eventPosition)),
      ],
    })),
  };
  return [
    covering.length === 0
      ? paragraph(text('No collector stated a gap for the time and the subjects of this incident.'))
      : table,
    ...(omissions.length === 0
      ? []
      : [
          paragraph(text('Left out here, though on record:')),
          { kind: 'list' as const, items: omissions.map((omission): Inlines => [text(omission)]) },
        ]),
  ];
}

function responders({ view }: PostmortemRecord): readonly Block[] {
  if (view.responders.length === 0) return [paragraph(text('None on record.'))];
  return [
    {
      kind: 'table',
      columns: ['Responder', 'Role', 'Notified', 'Acknowledged'],
      rows: view.responders.map(({ responder, role, notifiedAt, acknowledgedAt }) => ({
        cells: [
          [text(responder)],
          [text(role ?? 'not stated')],
          [text(notifiedAt === null ? 'not on record' : utc(notifiedAt))],
          [text(acknowledgedAt === null ? 'not on record' : utc(acknowledgedAt))],
        ],
      })),
    },
  ];
}

function evidence(record: PostmortemRecord, cite: Cite): readonly Block[] {
  const { view } = record;
  const windows: Table = {
    kind: 'table',
    columns: ['Cluster', 'From', 'To', 'Note', 'Linked by'],
    rows: view.evidence.map(({ clusterId, from, to, note, eventPosition }) => ({
      cells: [
        [code(clusterId)],
        [text(from === null ? 'the beginning' : utc(from))],
        [text(to === null ? 'without an end' : utc(to))],
        [text(note ?? '')],
        citation(cite(eventPosition)),
      ],
    })),
  };
  const events: Table = {
    kind: 'table',
    columns: ['Position', 'Event', 'Stream', 'Source', 'Id', 'Recorded (UTC)', 'Hash'],
    rows: citedPositions(record).map((position) => {
      const { type, stream, source, id, recordedAt, hash } = cite(position);
      return {
        anchor: position,
        cells: [
          [code(String(position))],
          [text(type)],
          [code(stream)],
          [code(source)],
          [code(id)],
          [text(utc(recordedAt))],
          [code(hash)],
        ],
      };
    }),
  };
  const [example] = citedPositions(record);
  return [
    heading(3, 'Linked stretches of history'),
    view.evidence.length === 0 ? paragraph(text('None linked.')) : windows,
    heading(3, 'Events'),
    ...(example === undefined
      ? []
      : [
          paragraph(
            text('Each can be seen by its position, such as '),
            eventRef(example),
            text(': '),
            code(`musterbook events ls --after ${example - 1} --limit 1 -o json`),
            text('. That none was changed, removed or reordered: '),
            code('musterbook verify'),
            text('.'),
          ),
        ]),
    events,
  ];
}
