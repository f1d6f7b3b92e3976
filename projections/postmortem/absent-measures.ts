/** Why a measure is absent: which of its two anchors the record does not have. */
import type { Reading } from '../incident/reading.ts';
import { visibilityOf } from '../incident/reading.ts';
import type { MeasureName, MeasureView } from '../incident/view.ts';

export interface AbsentMeasure {
  readonly name: MeasureName;
  readonly reason: string;
}

type AnchorName = 'start' | 'end' | 'signal' | 'notified' | 'acknowledged' | 'public' | 'resolved';

/** What each measure lies between, in words. */
export const ANCHORS: Readonly<Record<MeasureName, readonly [from: AnchorName, to: AnchorName]>> = {
  detect: ['start', 'signal'],
  acknowledge: ['notified', 'acknowledged'],
  inform: ['start', 'public'],
  mitigate: ['start', 'end'],
  settle: ['end', 'resolved'],
  resolve: ['start', 'resolved'],
};

export const ANCHOR_WORDS: Readonly<Record<AnchorName, string>> = {
  start: 'impact start',
  end: 'impact end',
  signal: 'first notification or anomaly',
  notified: 'first notification',
  acknowledged: 'first acknowledgement',
  public: 'first public statement',
  resolved: 'last resolution',
};

const MISSING: Readonly<Record<AnchorName, string>> = {
  start: 'no statement in the record says when the impact began',
  end: 'no statement in the record says when the impact ended',
  signal: 'the record has no notification of a responder, and no anomaly inside a linked evidence window',
  notified: 'the record has no notification of a responder',
  acknowledged: 'the record has no acknowledgement by a responder',
  public: 'the record has no public statement',
  resolved: 'the incident is not resolved',
};

/** The measures that are not among `present`, in the order in which measures are told. */
export function absentMeasures(
  reading: Reading,
  { present, hasSignal }: { readonly present: readonly MeasureView[]; readonly hasSignal: boolean },
): readonly AbsentMeasure[] {
  const isDuplicate = reading.happened.some(({ entry }) => entry.duplicateOfId !== null);
  return (Object.keys(ANCHORS) as MeasureName[])
    .filter((name) => !present.some((measure) => measure.name === name))
    .map((name) => {
      if (isDuplicate) return { name, reason: 'a duplicate counts in no measure: its original has them' };
      const missing = ANCHORS[name].filter((anchor) => !isThere(anchor, reading, hasSignal));
      return { name, reason: missing.map((anchor) => MISSING[anchor]).join('; ') };
    });
}

function isThere(anchor: AnchorName, reading: Reading, hasSignal: boolean): boolean {
  const { state, until, impactStart, impactEnd, resolution, happened, declaration } = reading;
  const has = (kind: 'notified' | 'acknowledged') =>
    state.entries.some((entry) => entry.kind === kind && entry.at <= until);
  switch (anchor) {
    case 'start':
      return impactStart !== null;
    case 'end':
      return impactEnd !== null;
    case 'signal':
      return hasSignal || has('notified');
    case 'notified':
    case 'acknowledged':
      return has(anchor);
    case 'public':
      return (
        happened.some(({ visibility }) => visibility === 'public') ||
        state.entries.some(
          (entry) => entry.kind === 'postmortem' && entry.at <= until && visibilityOf(entry, declaration) === 'public',
        )
      );
    case 'resolved':
      return resolution !== null;
  }
}
