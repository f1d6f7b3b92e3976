/** One verification of the ledger in this browser: how far it is, then what it found, in the words of `musterbook verify`. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Failure, failureIn } from '../../api/ask.ts';
import { pathTo } from '../../routes.ts';
import { duration } from '../../ui/moment.ts';
import { Failed } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import type { Erasure, Finding, Stated, Verification } from './verification.ts';
import type { Order, Progress, Told } from './worker.ts';

const STATED = '{ ledger { head events streams digest restoredUpTo } }';
interface StatedAnswer {
  readonly ledger: {
    readonly head: string;
    readonly events: number;
    readonly streams: number;
    readonly digest: string | null;
    readonly restoredUpTo: string | null;
  };
}

type Run =
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'running' }
  | { readonly state: 'stopped'; readonly why: string | null }
  | { readonly state: 'done'; readonly verification: Verification };

const NOTHING_YET: Progress = { events: 0, position: 0, found: 0 };

interface VerifyPanelProps {
  /** What was kept elsewhere, as it was given; empty: nothing. */
  readonly checkpointText: string;
  again(): void;
}

/** Begins when it appears. */
export function VerifyPanel({ checkpointText, again }: VerifyPanelProps) {
  const [run, setRun] = useState<Run>({ state: 'running' });
  const [stated, setStated] = useState<Stated | null>(null);
  const [progress, setProgress] = useState(NOTHING_YET);
  const worker = useRef<Worker>(null);
  const pace = useRef(new Pace());
  const checkpoint = checkpointText.trim() === '' ? null : readCheckpoint(checkpointText);

  useEffect(() => {
    if (typeof checkpoint === 'string') return;
    let isWanted = true;
    const fail = (failure: Failure): void => {
      if (isWanted) setRun({ state: 'failed', failure });
    };
    ask<StatedAnswer>(STATED).then(
      ({ ledger }) => {
        if (!isWanted) return;
        const found = statedIn(ledger);
        setStated(found);
        worker.current = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
        worker.current.onmessage = ({ data }: MessageEvent<Told>) => hear(data);
        worker.current.onerror = () =>
          fail({ kind: 'refused', code: '', message: 'The verifier could not be loaded.' });
        order({ kind: 'begin', stated: found, checkpoint });
      },
      (error: unknown) => fail(failureIn(error)),
    );
    return () => {
      isWanted = false;
      worker.current?.terminate();
    };
  }, []);

  function order(one: Order): void {
    if (one.kind !== 'stop') pace.current.begin();
    worker.current?.postMessage(one);
  }

  function hear(told: Told): void {
    if (told.kind === 'done') {
      pace.current.end();
      setRun({ state: 'done', verification: told.verification });
    } else {
      setProgress(told.progress);
      if (told.kind === 'progress') return;
      pace.current.end();
      setRun({ state: 'stopped', why: told.why });
    }
  }

  function goOn(): void {
    setRun({ state: 'running' });
    order({ kind: 'go on' });
  }

  if (typeof checkpoint === 'string') {
    return (
      <p class="note bad" role="alert">
        The checkpoint cannot be read: {checkpoint}. It is the line that <code>musterbook checkpoint</code> prints.
      </p>
    );
  }
  return (
    <div class="stack">
      <p class="unseen" role="status">
        {spoken(run, progress, stated)}
      </p>
      {inside(checkpoint)}
    </div>
  );

  function inside(kept: Checkpoint | null) {
    if (run.state === 'failed') return <Failed failure={run.failure} again={again} />;
    if (run.state === 'done' && stated !== null)
      return <Result {...{ stated, checkpoint: kept }} verification={run.verification} pace={pace.current} />;
    return (
      <>
        <progress
          aria-label="Verified"
          max={Math.max(1, stated?.events ?? 1)}
          value={progress.events}
          style={{ width: '100%', accentColor: 'var(--accent)' }}
        />
        {run.state === 'stopped' && (
          <p class="note warn">
            {run.why === null ? 'Stopped' : `${run.why} It broke off`} behind position {progress.position}. What was
            read so far is kept.
          </p>
        )}
        <div class="row">
          {run.state === 'running' ? (
            <button type="button" onClick={() => order({ kind: 'stop' })}>
              Stop
            </button>
          ) : (
            <button type="button" onClick={goOn}>
              Go on
            </button>
          )}
          <span>
            {grouped(progress.events)} of {stated === null ? '…' : grouped(stated.events)} events
            {run.state === 'running' && progress.events > 0 && `, ${pace.current.words(progress.events)}`}
            {progress.found > 0 && `, ${grouped(progress.found)} findings`}
          </span>
        </div>
      </>
    );
  }
}

function statedIn({ head, events, streams, digest, restoredUpTo }: StatedAnswer['ledger']): Stated {
  return { position: Number(head), events, streams, ends: digest, restoredUpTo: Number(restoredUpTo ?? 0) };
}

/** How fast it goes, over the stretches in which it went. */
class Pace {
  #ms = 0;
  #begunAt: number | null = null;

  begin(): void {
    this.#begunAt = performance.now();
  }

  end(): void {
    this.#ms = this.ms;
    this.#begunAt = null;
  }

  get ms(): number {
    return this.#ms + (this.#begunAt === null ? 0 : performance.now() - this.#begunAt);
  }

  words(events: number): string {
    return `${grouped(Number(((events * 1_000) / Math.max(1, this.ms)).toPrecision(2)))} events a second`;
  }
}

/** For screen readers: quarters, not every step. */
function spoken(run: Run, { events }: Progress, stated: Stated | null): string {
  if (run.state === 'failed') return '';
  if (run.state === 'stopped') return run.why === null ? 'Stopped' : `${run.why} The verification broke off.`;
  if (run.state === 'running')
    return `Verifying: ${25 * Math.floor((4 * events) / Math.max(1, stated?.events ?? 1))} %`;
  return `${verdictOf(run.verification)} ${sizeOf(run.verification)}`;
}

function verdictOf({ findings }: Verification): string {
  return findings.length === 0 ? 'The ledger verifies.' : 'The ledger does not verify.';
}

function sizeOf({ events, streams, position }: Verification): string {
  return `${grouped(events)} events in ${grouped(streams)} streams up to position ${position}.`;
}

interface ResultProps {
  readonly stated: Stated;
  readonly checkpoint: Checkpoint | null;
  readonly verification: Verification;
  readonly pace: Pace;
}

function Result({ stated, checkpoint, verification, pace }: ResultProps) {
  const { findings, findingsOmitted, erased, erasures, endProved, ends, events } = verification;
  return (
    <>
      <p class={`note ${findings.length === 0 ? 'ok' : 'bad'}`}>
        <strong>{verdictOf(verification)}</strong> {sizeOf(verification)}
      </p>
      {findings.length > 0 && (
        <Table caption="Findings" columns={FINDING_COLUMNS} rows={findings} keyOf={(row) => JSON.stringify(row)} />
      )}
      {findingsOmitted > 0 && <p>and {grouped(findingsOmitted)} more</p>}
      {erased > 0 && <p>{grouped(erased)} erased on purpose.</p>}
      {erasures.length > 0 && (
        <Table
          caption={`Erased events, the first ${erasures.length}`}
          columns={ERASURE_COLUMNS}
          rows={erasures}
          keyOf={({ position }) => String(position)}
        />
      )}
      <p>{endWords(checkpoint, endProved)}</p>
      {checkpoint !== null && <p class="muted">{signatureWords(checkpoint)}</p>}
      <dl class="facts">
        <dt>Digest at position {stated.position}, as computed here</dt>
        <dd>
          <code>{ends}</code>{' '}
          {stated.ends === ends
            ? 'The server states the same.'
            : stated.ends === null && 'The server states none of so many streams.'}
        </dd>
        <dt>Took</dt>
        <dd>
          {pace.ms < 1_000 ? 'less than 1 s' : duration(pace.ms)}, {pace.words(events)}
        </dd>
      </dl>
    </>
  );
}

function endWords(checkpoint: Checkpoint | null, endProved: boolean): string {
  if (endProved) return 'No tail and no stream is missing since the checkpoint.';
  return checkpoint === null
    ? 'Its end is unproved: only a checkpoint kept elsewhere shows that nothing was cut off.'
    : 'Its end is unproved: it is not what the checkpoint was made of.';
}

function signatureWords({ keyId }: Checkpoint): string {
  return keyId === null
    ? 'The checkpoint is not signed: it is worth what the place is worth where it was kept.'
    : `The checkpoint names the key ${keyId} as its signer’s. The signature is not checked here: musterbook verify --checkpoint FILE --public-key FILE does.`;
}

const AT = {
  name: 'Position',
  isNumber: true,
  cell: ({ position }: { readonly position: number | null }) =>
    position === null ? <span class="none">–</span> : <EventLink position={position} />,
};
const STREAM = {
  name: 'Stream',
  cell: ({ stream }: { readonly stream: string | null }) => <span class="mono">{stream ?? '–'}</span>,
};

const FINDING_COLUMNS: readonly Column<Finding>[] = [
  { name: 'Finding', cell: ({ kind }) => <strong>{kind}</strong> },
  STREAM,
  { name: 'Revision', isNumber: true, cell: ({ revision }) => revision ?? <span class="none">–</span> },
  AT,
  { name: 'What differs', isWide: true, cell: ({ message }) => message },
];

const ERASURE_COLUMNS: readonly Column<Erasure>[] = [
  AT,
  STREAM,
  { name: 'Erased by', cell: ({ by }) => by ?? 'someone without a token' },
  { name: 'At', isNumber: true, cell: ({ retractedBy }) => <EventLink position={retractedBy} /> },
  { name: 'Reason', isWide: true, cell: ({ reason }) => reason },
];

function EventLink({ position }: { readonly position: number }) {
  return <a href={pathTo('/events/:position', { position: String(position) })}>{position}</a>;
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
