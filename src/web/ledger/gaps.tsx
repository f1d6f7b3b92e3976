/** What collectors say that they miss, now. */
import { useEffect, useState } from 'preact/hooks';
import { ask, type Failure, failureIn } from '../api/ask.ts';
import { pathTo } from '../routes.ts';
import { Chip } from '../ui/chip.tsx';
import { Loading } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { At } from '../ui/time.tsx';
import { GAPS, type GapPages, type GapsAnswer, gapsIn, NO_PAGES, PAGE_CLUSTERS, withPage } from './gap-pages.ts';
import type { GapRow } from './query.ts';

const GAP_COLUMNS: readonly Column<GapRow>[] = [
  { name: 'Collector', cell: ({ collector }) => <span class="mono">{collector}</span> },
  { name: 'From', cell: ({ from }) => <At time={from} /> },
  { name: 'To', cell: ({ to }) => (to === null ? <Chip tone="unknown">open</Chip> : <At time={to} />) },
  {
    name: 'Hides',
    cell: ({ clusterIds, componentIds }) =>
      clusterIds === null && componentIds === null
        ? 'all it reports'
        : [...(clusterIds ?? []), ...(componentIds ?? [])].join(', '),
  },
  { name: 'Reason', cell: ({ reason }) => reason },
  {
    name: 'Event',
    isNumber: true,
    cell: ({ event: { position } }) => <a href={pathTo('/events/:position', { position })}>{position}</a>,
  },
];

interface GapsProps {
  /** How often a page of clusters is read, once all were: one page a time, so that it costs the same however many there are. */
  readonly everyMs: number;
}

export function Gaps({ everyMs }: GapsProps) {
  const [gathered, setGathered] = useState(NO_PAGES);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => keepReading(everyMs, setGathered, setFailure), []);
  const gaps = gapsIn(gathered);
  const of = `of the first ${gathered.pages.length * PAGE_CLUSTERS} clusters`;
  return (
    <section class="stack" aria-labelledby="gaps">
      <h2 id="gaps">Gaps now</h2>
      {failure !== null && failure.kind !== 'unreachable' && <p class="note warn">Gaps: {failure.message}</p>}
      {gaps.length > 0 && (
        <Table caption="Gaps now" columns={GAP_COLUMNS} rows={gaps} keyOf={(gap) => gap.event.position} />
      )}
      {!gathered.isWhole && failure === null && <Loading rows={1} />}
      {gathered.isWhole && gaps.length === 0 && (
        <p class="muted">No collector says that it misses anything{gathered.isCut && ` ${of}`}.</p>
      )}
      {gathered.isCut && gaps.length > 0 && <p class="muted">Gaps {of}; there are more.</p>}
    </section>
  );
}

/** Reads page after page until all are read, then the oldest one every `everyMs`, until the returned function is called. */
function keepReading(
  everyMs: number,
  onPages: (pages: GapPages) => void,
  onFailure: (failure: Failure | null) => void,
): () => void {
  let isWanted = true;
  let gathered = NO_PAGES;
  let timer = 0;
  const read = async (): Promise<void> => {
    let pauseMs = everyMs;
    if (!document.hidden) {
      try {
        const { after } = gathered.next;
        const answer = await ask<GapsAnswer>(GAPS, { first: PAGE_CLUSTERS, after });
        if (!isWanted) return;
        gathered = withPage(gathered, answer);
        onPages(gathered);
        onFailure(null);
        if (!gathered.isWhole) pauseMs = 0;
      } catch (error) {
        if (isWanted) onFailure(failureIn(error));
      }
    }
    if (isWanted) timer = setTimeout(read, pauseMs);
  };
  void read();
  return () => {
    isWanted = false;
    clearTimeout(timer);
  };
}
