/** How a benchmark says what it found: one JSON line per figure. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The raw limit, or the peer's figure, measured in the same run in the same unit. */
  readonly limit?: number;
  readonly peer?: number;
  /** value / (limit or peer), the median of rounds that took turns. */
  readonly ratio?: number;
  /** What the ratio is to reach. */
  readonly target?: number;
  readonly note?: string;
}

export function print(figure: Figure): void {
  const rounded = Object.fromEntries(
    Object.entries(figure).map(([key, value]) => [key, typeof value === 'number' ? roundTo3(value) : value]),
  );
  process.stdout.write(`${JSON.stringify(rounded)}\n`);
}

/** Says why a figure is missing. */
export function skip(name: string, reason: string): void {
  process.stdout.write(`${JSON.stringify({ name, skipped: reason })}\n`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Three significant digits. */
function roundTo3(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : value;
}

export interface Work {
  readonly units: number;
  readonly ms: number;
}
export interface Contender {
  readonly name: string;
  /** What the round needs and is not timed. */
  prepare?(): void;
  /** Does one round's work; returns how many units it did, and in what time where it measured that itself. */
  run(): Promise<Work | number> | Work | number;
}

/** Rates of each contender per round, in units per second; the contenders take turns so that the machine's moods hit all. */
export async function takeTurns(
  contenders: readonly Contender[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      contender.prepare?.();
      globalThis.gc?.();
      const begun = performance.now();
      const done = await contender.run();
      const { units, ms } = typeof done === 'number' ? { units: done, ms: performance.now() - begun } : done;
      // The first round warms everything up and does not count.
      if (round >= 0) rates.get(contender.name)?.push((units * 1000) / ms);
    }
  }
  return rates;
}

/** The median over the rounds of the ratio within each round. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}
