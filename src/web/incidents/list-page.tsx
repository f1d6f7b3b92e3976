/** All incidents: the open ones first, the resolved ones by page. */
import { useEffect, useState } from 'preact/hooks';
import { useAnswer } from '../api/ask.ts';
import { useLive } from '../api/live.ts';
import { go, hereWith, queryValue, setQuery } from '../router.ts';
import { pathTo } from '../routes.ts';
import { Chip } from '../ui/chip.tsx';
import { momentInput } from '../ui/mark.ts';
import { duration } from '../ui/moment.ts';
import { MomentChoice, markHere } from '../ui/moment-choice.tsx';
import { None } from '../ui/none.tsx';
import { Answered, Empty } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { At, now } from '../ui/time.tsx';
import { CommandForm } from './command-form.tsx';
import './incidents.css';
import { INCIDENTS, INCIDENTS_CHANGING, LISTED_TYPES, type Listed, type ListedPage } from './query.ts';
import { ImpactChip, StatusChip } from './words.tsx';

const OPEN = ['investigating', 'identified', 'monitoring'];
const PAGE = 50;
/** A burst of events is one question. */
const GATHER_MS = 300;

export function IncidentsPage() {
  const moment = momentInput(markHere());
  const status = queryValue('status');
  const isDeclaring = queryValue('do') === 'declare';
  const atLeast = useChanges(moment === null);
  const common = { moment, atLeast, cluster: queryValue('cluster') };
  return (
    <>
      <div class="title">
        <h1>Incidents</h1>
        <span class="rest">
          {!isDeclaring && (
            <a class="button main" id="declare" href={hereWith({ do: 'declare' })}>
              Declare an incident
            </a>
          )}
        </span>
      </div>
      {isDeclaring && (
        <CommandForm
          name="declare"
          initial={{ clusterIds: queryValue('cluster') ?? '' }}
          onDone={({ incidentId }) => go(pathTo('/incidents/:id', { id: incidentId }), { replace: true })}
          onClose={() => setQuery({ do: null })}
        />
      )}
      <Filters />
      {status === null ? (
        <>
          {queryValue('after') === null && <Section title="Open" status={OPEN} {...common} />}
          <Section title="Resolved" status={['resolved']} isPaged {...common} />
        </>
      ) : (
        <Section title={status} status={[status]} isPaged {...common} />
      )}
    </>
  );
}

/** The position of the newest change that the list has yet to show; null: any will do. */
function useChanges(isLive: boolean): string | null {
  const [newest, setNewest] = useState<string | null>(null);
  const [settled, setSettled] = useState<string | null>(null);
  useLive<{ readonly cursor: string }>({
    query: INCIDENTS_CHANGING,
    field: 'events',
    variables: { types: LISTED_TYPES },
    onChange: ({ cursor }) => setNewest(cursor),
  });
  useEffect(() => {
    const timer = setTimeout(() => setSettled(newest), GATHER_MS);
    return () => clearTimeout(timer);
  }, [newest]);
  return isLive ? settled : null;
}

function Filters() {
  const status = queryValue('status') ?? '';
  return (
    <div class="row filters">
      <label class="row">
        <span class="muted">Status</span>
        <select
          class="field"
          value={status}
          onChange={({ currentTarget }) => setQuery({ status: currentTarget.value, after: null })}
        >
          <option value="">any, open first</option>
          {[...OPEN, 'resolved'].map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <label class="row">
        <span class="muted">Cluster</span>
        <input
          class="field"
          size={18}
          value={queryValue('cluster') ?? ''}
          onChange={({ currentTarget }) => setQuery({ cluster: currentTarget.value.trim(), after: null })}
        />
      </label>
      <MomentChoice />
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly status: readonly string[];
  readonly isPaged?: boolean;
  readonly cluster: string | null;
  readonly moment: object | null;
  readonly atLeast: string | null;
}

function Section({ title, isPaged = false, ...asked }: SectionProps) {
  const after = isPaged ? queryValue('after') : null;
  const answer = useAnswer<ListedPage>(INCIDENTS, { ...asked, first: PAGE, after });
  const name = title[0]?.toUpperCase() + title.slice(1);
  return (
    <section class="stack">
      <h2>{name}</h2>
      <Answered answer={answer} rows={4}>
        {({ incidents: { nodes, pageInfo } }) => (
          <>
            {nodes.length === 0 ? (
              <Empty title={`No ${title.toLowerCase()} incidents`}>
                {!isPaged && <p>Nobody has said that anything is wrong.</p>}
              </Empty>
            ) : (
              <Table caption={`${name} incidents`} columns={COLUMNS} rows={nodes} keyOf={({ id }) => id} />
            )}
            <p class="row">
              {after !== null && <a href={hereWith({ after: null })}>Newest</a>}
              {pageInfo.hasNextPage &&
                (isPaged ? (
                  <a href={hereWith({ after: pageInfo.endCursor })}>Older</a>
                ) : (
                  <span class="muted">More are open than fit here: choose a status.</span>
                ))}
            </p>
          </>
        )}
      </Answered>
    </section>
  );
}

const COLUMNS: readonly Column<Listed>[] = [
  {
    name: 'Incident',
    isWide: true,
    cell: ({ id, title }) => (
      <a class="strong" href={pathTo('/incidents/:id', { id })}>
        {title}
      </a>
    ),
  },
  { name: 'Status', cell: ({ status }) => <StatusChip status={status} /> },
  { name: 'Impact', cell: ({ impact }) => <ImpactChip impact={impact} /> },
  { name: 'Severity', cell: ({ severity }) => severity },
  { name: 'Declared', cell: ({ declaredAt }) => <At time={declaredAt} /> },
  { name: 'Impact lasted', isNumber: true, cell: (row) => <Lasted row={row} /> },
  {
    name: 'Clusters',
    cell: ({ clusters }) =>
      clusters.length === 0
        ? null
        : clusters.map(({ id }) => (
            <a key={id} class="mono nowrap" href={pathTo('/clusters/:id', { id })}>
              {id}{' '}
            </a>
          )),
  },
  {
    name: 'Shown to',
    cell: ({ visibility }) => (visibility === 'private' ? <Chip>private</Chip> : <span class="muted">public</span>),
  },
];

/** Only what was stated counts: the impact's own bounds. */
function Lasted({ row: { impactStartedAt, impactEndedAt, impactOpen } }: { readonly row: Listed }) {
  if (impactStartedAt === null) return <None />;
  const start = Date.parse(impactStartedAt);
  if (impactEndedAt !== null) return <>{duration(Date.parse(impactEndedAt) - start)}</>;
  return impactOpen ? <>{duration(now.value - start)} so far</> : <span class="muted">no end stated</span>;
}
