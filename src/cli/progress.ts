/** Progress of long work, on stderr: how far, how fast, how long still. */
import { duration } from './print/text.ts';
import type { Terminal } from './runtime.ts';

export interface Progress {
  /** `done` of `all` (null: nobody knows how many), in the unit of the work; `more` is said beside. */
  step(done: number, all: number | null, more?: string): void;
  /** Leaves the line clean. */
  end(): void;
}

/** On a terminal it redraws four times a second, elsewhere it writes a line every ten seconds. */
const REDRAW_MS = 250;
const LINE_MS = 10_000;

export function showProgress(
  terminal: Terminal,
  verb: string,
  nowMs: () => number = () => performance.now(),
): Progress {
  const begun = nowMs();
  const everyMs = terminal.showsProgress ? REDRAW_MS : LINE_MS;
  let drawnAt = begun;
  let isDrawn = false;
  return {
    step(done, all, more = '') {
      const now = nowMs();
      if (now - drawnAt < everyMs) return;
      drawnAt = now;
      const text = progressText(verb, { done, all, seconds: (now - begun) / 1000, more });
      terminal.note(terminal.showsProgress ? `\r${text}\x1b[K` : `${text}\n`);
      isDrawn = true;
    },
    end() {
      if (isDrawn && terminal.showsProgress) terminal.note('\r\x1b[K');
      isDrawn = false;
    },
  };
}

interface Reached {
  readonly done: number;
  readonly all: number | null;
  readonly seconds: number;
  readonly more: string;
}

/** `verified 120,000 of 1,000,000 (12%), 80,000/s, 11s left`. */
export function progressText(verb: string, { done, all, seconds, more }: Reached): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const share = all !== null && all > 0 ? ` of ${count(all)} (${Math.min(100, Math.floor((100 * done) / all))}%)` : '';
  const left = all !== null && rate > 0 ? `, ${duration(Math.max(0, all - done) / rate)} left` : '';
  return `${verb} ${count(done)}${share}, ${count(Math.round(rate))}/s${left}${more}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
