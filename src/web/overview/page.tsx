/** All clusters, live, the worst first. */
import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Failure, useAnswer } from '../api/ask.ts';
import { useLive } from '../api/live.ts';
import { hereWith, queryValue, setQuery } from '../router.ts';
import { pathTo } from '../routes.ts';
import { Chip } from '../ui/chip.tsx';
import { Code } from '../ui/code.tsx';
import { None } from '../ui/none.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { Since } from '../ui/time.tsx';
import { ANY_CLUSTER, type AnyCluster, CLUSTERS, type ClusterChange } from './query.ts';
import { byTrouble, inOrder, type Judged, judge, matching } from './trouble.ts';

/** Rows drawn at once: more are asked for, so that a thousand clusters cost no more than a hundred. */
const ROWS = 100;

/** The clusters as last told; kept while other pages are looked at. */
const clusters = signal<ReadonlyMap<string, Judged>>(new Map());

/** Gathers what comes within one frame: a thousand clusters are drawn once. */
let gathered: Map<string, Judged> | null = null;
function take({ cluster }: ClusterChange): void {
  if (gathered === null) {
    gathered = new Map(clusters.peek());
    requestAnimationFrame(() => {
      if (gathered !== null) clusters.value = gathered;
      gathered = null;
    });
  }
  gathered.set(cluster.id, judge(cluster));
}

export function OverviewPage() {
  const [failure, setFailure] = useState<Failure | null>(null);
  const first = useAnswer<AnyCluster>(ANY_CLUSTER);
  useLive<ClusterChange>({ query: CLUSTERS, field: 'clusters', onChange: take, onFailure: setFailure });
  const all = clusters.value;
  const [held, setHeld] = useState<readonly string[] | null>(null);
  const rows = useMemo(() => {
    const judged = [...all.values()];
    return held === null ? judged.sort(byTrouble) : inOrder(judged, held);
  }, [all, held]);
  const hold = (): void => setHeld((before) => before ?? rows.map(idOf));
  const filter = queryValue('filter') ?? '';
  const found = matching(rows, filter);
  const limit = Math.max(ROWS, Number(queryValue('rows')) || 0);

  if (failure !== null) return <Failed failure={failure} again={() => location.reload()} />;
  if (all.size === 0) {
    if (first.state === 'failed') return <Failed failure={first.failure} again={first.again} />;
    if (first.state === 'ready' && first.data.clusters.nodes.length === 0) return <NothingYet />;
    return <Loading rows={10} />;
  }
  return (
    <>
      <div class="title">
        <h1>Clusters</h1>
        <Tally rows={rows} />
        <span class="rest">
          <Filter filter={filter} />
        </span>
      </div>
      {found.length === 0 ? (
        <Empty title="No cluster fits the filter">
          <p>
            <a href={hereWith({ filter: null })}>Show all {rows.length}</a>
          </p>
        </Empty>
      ) : (
        // Under a pointer, or with the focus inside, rows keep their places: nobody wants to press the one that just came.
        <div
          onPointerEnter={hold}
          onPointerLeave={() => setHeld(null)}
          onFocusIn={hold}
          onFocusOut={() => setHeld(null)}
        >
          <Table caption="Clusters, the worst first" columns={COLUMNS} rows={found.slice(0, limit)} keyOf={idOf} />
        </div>
      )}
      {found.length > limit && (
        <p>
          <a href={hereWith({ rows: String(limit + ROWS) })}>
            {Math.min(ROWS, found.length - limit)} more of {found.length - limit}
          </a>
        </p>
      )}
    </>
  );
}

function idOf({ cluster }: Judged): string {
  return cluster.id;
}

const COLUMNS: readonly Column<Judged>[] = [
  {
    name: 'Cluster',
    cell: ({ cluster }) => (
      <a class="strong" href={pathTo('/clusters/:id', { id: cluster.id })}>
        {cluster.id}
      </a>
    ),
  },
  { name: 'State', isWide: true, cell: (row) => <State row={row} /> },
  { name: 'Leader', cell: ({ cluster }) => <Leader cluster={cluster} /> },
  { name: 'Term', isNumber: true, cell: ({ cluster }) => cluster.term },
  { name: 'Since last election', isNumber: true, cell: ({ lastElectionAt }) => <Since time={lastElectionAt} /> },
  {
    name: 'Followers',
    isNumber: true,
    cell: ({ following }) => following && `${following.followers} of ${following.members}`,
  },
  {
    name: 'Jobs not running',
    isNumber: true,
    cell: ({ jobsDown, jobsWaiting }) => (
      <>
        {jobsDown === 0 ? <None /> : jobsDown}
        {jobsWaiting > 0 && <span class="muted"> +{jobsWaiting} waiting</span>}
      </>
    ),
  },
  { name: 'Incidents', isWide: true, cell: ({ cluster }) => <Incidents cluster={cluster} /> },
  {
    name: 'Anomalies',
    isNumber: true,
    cell: ({ cluster }) => cluster.anomalies.length || null,
  },
];

/** Reasons shown in a row; the rest is counted. */
const REASONS = 3;

function State({ row: { level, reasons, cluster } }: { readonly row: Judged }) {
  const isMaintained = cluster.maintenances.some(({ state }) => state === 'in_progress');
  return (
    <span class="row">
      {level === 'ok' && <Chip tone="ok">fine</Chip>}
      {reasons.slice(0, REASONS).map((reason) => (
        <Chip key={reason.words} tone={reason.level}>
          {reason.words}
        </Chip>
      ))}
      {reasons.length > REASONS && <Chip>+{reasons.length - REASONS}</Chip>}
      {isMaintained && <Chip>maintenance</Chip>}
    </span>
  );
}

function Leader({ cluster: { leader, leaders, scopes } }: Pick<Judged, 'cluster'>) {
  if (leader !== null) return <span class="mono">{leader.name ?? leader.id}</span>;
  const led = leaders.filter(({ stale }) => !stale).length;
  if (led > 0) return <span class="muted">{`${led} of ${scopes.length} scopes led`}</span>;
  return <None />;
}

function Incidents({ cluster: { incidents } }: Pick<Judged, 'cluster'>) {
  const [first] = incidents;
  if (first === undefined) return <None />;
  return (
    <>
      <a href={pathTo('/incidents/:id', { id: first.id })}>{first.title}</a>
      {incidents.length > 1 && <span class="muted"> +{incidents.length - 1}</span>}
    </>
  );
}

function Tally({ rows }: { readonly rows: readonly Judged[] }) {
  const count = (level: string): number => rows.filter((row) => row.level === level).length;
  const bad = count('bad');
  const warn = count('warn');
  return (
    <span class="row">
      <span class="muted">{rows.length}</span>
      {bad > 0 && (
        <Chip tone="bad" href={hereWith({ filter: 'bad' })}>
          {bad} bad
        </Chip>
      )}
      {warn > 0 && (
        <Chip tone="warn" href={hereWith({ filter: 'warn' })}>
          {warn} warn
        </Chip>
      )}
    </span>
  );
}

function Filter({ filter }: { readonly filter: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target instanceof HTMLElement && target.matches('input, textarea, select')) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <label class="row">
      <span class="muted">
        Filter <kbd>/</kbd>
      </span>
      <input
        ref={field}
        class="field"
        type="search"
        value={filter}
        onInput={({ currentTarget }) => setQuery({ filter: currentTarget.value, rows: null }, { replace: true })}
      />
    </label>
  );
}

function NothingYet() {
  const example = `curl ${location.origin}/v1/events -H 'content-type: application/cloudevents+json' -d '{
  "specversion": "1.0", "id": "1", "source": "/try", "type": "LeaderElected",
  "subject": "web", "data": { "leaderId": "node-1", "term": 1 }
}'`;
  return (
    <Empty title="No cluster has said anything yet">
      <p>This page fills by itself as soon as the first event is recorded. To try it:</p>
      <Code>{example}</Code>
      <p>
        What can be sent: <a href="/schemas">the events and their schemas</a>.
      </p>
    </Empty>
  );
}
