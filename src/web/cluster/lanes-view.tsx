/** The lanes on their canvas, with the playhead over them: what the pointer does there, and when it is drawn anew. */
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { clamp, MS } from '../timeline/instants.ts';
import { theme } from '../ui/theme.ts';
import { AXIS_HEIGHT, paint } from './paint.ts';
import { type Palette, readPalette } from './palette.ts';
import { Playhead } from './playhead.tsx';
import { startPointing, type Tip } from './pointing.ts';
import type { Screen } from './screen.ts';

/** Narrower screens leave less for names. */
const NARROW = 640;
const HEIGHT_MIN = 220;

export function LanesView({ screen }: { readonly screen: Screen }) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [tip, setTip] = useState<Tip | null>(null);
  const gutter = width < NARROW ? 92 : 156;
  const laneWidth = Math.max(1, width - gutter);

  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const observer = new ResizeObserver(() => setWidth(box.clientWidth));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (scroller.current === null || canvas.current === null || width === 0) return;
    return startPainting(screen, { scroller: scroller.current, canvas: canvas.current, width, gutter });
  }, [screen, width]);
  useEffect(() => {
    if (scroller.current === null || width === 0) return;
    return startPointing(screen, { scroller: scroller.current, gutter, laneWidth, onTip: setTip });
  }, [screen, width]);

  const filter = screen.seen.value?.filter;
  useEffect(() => scroller.current?.scrollTo(0, 0), [filter]);

  const { height } = screen.layout.value;
  return (
    <div class="lanes">
      <section
        class="scroller"
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label="Lanes, drawn; the tables say the same"
      >
        <canvas ref={canvas} />
        <div class="spacer" style={{ height: `${Math.max(height + AXIS_HEIGHT, HEIGHT_MIN)}px` }} />
      </section>
      <Playhead screen={screen} gutter={gutter} width={laneWidth} />
      {tip !== null && (
        <div
          class="tip"
          aria-hidden="true"
          style={{ left: `${clamp(tip.x, 4, Math.max(4, width - 260))}px`, top: `${tip.y + 18}px` }}
        >
          {tip.text}
        </div>
      )}
    </div>
  );
}

interface Drawn {
  readonly scroller: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
  readonly gutter: number;
}

/** Draws at most once a frame, and only when what is drawn changed: the playhead is not on the canvas. */
function startPainting(screen: Screen, { scroller, canvas, width, gutter }: Drawn): () => void {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) return () => {};
  let [palette, ratio, planned]: [Palette | null, number, number] = [null, 0, 0];
  const draw = (): void => {
    planned = 0;
    const seen = screen.seen.peek();
    if (seen === null) return;
    const height = scroller.clientHeight;
    const now = Math.max(1, devicePixelRatio);
    if (palette === null || ratio !== now) palette = readPalette(scroller, now);
    ratio = now;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const present = seen.mode === 'known' ? seen.at : Math.max(Date.now() * MS, seen.live ? seen.at : 0);
    const field = { from: seen.from, to: seen.to, width: width - gutter, present };
    const sheet = { context, palette, field, gutter, height, scrolled: scroller.scrollTop };
    paint(sheet, { layout: screen.layout.peek(), pieces: screen.pieces.peek(), marks: seen.marks });
    // For whoever measures: when there was something to see, and how often it was drawn.
    if (canvas.dataset['drawn'] === undefined) performance.mark('lanes drawn');
    canvas.dataset['drawn'] = String(Number(canvas.dataset['drawn'] ?? 0) + 1);
  };
  const plan = (): void => {
    if (planned === 0) planned = requestAnimationFrame(draw);
  };
  const anew = (): void => {
    palette = null;
    plan();
  };
  let last = '';
  const ends = [
    effect(() => {
      const seen = screen.seen.value;
      const key = JSON.stringify([seen?.from, seen?.to, seen?.marks, seen?.mode, seen?.mode === 'known' && seen.at]);
      if (key !== last) plan();
      last = key;
    }),
    effect(() => {
      screen.layout.value;
      screen.pieces.value;
      plan();
    }),
    effect(() => {
      theme.value;
      anew();
    }),
  ];
  const looks = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) => matchMedia(query));
  const heights = new ResizeObserver(plan);
  heights.observe(scroller);
  for (const look of looks) look.addEventListener('change', anew);
  scroller.addEventListener('scroll', plan, { passive: true });
  return () => {
    for (const end of ends) end();
    heights.disconnect();
    for (const look of looks) look.removeEventListener('change', anew);
    scroller.removeEventListener('scroll', plan);
    cancelAnimationFrame(planned);
  };
}
