/** Asks for timelines, and tells their lanes in short. */
import assert from 'node:assert/strict';
import type { Serving } from './serving.ts';

export interface Lane {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly group: string | null;
  readonly starts: readonly string[];
  readonly ends: readonly (string | null)[];
  readonly values: readonly string[];
  readonly terms: readonly (number | null)[];
  readonly merged: readonly number[];
}

const FIELDS =
  'from to bucketMs counts followers lanesOmitted asOf { position occurredAt } completeness { complete gaps { reason event { id } } } lanes { id kind name group starts ends values terms merged }';

export interface Asked {
  readonly cluster?: string;
  /** Times of 2022-12-13 without the date, or whole ones. */
  readonly from?: string;
  readonly to?: string;
  readonly buckets?: number;
  readonly knownAt?: string;
  readonly more?: string;
}

function time(text: string): string {
  return text.length > 10 ? text : `2022-12-13T${text}:00Z`;
}

export function field({
  cluster = 'web',
  from = '20:00',
  to = '21:00',
  buckets = 3_600,
  knownAt,
  more = '',
}: Asked): string {
  const known = knownAt === undefined ? '' : `, knownAt: "${time(knownAt)}"`;
  return `timeline(clusterId: "${cluster}", from: "${time(from)}", to: "${time(to)}", buckets: ${buckets}${known}${more}) { ${FIELDS} }`;
}

export async function drawn({ ask }: Pick<Serving, 'ask'>, asked: Asked = {}) {
  const { data, errors } = await ask(`{ ${field(asked)} }`);
  assert.deepEqual(errors, []);
  return data.timeline;
}

/** [from, to, value, term] of each interval, in minutes and seconds of the hour; `…` for an open end. */
export function told(timeline: { readonly lanes: readonly Lane[] }, kind: string, id: string): string[] | null {
  const lane = timeline.lanes.find((each) => each.kind === kind && each.id === id);
  if (lane === undefined) return null;
  return lane.starts.map((start, index) => {
    const end = lane.ends[index];
    const [term, merged] = [lane.terms[index] ?? null, lane.merged[index] ?? 0];
    const words = [`${start.slice(11, 19)}–${end ? end.slice(11, 19) : '…'}`, lane.values[index]];
    return [...words, ...(term === null ? [] : [`term ${term}`]), ...(merged ? [`of ${merged}`] : [])].join(' ');
  });
}
