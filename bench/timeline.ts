/**
 * `timeline` of 24 hours × more than 100 lanes × 1,000 buckets, the printed answer included: of the long history, of whatever
 * cluster and day, against reading the same events; and of lanes that are full, against printing what they say by itself.
 */

import { median, print } from './support/figure.ts';
import { chanceFrom } from './support/history.ts';
import { longHistory } from './support/long-history.ts';
import { clusterWindow, denseGraph, longGraph, TIMELINE_QUERY } from './support/timeline-graph.ts';

const ASKED = 400;
const WARM_UP = 40;
const DENSE_ROUNDS = 12;
const BUCKETS = 1_000;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function ofLongHistory(): Promise<void> {
  const history = await longHistory();
  const graph = longGraph(history);
  const chance = chanceFrom(history.seed);
  const ours: number[] = [];
  const raw: number[] = [];
  const sizes: number[] = [];
  try {
    for (let index = -WARM_UP; index < ASKED; index += 1) {
      const window = clusterWindow(history, chance);
      let json = '';
      const answering = await timed(async () => {
        json = await graph.ask(TIMELINE_QUERY, { ...window, buckets: BUCKETS });
      });
      const span = await graph.spanOf(window);
      const reading = await timed(() => graph.readEvents(span));
      if (index < 0) continue;
      ours.push(answering);
      raw.push(reading);
      sizes.push(json.length);
    }
  } finally {
    await graph.close();
  }
  const note = `${history.note}; ${ASKED} windows by chance, ${Math.round(median(sizes) / 1_024)} KiB printed`;
  const ratio = median(ours.map((value, index) => value / (raw[index] ?? Number.NaN)));
  print({ name: 'timeline.p50', value: median(ours), unit: 'ms', limit: median(raw), ratio, note });
  print({
    name: 'timeline.p95',
    value: quantile(ours, 0.95),
    unit: 'ms',
    limit: quantile(raw, 0.95),
    target: 100,
    note: 'the limit is reading the events of the same 24 hours, and no more, on one connection',
  });
}

async function ofFullLanes(): Promise<void> {
  const { graph, window, events, note } = await denseGraph(BUCKETS);
  try {
    const [ours, lists, objects]: [number[], number[], number[]] = [[], [], []];
    for (let round = -2; round < DENSE_ROUNDS; round += 1) {
      let json = '';
      globalThis.gc?.();
      const answering = await timed(async () => {
        json = await graph.ask(TIMELINE_QUERY, { ...window, buckets: BUCKETS });
      });
      const answer: unknown = JSON.parse(json);
      const asObjects = intervalObjects(answer as Parameters<typeof intervalObjects>[0]);
      const printing = await timed(() => JSON.stringify(answer));
      const printingObjects = await timed(() => JSON.stringify(asObjects));
      if (round < 0) continue;
      ours.push(answering);
      lists.push(printing);
      objects.push(printingObjects);
    }
    const ratio = median(ours) / median(lists);
    print({ name: 'timeline.full.p50', value: median(ours), unit: 'ms', peer: median(lists), ratio, note });
    print({
      name: 'timeline.full.events',
      value: (events * 1_000) / median(ours),
      unit: 'events/s',
      note: 'read, folded, drawn and printed',
    });
    print({
      name: 'timeline.full.lists',
      value: median(lists),
      unit: 'ms',
      peer: median(objects),
      ratio: median(lists) / median(objects),
      note: 'JSON.stringify of the answer, against the same intervals as an object each',
    });
  } finally {
    await graph.close();
  }
}

function intervalObjects(answer: {
  data: { timeline: { lanes: readonly Readonly<Record<string, unknown[]>>[] } };
}): object[] {
  return answer.data.timeline.lanes.map(({ starts = [], ends = [], values = [], terms = [], merged = [] }) => ({
    intervals: starts.map((start, at) => {
      return { start, end: ends[at], value: values[at], term: terms[at], merged: merged[at] };
    }),
  }));
}

await ofLongHistory();
await ofFullLanes();
