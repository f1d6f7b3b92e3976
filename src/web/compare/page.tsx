/** Two moments of a cluster side by side: what differs, and which events made it differ. */
import { useState } from 'preact/hooks';
import { ask, failureIn, useAnswer } from '../api/ask.ts';
import { bareType } from '../events/tail.ts';
import type { PageProps } from '../pages.ts';
import { hereWith, queryValue, setQuery } from '../router.ts';
import { pathTo } from '../routes.ts';
import { Chip } from '../ui/chip.tsx';
import { type Mark, markOf, markText, markWords, momentInput } from '../ui/mark.ts';
import { absolute } from '../ui/moment.ts';
import { Answered, Empty } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { At } from '../ui/time.tsx';
import './compare.css';
import { type Cause, COMPARISON, type Compared, type DiffAnswer, HEAD, type HeadAnswer } from './query.ts';
import { type DiffRow, diffRows } from './rows.ts';

export function ComparePage({ params }: PageProps) {
  const id = params['id'] ?? '';
  const a = queryValue('a') ?? '';
  const b = queryValue('b') ?? '';
  const first = markOf(a);
  const second = markOf(b);
  const isAskable = first !== null && second !== null && a !== '' && b !== '';
  return (
    <>
      <div class="title">
        <h1>Compare</h1>
        <a class="mono" href={pathTo('/clusters/:id', { id })}>
          {id}
        </a>
      </div>
      <Marks key={`${a} ${b}`} a={a} b={b} />
      {isAskable ? (
        <Difference id={id} a={first} b={second} />
      ) : (
        <Empty title="Choose two moments">
          <p>What differs between them is listed here, each difference with the events that caused it.</p>
        </Empty>
      )}
    </>
  );
}

const SIDES = ['a', 'b'] as const;

function Marks({ a, b }: { readonly a: string; readonly b: string }) {
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const show = async (form: HTMLFormElement): Promise<void> => {
    const found: Record<string, string> = {};
    const faults: Record<string, string> = {};
    for (const side of SIDES) {
      const mark = markOf(String(new FormData(form).get(side) ?? ''));
      if (mark === null) faults[side] = 'This is no moment.';
      else found[side] = markText(mark) || (await head());
    }
    setWrong(faults);
    if (Object.keys(faults).length === 0) setQuery(found);
    else form.querySelector<HTMLElement>(`[name="${Object.keys(faults)[0]}"]`)?.focus();
  };
  return (
    <form
      class="stack marks"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        show(event.currentTarget).catch((error: unknown) => setWrong({ b: failureIn(error).message }));
      }}
    >
      <div class="row">
        {SIDES.map((side) => (
          <div key={side} class="stack">
            <label for={`mark-${side}`}>Moment {side.toUpperCase()}</label>
            <input
              id={`mark-${side}`}
              class="field mono"
              name={side}
              size={34}
              autocomplete="off"
              placeholder="now"
              defaultValue={side === 'a' ? a : b}
              aria-invalid={wrong[side] !== undefined}
              aria-describedby={`${wrong[side] === undefined ? '' : `wrong-${side} `}marks-hint`}
            />
            {wrong[side] !== undefined && (
              <span class="wrong" id={`wrong-${side}`} role="alert">
                {wrong[side]}
              </span>
            )}
          </div>
        ))}
        <button type="submit" class="main">
          Compare
        </button>
        <a class="button" href={hereWith({ a: b, b: a })}>
          Swap
        </a>
      </div>
      <p class="hint" id="marks-hint">
        A time (UTC) is what was true then; <code>known:</code> and a time what was known then;{' '}
        <code>TIME,known:TIME</code> both; a number is a position of the ledger; empty is now.
      </p>
    </form>
  );
}

/** The present as a moment that stays what it is. */
async function head(): Promise<string> {
  return (await ask<HeadAnswer>(HEAD)).ledger.head;
}

function Difference({ id, a, b }: { readonly id: string; readonly a: Mark; readonly b: Mark }) {
  const answer = useAnswer<DiffAnswer>(COMPARISON, { id, a: momentInput(a), b: momentInput(b) });
  return (
    <Answered answer={answer} rows={8}>
      {({ topologyDiff }, isStale) => {
        const rows = diffRows(topologyDiff);
        return (
          <div class="stack" aria-busy={isStale}>
            <dl class="sides">
              <Side name="A" mark={a} compared={topologyDiff.from} />
              <Side name="B" mark={b} compared={topologyDiff.to} />
            </dl>
            <p role="status">{rows.length === 1 ? 'One difference' : `${rows.length || 'No'} differences`}</p>
            {rows.length === 0 ? (
              <Empty title="Nothing differs">
                <p>What changed and changed back in between is not listed: the timeline of the cluster has it.</p>
              </Empty>
            ) : (
              <Table caption="What differs" columns={COLUMNS} rows={rows} keyOf={({ key }) => key} />
            )}
          </div>
        );
      }}
    </Answered>
  );
}

function Side({ name, mark, compared }: { readonly name: string; readonly mark: Mark; readonly compared: Compared }) {
  const { exists, asOf, completeness } = compared;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {markWords(mark, absolute)}{' '}
        {asOf !== null && <span class="muted">of what stands up to position {asOf.position}</span>}{' '}
        {!exists && <Chip tone="unknown">nothing known</Chip>}
        {!completeness.complete && <Chip tone="unknown">not all was seen</Chip>}
      </dd>
    </div>
  );
}

const COLUMNS: readonly Column<DiffRow>[] = [
  {
    name: 'What',
    cell: ({ kind, id, what }) => (
      <>
        {id !== '' && <span class="mono strong">{id}</span>} <span class="muted">{id === '' ? kind : what}</span>
      </>
    ),
  },
  { name: 'A', cell: ({ before }) => <del>{before}</del> },
  { name: 'B', cell: ({ after }) => <ins>{after}</ins> },
  { name: 'Because', isWide: true, cell: ({ causes }) => <Causes causes={causes} /> },
];

function Causes({ causes }: { readonly causes: readonly Cause[] }) {
  if (causes.length === 0) return <span class="muted">no event says</span>;
  return (
    <ul class="causes">
      {causes.map(({ position, type, occurredAt }) => (
        <li key={position}>
          <a href={pathTo('/events/:position', { position })}>
            {bareType(type)} <span class="mono">{position}</span>
          </a>{' '}
          <span class="muted">
            <At time={occurredAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
