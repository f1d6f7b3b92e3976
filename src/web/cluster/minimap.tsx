/** The whole history in one strip, with the stretch that is seen as a brush on it. */
import { useEffect, useRef } from 'preact/hooks';
import { clamp, type Span } from '../timeline/instants.ts';
import { ticksOf, timeAt, xOf } from '../timeline/scale.ts';
import { spokenTime } from '../timeline/speech.ts';
import type { Counted } from '../timeline/stretch.ts';
import type { Screen } from './screen.ts';

const HEIGHT = 40;
const WIDTH = 1_000;
/** An edge can be taken this far from it: with a finger on a narrow screen, too. */
const EDGE_PIXELS = 12;

type Grip = 'start' | 'end' | 'whole' | 'new';
const CURSORS: Readonly<Record<Grip, string>> = { start: 'ew-resize', end: 'ew-resize', whole: 'grab', new: '' };

export function Minimap({ screen }: { readonly screen: Screen }) {
  const strip = useRef<HTMLDivElement>(null);
  const history = screen.history.value;
  const seen = screen.seen.value;
  const ready = history !== null && seen !== null;
  useEffect(() => {
    if (strip.current === null || !ready) return;
    return startBrushing(screen, strip.current);
  }, [screen, ready]);
  if (history === null || seen === null) return <div class="minimap" aria-hidden="true" />;
  const left = clamp(xOf(history, 100, seen.from), 0, 100);
  const right = clamp(xOf(history, 100, seen.to), 0, 100);
  return (
    <div
      class="minimap"
      ref={strip}
      role="img"
      aria-label={`The whole history, ${spokenTime(history.from)} to ${spokenTime(history.to)}. Seen: ${spokenTime(seen.from)} to ${spokenTime(seen.to)}.`}
    >
      <Histogram history={history} />
      <div class="brush" style={{ left: `${left}%`, width: `max(3px, ${right - left}%)` }} />
      <i class="now" style={{ left: `${clamp(xOf(history, 100, seen.at), 0, 100)}%` }} />
      {seen.marks.map(
        (mark, index) =>
          mark !== null && (
            <i key={index} class="mark-sign" style={{ left: `${clamp(xOf(history, 100, mark), 0, 100)}%` }} />
          ),
      )}
    </div>
  );
}

/** Logarithmic: a burst does not hide that there was anything else. */
function Histogram({ history }: { readonly history: Counted }) {
  const most = Math.max(1, ...history.counts);
  let path = '';
  for (const [index, count] of history.counts.entries()) {
    if (count === 0) continue;
    const x = (index / history.counts.length) * WIDTH;
    const tall = 3 + (Math.log1p(count) / Math.log1p(most)) * (HEIGHT - 18);
    path += `M${x.toFixed(1)} ${HEIGHT}v${-tall.toFixed(1)}`;
  }
  return (
    <>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={path} vector-effect="non-scaling-stroke" />
      </svg>
      {ticksOf(history, WIDTH, 180).map(({ at, label }) => (
        <span key={at} class="tick" style={{ left: `${xOf(history, 100, at)}%` }}>
          {label}
        </span>
      ))}
    </>
  );
}

/** Drag the brush, its edges, or a new one. */
function startBrushing(screen: Screen, strip: HTMLElement): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let held: { readonly grip: Grip; readonly at: number; readonly seen: Span } | null = null;
  const timeOf = (event: PointerEvent, history: Span): number => {
    const box = strip.getBoundingClientRect();
    return timeAt(history, box.width, clamp(event.clientX - box.left, 0, box.width));
  };
  const gripOf = (at: number, { from, to }: Span, seen: Span): Grip =>
    gripAt(at, seen, (EDGE_PIXELS / strip.clientWidth) * (to - from));
  strip.addEventListener(
    'pointerdown',
    (event) => {
      const [history, seen] = [screen.history.peek(), screen.seen.peek()];
      if (history === null || seen === null || event.button !== 0) return;
      const at = timeOf(event, history);
      held = { grip: gripOf(at, history, seen), at, seen };
      strip.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  strip.addEventListener(
    'pointermove',
    (event) => {
      const [history, seen] = [screen.history.peek(), screen.seen.peek()];
      if (history === null || seen === null) return;
      if (held === null) {
        strip.style.cursor = CURSORS[gripOf(timeOf(event, history), history, seen)];
        return;
      }
      const span = brushed(held, timeOf(event, history));
      if (span.to - span.from > (history.to - history.from) / 20_000) screen.act({ do: 'show', span });
    },
    { signal },
  );
  const end = (event: PointerEvent): void => {
    const history = screen.history.peek();
    // A click: that time in the middle.
    if (held !== null && history !== null && held.grip === 'new' && timeOf(event, history) === held.at) {
      const length = held.seen.to - held.seen.from;
      const from = Math.round(held.at - length / 2);
      screen.act({ do: 'show', span: { from, to: from + length } });
    }
    held = null;
  };
  strip.addEventListener('pointerup', end, { signal });
  strip.addEventListener('pointercancel', () => (held = null), { signal });
  return () => stop.abort();
}

/** A brush that has no room for edges is taken whole, from a little beside it, too. */
function gripAt(at: number, { from, to }: Span, edge: number): Grip {
  const isWide = to - from > 3 * edge;
  if (isWide && Math.abs(at - from) < edge) return 'start';
  if (isWide && Math.abs(at - to) < edge) return 'end';
  const beside = isWide ? 0 : edge;
  return at > from - beside && at < to + beside ? 'whole' : 'new';
}

function brushed(
  { grip, at, seen }: { readonly grip: Grip; readonly at: number; readonly seen: Span },
  now: number,
): Span {
  // What is held moves as far as the pointer: it does not jump to it.
  const by = now - at;
  if (grip === 'whole') return { from: seen.from + by, to: seen.to + by };
  const fixed = grip === 'start' ? seen.to : grip === 'end' ? seen.from : at;
  const moved = grip === 'start' ? seen.from + by : grip === 'end' ? seen.to + by : now;
  return { from: Math.min(fixed, moved), to: Math.max(fixed, moved) };
}
