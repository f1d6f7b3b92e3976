/** Where the record stands, what reads it, what was refused, what is missing, and how to prove it. */
import { useEffect } from 'preact/hooks';
import { useAnswer } from '../api/ask.ts';
import { hereWith, queryValue } from '../router.ts';
import { pathTo } from '../routes.ts';
import { Chip, type Tone } from '../ui/chip.tsx';
import { Code } from '../ui/code.tsx';
import { duration } from '../ui/moment.ts';
import { Answered } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { At, Since } from '../ui/time.tsx';
import { Gaps } from './gaps.tsx';
import { Proof } from './proof.tsx';
import { LEDGER, type LedgerAnswer, type LinkRow, type ProjectionRow, type RejectionRow } from './query.ts';

/** Asked again this often: none of it has a subscription. */
const AGAIN_MS = 5_000;

export function LedgerPage() {
  const answer = useAnswer<LedgerAnswer>(LEDGER, { before: queryValue('rejections') });
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) answer.again();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <div class="title">
        <h1>Ledger</h1>
        <span class="muted">the record, and what is made of it</span>
      </div>
      <Answered answer={answer} rows={12}>
        {(data) => (
          <>
            <Figures {...data} />
            <Projections rows={data.ledger.projections} />
            <Links rows={data.ledger.links} />
            <Gaps everyMs={AGAIN_MS} />
            <Rejections {...data.rejections} />
          </>
        )}
      </Answered>
      {/* Outside, so that a verification goes on whatever the page is answered. */}
      <Proof ledger={answer.state === 'ready' ? answer.data.ledger : null} />
    </>
  );
}

function Figures({ ledger, rejections }: LedgerAnswer) {
  return (
    <dl class="figures">
      <Figure name="Head">
        {ledger.head === '0' ? '0' : <a href={pathTo('/events/:position', { position: ledger.head })}>{ledger.head}</a>}
      </Figure>
      <Figure name="Events">{grouped(ledger.events)}</Figure>
      <Figure name="Streams">{grouped(ledger.streams)}</Figure>
      <Figure name="Rejected records">{grouped(rejections.total)}</Figure>
      <Figure name="Store">{ledger.store}</Figure>
      {ledger.restoredUpTo !== null && <Figure name="Restored up to">{ledger.restoredUpTo}</Figure>}
    </dl>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}

const RUN_TONES: Readonly<Record<string, Tone>> = {
  LIVE: 'ok',
  CATCHING_UP: 'warn',
  REBUILDING: 'warn',
  STOPPED: 'bad',
};

const PROJECTION_COLUMNS: readonly Column<ProjectionRow>[] = [
  {
    name: 'Projection',
    cell: ({ name, version }) => (
      <>
        {name} <span class="muted">v{version}</span>
      </>
    ),
  },
  {
    name: 'State',
    cell: ({ state, error }) => (
      <>
        <Chip tone={RUN_TONES[state] ?? 'unknown'}>{state.toLowerCase().replace('_', ' ')}</Chip>
        {error !== null && <p class="mono">{error}</p>}
      </>
    ),
  },
  { name: 'Position', isNumber: true, cell: ({ position }) => position },
  {
    name: 'Behind',
    isNumber: true,
    cell: ({ lagEvents, lagMs }) =>
      lagEvents === 0 ? <span class="muted">–</span> : `${grouped(lagEvents)} events, ${duration(lagMs)}`,
  },
  { name: 'Digest of its state', cell: ({ digest }) => <Digest value={digest} /> },
];

function Digest({ value }: { readonly value: string | null }) {
  if (value === null) return <span class="muted">–</span>;
  return (
    <code title={value} class="digest">
      {value}
    </code>
  );
}

function Projections({ rows }: { readonly rows: readonly ProjectionRow[] }) {
  return (
    <section class="stack" aria-labelledby="projections">
      <h2 id="projections">Projections</h2>
      <Table caption="Projections" columns={PROJECTION_COLUMNS} rows={rows} keyOf={({ name }) => name} />
    </section>
  );
}

const LINK_TONES: Readonly<Record<LinkRow['state'], Tone>> = {
  CONNECTING: 'unknown',
  UP: 'ok',
  RETRYING: 'warn',
  STOPPED: 'bad',
};

const LINK_COLUMNS: readonly Column<LinkRow>[] = [
  { name: 'Connection', cell: ({ name }) => name },
  {
    name: 'State',
    cell: ({ state, fault }) => (
      <>
        <Chip tone={LINK_TONES[state]}>{state.toLowerCase()}</Chip>
        {fault !== null && (
          <p>
            {fault.message} <code>{fault.code}</code> <span class="muted">{fault.hint}</span>
          </p>
        )}
      </>
    ),
  },
  { name: 'For', isNumber: true, cell: ({ since }) => <Since time={since} /> },
  {
    name: 'Parts',
    cell: ({ parts }) =>
      parts.map(({ name, at, lag, paused }) => (
        <p key={name}>
          {name} at {at ?? '–'}, {lag === null ? 'lag unknown' : `${grouped(lag)} left`}
          {paused && ', held back'}
        </p>
      )),
  },
  {
    name: 'Since the start',
    cell: ({ counts }) => counts.map(({ name, count }) => `${name} ${grouped(count)}`).join(', '),
  },
];

function Links({ rows }: { readonly rows: readonly LinkRow[] }) {
  return (
    <section class="stack" aria-labelledby="links">
      <h2 id="links">Connections to the outside</h2>
      {rows.length === 0 ? (
        <p class="muted">None: one process and one file.</p>
      ) : (
        <Table caption="Connections to the outside" columns={LINK_COLUMNS} rows={rows} keyOf={({ name }) => name} />
      )}
    </section>
  );
}

const REJECTION_COLUMNS: readonly Column<RejectionRow>[] = [
  { name: 'When', cell: ({ at }) => <At time={at} /> },
  { name: 'Door', cell: ({ door }) => door },
  { name: 'Code', cell: ({ code }) => <code>{code}</code> },
  {
    name: 'Why',
    cell: ({ message, path }) => (
      <>
        {message} {path !== null && <code>{path}</code>}
      </>
    ),
  },
  {
    name: 'Record',
    cell: ({ record, truncated }) => (
      <details>
        <summary>{`${record.length.toLocaleString('en')} characters${truncated ? ', cut' : ''}`}</summary>
        <Code>{record}</Code>
      </details>
    ),
  },
];

function Rejections({ nodes, total, dropped, pageInfo }: LedgerAnswer['rejections']) {
  const isFirst = queryValue('rejections') === null;
  return (
    <section class="stack" aria-labelledby="rejections">
      <h2 id="rejections">Rejected records</h2>
      {dropped > 0 && <p class="note warn">{grouped(dropped)} of the oldest are gone: 100,000 are kept.</p>}
      {total === 0 ? (
        <p class="muted">None: every record that came was taken.</p>
      ) : (
        <Table
          caption="Rejected records, the newest first"
          columns={REJECTION_COLUMNS}
          rows={nodes}
          keyOf={({ id }) => id}
        />
      )}
      <p class="row">
        {!isFirst && <a href={hereWith({ rejections: null })}>Newest</a>}
        {pageInfo.hasNextPage && <a href={hereWith({ rejections: pageInfo.endCursor })}>Older</a>}
      </p>
    </section>
  );
}
