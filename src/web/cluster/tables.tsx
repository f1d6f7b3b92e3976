/** Everything that is drawn, as tables. */
import { useState } from 'preact/hooks';
import type { ClusterNodeView, JobView } from '../../../projections/cluster/view.ts';
import { fitting } from '../timeline/filter.ts';
import { type Span, textOf } from '../timeline/instants.ts';
import { boundsIn, firstEndingAfter, type Interval, type Lane, toldIn, wordsOf } from '../timeline/lanes.ts';
import type { Layout } from '../timeline/layout.ts';
import type { Seen } from '../timeline/seen.ts';
import { spokenTime } from '../timeline/speech.ts';
import { type Column, Table } from '../ui/table.tsx';
import { At } from '../ui/time.tsx';
import type { Screen } from './screen.ts';

const ROWS = 100;

export function Tables({ screen }: { readonly screen: Screen }) {
  const seen = screen.seen.value;
  const { moment, at } = screen.moment.value;
  const intervals = seen === null ? [] : intervalsOf(screen.layout.value, seen, toldIn(screen.pieces.value));
  if (seen === null) return null;
  const time = spokenTime(at ?? seen.at);
  const fits = fitting(seen.filter);
  const nodes = moment?.view.nodes.filter(({ id, name, zone, jobs }) => fits(id, name, zone, ...jobs.map(nameOf)));
  const jobs = moment?.view.jobs.filter((job) => fits(job.id, job.name, job.node?.id ?? null, job.node?.zone ?? null));
  return (
    <section class="stack" id="timeline-tables" aria-label="What is drawn, as tables">
      <h2>At {time}</h2>
      <Long caption={`Nodes at ${time}`} columns={NODES} rows={nodes ?? []} keyOf={idOf} />
      <Long caption={`Jobs at ${time}`} columns={JOBS} rows={jobs ?? []} keyOf={idOf} />
      <h2>
        From {spokenTime(seen.from)} to {spokenTime(seen.to)}
      </h2>
      <Long caption="What the lanes show" columns={INTERVALS} rows={intervals} keyOf={keyOf} />
    </section>
  );
}

interface LaneInterval {
  readonly lane: Lane;
  readonly interval: Interval;
  readonly begins: number | null;
  readonly ends: number | null;
}

/** In the order of the lanes, as far as they are seen and fit the filter. */
function intervalsOf({ lanes, rows }: Layout, { from, to, filter }: Seen, told: Span): readonly LaneInterval[] {
  const nodes = new Set(rows.flatMap((row) => (row.kind === 'node' ? [row.id] : [])));
  return lanes
    .filter((lane) => filter === '' || lane.kind !== 'node' || nodes.has(lane.id))
    .flatMap((lane) => {
      const found: LaneInterval[] = [];
      for (let index = firstEndingAfter(lane.intervals, from); index < lane.intervals.length; index += 1) {
        const interval = lane.intervals[index];
        if (interval === undefined || interval.start >= to) break;
        found.push({ lane, interval, ...boundsIn(interval, told) });
      }
      return found;
    });
}

interface LongProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
}

/** The first hundred, and more on demand. */
function Long<Row>({ caption, columns, rows, keyOf: key }: LongProps<Row>) {
  const [limit, setLimit] = useState(ROWS);
  if (rows.length === 0) return <p class="muted">{caption}: none.</p>;
  return (
    <>
      <h3>{caption}</h3>
      <Table caption={caption} columns={columns} rows={rows.slice(0, limit)} keyOf={key} />
      {rows.length > limit && (
        <p>
          <button type="button" onClick={() => setLimit(limit + 5 * ROWS)}>
            {Math.min(5 * ROWS, rows.length - limit)} more of {rows.length - limit}
          </button>
        </p>
      )}
    </>
  );
}

function nameOf({ id, name }: JobView): string {
  return name ?? id;
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}

function keyOf({ lane, interval }: LaneInterval): string {
  return `${lane.kind} ${lane.id} ${interval.start}`;
}

function named(node: ClusterNodeView | null) {
  return node && <span class="mono">{node.name ?? node.id}</span>;
}

const NODES: readonly Column<ClusterNodeView>[] = [
  { name: 'Node', cell: named },
  { name: 'Zone', cell: ({ zone }) => zone },
  { name: 'Liveness', cell: ({ liveness }) => liveness.toLowerCase() },
  { name: 'Role', cell: ({ role }) => role.toLowerCase() },
  { name: 'Follows', cell: ({ following }) => named(following) },
  { name: 'In term', isNumber: true, cell: ({ followingTerm }) => followingTerm },
  {
    name: 'Jobs',
    isWide: true,
    cell: ({ jobs }) => jobs.map((job) => `${nameOf(job)} (${job.state.toLowerCase()})`).join(', ') || null,
  },
];

const JOBS: readonly Column<JobView>[] = [
  { name: 'Job', cell: (job) => <span class="mono">{nameOf(job)}</span> },
  { name: 'State', cell: ({ state }) => state.toLowerCase() },
  { name: 'Node', cell: ({ node }) => named(node) },
  { name: 'Critical', cell: ({ critical }) => (critical ? 'yes' : 'no') },
  { name: 'Attempts', isNumber: true, cell: ({ attempts }) => attempts },
  { name: 'Since', cell: ({ since }) => <At time={textOf(since)} /> },
];

const INTERVALS: readonly Column<LaneInterval>[] = [
  { name: 'Lane', cell: ({ lane }) => <span class="strong">{lane.name ?? lane.id}</span> },
  { name: 'Kind', cell: ({ lane }) => lane.kind },
  { name: 'Says', cell: ({ lane, interval }) => wordsOf(lane, interval) },
  { name: 'Term', isNumber: true, cell: ({ interval }) => interval.term },
  { name: 'From', cell: ({ begins }) => (begins === null ? 'earlier' : <At time={textOf(begins)} />) },
  {
    name: 'To',
    cell: ({ ends }) =>
      ends === null ? 'later' : ends === Number.POSITIVE_INFINITY ? 'still' : <At time={textOf(ends)} />,
  },
  { name: 'Joined', isNumber: true, cell: ({ interval }) => interval.merged || null },
];
