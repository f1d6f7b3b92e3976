/** Events as they are recorded. Standing at the top it runs; scrolled down it waits and counts. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, useAnswer } from '../api/ask.ts';
import { connection, heard } from '../api/connection.ts';
import { useLive } from '../api/live.ts';
import { hereWith, queryValue, setQuery } from '../router.ts';
import { pathTo } from '../routes.ts';
import { Chip } from '../ui/chip.tsx';
import { Answered, Empty, Failed } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { At } from '../ui/time.tsx';
import { bareType, EMPTY_TAIL, gist, released, type Tail, type TailEvent, taken } from './tail.ts';

const EVENT = 'position type stream subject occurredAt recordedAt synthetic data';
const NEWEST = `query Newest($filter: EventFilter) {
  ledger { head }
  events(last: 100, filter: $filter) { nodes { ${EVENT} } }
}`;
const COMING = `subscription Coming($after: Position, $filter: EventFilter) {
  events(after: $after, filter: $filter) { cursor event { ${EVENT} } }
}`;

interface Newest {
  readonly ledger: { readonly head: string };
  readonly events: { readonly nodes: readonly TailEvent[] };
}
interface Coming {
  readonly cursor: string;
  readonly event: TailEvent;
}

/** The filter's fields that the address may carry, as EventFilter names them. */
const FIELDS: readonly (readonly [name: string, label: string])[] = [
  ['clusterId', 'Cluster'],
  ['incidentId', 'Incident'],
  ['nodeId', 'Node'],
  ['text', 'Text'],
];

function filterHere(): Readonly<Record<string, unknown>> {
  const given = FIELDS.map(([name]) => name)
    .concat('stream', 'jobId')
    .flatMap((name) => {
      const value = queryValue(name);
      return value === null ? [] : [[name, value] as const];
    });
  const types = queryValue('types');
  return { ...Object.fromEntries(given), ...(types !== null && { types: types.split(',') }) };
}

export function TailPage() {
  const filter = filterHere();
  const answer = useAnswer<Newest>(NEWEST, { filter });
  return (
    <>
      <div class="title">
        <h1>Events</h1>
        <span class="muted">as they are recorded, newest first</span>
      </div>
      <Filters />
      <Answered answer={answer} rows={14}>
        {(newest) => <Running key={JSON.stringify(filter)} newest={newest} filter={filter} />}
      </Answered>
    </>
  );
}

interface RunningProps {
  readonly newest: Newest;
  readonly filter: Readonly<Record<string, unknown>>;
}

function Running({ newest, filter }: RunningProps) {
  const [tail, setTail] = useState<Tail>(() => taken(EMPTY_TAIL, ascending(newest.events.nodes), false));
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isHeld, setHeld] = useState(false);
  const isScrolled = useScrolled();
  const isPaused = isHeld || isScrolled;
  useEffect(() => heard(newest.ledger.head), []);
  const pieces = useRef<TailEvent[]>([]);
  const paused = useRef(isPaused);
  paused.current = isPaused;

  useLive<Coming>({
    query: COMING,
    field: 'events',
    variables: { filter },
    after: newest.ledger.head,
    onFailure: setFailure,
    onChange({ event }) {
      pieces.current.push(event);
      if (pieces.current.length > 1) return;
      // A burst is drawn once a frame.
      requestAnimationFrame(() => {
        const came = pieces.current.splice(0);
        setTail((before) => taken(before, came, paused.current));
      });
    },
  });
  useEffect(() => {
    if (!isPaused) setTail(released);
  }, [isPaused]);

  if (failure !== null) return <Failed failure={failure} again={() => location.reload()} />;
  const count = tail.waiting.length + tail.skipped;
  return (
    <>
      <p class="row stay">
        <button type="button" aria-pressed={isHeld} onClick={() => setHeld(!isHeld)}>
          {isHeld ? 'Go on' : 'Pause'}
        </button>
        {isPaused ? (
          <>
            <Chip tone="warn">paused</Chip>
            <button
              type="button"
              class="main"
              onClick={() => {
                setHeld(false);
                scrollTo(0, 0);
              }}
            >
              {count === 0 ? 'Nothing new' : `${count} new`} · back to the top
            </button>
          </>
        ) : (
          <Pulse />
        )}
      </p>
      {tail.rows.length === 0 ? (
        <Empty title="No event fits yet">
          <p>Events appear here as soon as they are recorded.</p>
        </Empty>
      ) : (
        <Table
          caption="Events, the newest first"
          columns={COLUMNS}
          rows={tail.rows}
          keyOf={({ position }) => position}
        />
      )}
    </>
  );
}

function Pulse() {
  const isHeard = typeof connection.value === 'string';
  return isHeard ? <Chip tone="ok">running</Chip> : <Chip tone="warn">waiting for the server</Chip>;
}

function ascending(events: readonly TailEvent[]): readonly TailEvent[] {
  return events.toSorted((one, other) => Number(one.position) - Number(other.position));
}

const COLUMNS: readonly Column<TailEvent>[] = [
  {
    name: 'Position',
    cell: ({ position }) => (
      <a class="mono" href={pathTo('/events/:position', { position })}>
        {position}
      </a>
    ),
  },
  { name: 'Happened', cell: ({ occurredAt }) => <At time={occurredAt} /> },
  {
    name: 'Event',
    cell: ({ type, synthetic }) => (
      <span class="nowrap">
        {bareType(type)} {synthetic && <Chip>synthetic</Chip>}
      </span>
    ),
  },
  {
    name: 'Stream',
    cell: ({ stream }) => (
      <a class="mono nowrap" href={hereWith({ stream })}>
        {stream}
      </a>
    ),
  },
  { name: 'Says', isFilling: true, isWide: true, cell: ({ data }) => <Says words={gist(data)} /> },
];

function Says({ words }: { readonly words: string }) {
  return (
    <span class="muted" title={words}>
      {words}
    </span>
  );
}

/** Whether the reader has scrolled away from the top: then nothing moves under their eyes. */
function useScrolled(): boolean {
  const [isScrolled, setScrolled] = useState(false);
  useEffect(() => {
    const onScroll = (): void => setScrolled(scrollY > 40);
    addEventListener('scroll', onScroll, { passive: true });
    return () => removeEventListener('scroll', onScroll);
  }, []);
  return isScrolled;
}

function Filters() {
  const stream = queryValue('stream');
  const types = queryValue('types');
  const jobId = queryValue('jobId');
  return (
    <form class="row filters" onSubmit={(event) => event.preventDefault()}>
      {FIELDS.map(([name, label]) => (
        <label key={name} class="row">
          <span class="muted">{label}</span>
          <input
            class="field"
            size={14}
            value={queryValue(name) ?? ''}
            onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
          />
        </label>
      ))}
      {Object.entries({ stream, types, jobId }).map(
        ([name, value]) =>
          value !== null && (
            <a key={name} class="chip" href={hereWith({ [name]: null })} title={`Without this filter`}>
              {name} {value} <span aria-hidden="true">✕</span>
              <span class="unseen">remove</span>
            </a>
          ),
      )}
    </form>
  );
}
