/** The timeline: both times of everything, the incident's own and what its clusters told. */
import { hereWith, queryValue } from '../router.ts';
import { Chip } from '../ui/chip.tsx';
import { absolute } from '../ui/moment.ts';
import { Empty } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { At } from '../ui/time.tsx';
import { EventLink } from './event-link.tsx';
import type { Incident, Story } from './query.ts';
import { type StoryRow, storyRows } from './story.ts';
import { StatusChip } from './words.tsx';

interface StoryTableProps {
  readonly incident: Incident;
  readonly story: Story;
  /** Whether entries can be put right here: not in the past, and not without the role. */
  readonly canAmend: boolean;
}

export function StoryTable({ incident, story, canAmend }: StoryTableProps) {
  const isOwnOnly = queryValue('show') === 'own';
  const rows = storyRows(story.timeline, incident.updates);
  const wanted = isOwnOnly ? rows.filter(({ clusterId }) => clusterId === null) : rows;
  const isNewestFirst = queryValue('order') === 'newest';
  const shown = isNewestFirst ? wanted.toReversed() : wanted;
  const own = rows.filter(({ clusterId }) => clusterId === null).length;
  return (
    <section class="stack story" aria-labelledby="timeline">
      <div class="row">
        <h2 id="timeline">Timeline</h2>
        <span class="muted">
          {own} of the incident, {rows.length - own} of its clusters
        </span>
        <a href={hereWith({ show: isOwnOnly ? null : 'own' })}>{isOwnOnly ? 'With its clusters' : 'Only its own'}</a>
        <a href={hereWith({ order: isNewestFirst ? null : 'newest' })}>
          {isNewestFirst ? 'Oldest first' : 'Newest first'}
        </a>
      </div>
      {story.omissions.map((words) => (
        <p key={words} class="muted">
          {words}
        </p>
      ))}
      {shown.length === 0 ? (
        <Empty title="Nothing had happened by then" />
      ) : (
        <Table caption="Entries of the timeline" columns={columns(canAmend)} rows={shown} keyOf={({ key }) => key} />
      )}
    </section>
  );
}

function columns(canAmend: boolean): readonly Column<StoryRow>[] {
  return [
    { name: 'Happened', cell: (row) => <Happened row={row} /> },
    {
      name: 'Known',
      cell: ({ recordedAt, lag }) => (
        <>
          <At time={recordedAt} />
          {lag !== '' && <div class="hint">{lag}</div>}
        </>
      ),
    },
    { name: 'What', isWide: true, cell: (row) => <What row={row} /> },
    {
      name: 'Event',
      isNumber: true,
      cell: ({ event, update }) => (
        <span class="nowrap">
          <EventLink event={event} />
          {canAmend && update && (
            <>
              {' · '}
              <a id={`amend-${update.id}`} href={hereWith({ do: 'amend', of: update.id })}>
                Amend<span class="unseen"> the entry of {absolute(update.at)}</span>
              </a>
            </>
          )}
        </span>
      ),
    },
  ];
}

function Happened({ row: { at, notBefore, until, clusterId } }: { readonly row: StoryRow }) {
  return (
    <span class={clusterId === null ? 'own' : undefined}>
      {notBefore !== null && notBefore < at && (
        <span class="muted">
          between <At time={notBefore} /> and{' '}
        </span>
      )}
      <At time={at} />
      {until !== null && (
        <span class="muted">
          {' '}
          to <At time={until} short />
        </span>
      )}
    </span>
  );
}

function What({ row }: { readonly row: StoryRow }) {
  const { clusterId, kind, words, update, isLate, count, firstWords, amendments } = row;
  return (
    <div class="told">
      {clusterId === null ? <strong>{kind} </strong> : <span class="muted mono">{clusterId} </span>}
      {update?.status && <StatusChip status={update.status} />}
      {update?.visibility === 'private' && <Chip>private</Chip>}
      {count > 1 && <Chip>{count} events</Chip>}
      {isLate && (
        <Chip tone="warn" title="It was known only after the incident was resolved">
          late
        </Chip>
      )}
      {update?.by && <span class="muted">by {update.by} </span>}
      {clusterId === null && <br />}
      {words}
      {firstWords !== null && <span class="amended">First said: {firstWords === '' ? 'nothing' : firstWords}</span>}
      {amendments.map(({ at, reason, recordedAt, by }) => (
        <span key={recordedAt} class="amended">
          Amended <At time={recordedAt} />
          {by !== null && ` by ${by}`}
          {at !== null && ` to ${absolute(at)}`}: {reason}
        </span>
      ))}
    </div>
  );
}
