/** Polls of a Statuspage summary, one a line, oldest first: `{observedAt, body}`. docs/imports.md says what follows from them. */
import { formatTime, type Micros } from '../../../schemas/time.ts';
import { linesOf } from './bytes.ts';
import { type AnyMadeEvent, cloudEventOf, type ImportedRecord, type ImportFormat, unreadable } from './format.ts';
import { createComponentReader } from './statuspage/components.ts';
import { createIncidentReader } from './statuspage/incidents.ts';
import { createMaintenanceReader } from './statuspage/maintenances.ts';
import { readPoll, type Summary } from './statuspage/poll.ts';
import { createRegister } from './statuspage/register.ts';
import { idOf, type Sight } from './statuspage/sight.ts';

export const statuspagePolls: ImportFormat = {
  name: 'statuspage-polls',
  description: 'polls of a Statuspage /api/v2/summary.json, one {observedAt, body} a line, oldest first',
  async *read(files, source) {
    const reader = createPollReader();
    for (const file of files) {
      let lineNumber = 0;
      for await (const line of linesOf(file, source)) {
        lineNumber += 1;
        if (line.trim() !== '') yield* reader.take(line, `${file}, line ${lineNumber}`);
      }
    }
    if (reader.sawNoAnswer()) throw unreadable(files.join(', '), 'no poll in it has an answer');
  },
};

/** An answer that could not be read, and the readable poll before it. */
interface Gap {
  readonly from: Micros;
  readonly at: Micros;
}

function createPollReader() {
  const components = createComponentReader();
  const incidents = createIncidentReader();
  const maintenances = createMaintenanceReader();
  const register = createRegister();
  let source: string | null = null;
  let lastObservedAt: Micros | null = null;
  let lastReadableAt: Micros | null = null;
  /** The unreadable answers since the last readable one began with this. */
  let open: Gap | null = null;

  function takeUnreadable(at: Micros): AnyMadeEvent[] {
    const gap: Gap = { from: lastReadableAt ?? open?.from ?? at, at };
    open ??= gap;
    // Until the first answer no one knows whose page it is; the gap is stated with that answer.
    return source === null ? [] : [gapEvent(source, gap, null)];
  }

  function takeReadable(summary: Summary, at: Micros): AnyMadeEvent[] {
    const isFirst = source === null;
    source ??= summary.pageUrl || 'statuspage-polls';
    const sight: Sight = { source, at, previousAt: lastReadableAt };
    const events = [
      ...(open !== null && isFirst ? [gapEvent(source, open, null)] : []),
      ...components.read(summary.components, sight),
      ...maintenances.read(summary.maintenances, sight),
      ...incidents.read(summary.incidents, sight),
      ...(open === null ? [] : [gapEvent(source, open, at)]),
    ].sort((first, second) => first.recordedAt - second.recordedAt || first.time - second.time);
    register.take(events);
    const corrections = register.corrections(summary.components, sight);
    register.take(corrections);
    open = null;
    lastReadableAt = at;
    return [...events, ...corrections];
  }

  return {
    *take(line: string, place: string): Generator<ImportedRecord> {
      const { observedAt, summary } = readPoll(line, place);
      if (observedAt === lastObservedAt) return;
      if (lastObservedAt !== null && observedAt < lastObservedAt) {
        throw unreadable(place, `it was observed before the line before it (${formatTime(lastObservedAt)})`);
      }
      lastObservedAt = observedAt;
      const events = summary === null ? takeUnreadable(observedAt) : takeReadable(summary, observedAt);
      for (const event of events) yield cloudEventOf(event);
    },
    sawNoAnswer: () => lastObservedAt !== null && source === null,
  };
}

/**
 * The page cannot have been seen from the last readable poll on. The gap is open when the unreadable answer comes, and
 * closed, under the same `from`, by the next readable one.
 */
function gapEvent(source: string, gap: Gap, to: Micros | null): AnyMadeEvent {
  return {
    type: 'CollectorGapRecorded',
    subject: source,
    source,
    id: idOf('gap', to === null ? 'opened' : 'closed', gap),
    time: to ?? gap.at,
    notBefore: null,
    recordedAt: to ?? gap.at,
    data: {
      from: formatTime(gap.from),
      ...(to === null ? {} : { to: formatTime(to) }),
      reason: 'The page gave no readable answer.',
    },
  };
}
