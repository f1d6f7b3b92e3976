/** What a mouse or fingers do on the lanes. */
import { under } from '../timeline/boxes.ts';
import { clamp } from '../timeline/instants.ts';
import { toldIn } from '../timeline/lanes.ts';
import { timeAt } from '../timeline/scale.ts';
import { AXIS_HEIGHT } from './paint.ts';
import type { Screen } from './screen.ts';

export interface Tip {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Pointed {
  readonly scroller: HTMLElement;
  readonly gutter: number;
  readonly laneWidth: number;
  onTip(tip: Tip | null): void;
}

const CLICK_PIXELS = 4;

/**
 * Drag the axis: the playhead. Drag the lanes: the time. Two fingers, or the wheel with Ctrl: closer and farther. The
 * wheel alone scrolls the rows, as it does everywhere. Returns how to stop.
 */
export function startPointing(screen: Screen, pointed: Pointed): () => void {
  const stop = new AbortController();
  const hand = new Hand(screen, pointed);
  const { scroller } = pointed;
  const { signal } = stop;
  scroller.addEventListener('pointerdown', (event) => hand.down(event), { signal });
  scroller.addEventListener('pointermove', (event) => hand.move(event), { signal });
  scroller.addEventListener('pointerup', (event) => hand.up(event), { signal });
  scroller.addEventListener('pointercancel', (event) => hand.up(event), { signal });
  scroller.addEventListener('pointerleave', () => pointed.onTip(null), { signal });
  scroller.addEventListener('wheel', (event) => hand.wheel(event), { signal, passive: false });
  return () => stop.abort();
}

class Hand {
  readonly #screen: Screen;
  readonly #pointed: Pointed;
  /** Pointers that are down, and where. */
  readonly #fingers = new Map<number, number>();
  #drag: { readonly kind: 'scrub' | 'pan'; readonly x: number; lastX: number; moved: boolean } | null = null;

  constructor(screen: Screen, pointed: Pointed) {
    this.#screen = screen;
    this.#pointed = pointed;
  }

  down(event: PointerEvent): void {
    const { scroller, gutter, onTip } = this.#pointed;
    const { x, y } = this.#within(event);
    // On its scroll bar it is not ours.
    if (event.button !== 0 || x > scroller.clientWidth) return;
    onTip(null);
    if (x < gutter) return;
    this.#fingers.set(event.pointerId, x);
    this.#drag = { kind: y < AXIS_HEIGHT ? 'scrub' : 'pan', x, lastX: x, moved: false };
    if (this.#drag.kind === 'scrub') this.#screen.act({ do: 'goto', at: this.#timeOf(x) });
    scroller.setPointerCapture(event.pointerId);
  }

  move(event: PointerEvent): void {
    const { x, y } = this.#within(event);
    const drag = this.#drag;
    if (this.#fingers.size === 2 && this.#fingers.has(event.pointerId)) this.#pinch(event.pointerId, x);
    else if (drag === null) this.#point(x, y);
    else if (drag.kind === 'scrub') this.#screen.act({ do: 'goto', at: this.#timeOf(x) });
    else if (drag.moved || Math.abs(x - drag.x) > CLICK_PIXELS) {
      this.#screen.act({ do: 'pan', share: (drag.lastX - x) / this.#pointed.laneWidth });
      drag.moved = true;
      drag.lastX = x;
      // Where the second finger will find it.
      this.#fingers.set(event.pointerId, x);
    }
  }

  up(event: PointerEvent): void {
    const isClick = this.#drag?.kind === 'pan' && !this.#drag.moved && event.type === 'pointerup';
    if (isClick) this.#screen.act({ do: 'goto', at: this.#timeOf(this.#within(event).x) });
    this.#fingers.delete(event.pointerId);
    // Of two fingers the one that stays pans on, and is no click.
    const [x] = this.#fingers.values();
    this.#drag = x === undefined ? null : { kind: 'pan', x, lastX: x, moved: true };
  }

  wheel(event: WheelEvent): void {
    const { laneWidth } = this.#pointed;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.#screen.act({ do: 'zoom', factor: 1.0025 ** event.deltaY, around: this.#timeOf(this.#within(event).x) });
    } else if (event.shiftKey || Math.abs(sideways) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.#screen.act({ do: 'pan', share: sideways / laneWidth });
    }
  }

  #pinch(id: number, x: number): void {
    const before = this.#spread();
    this.#fingers.set(id, x);
    const after = this.#spread();
    this.#drag = null;
    const middle = [...this.#fingers.values()].reduce((sum, each) => sum + each, 0) / 2;
    if (before > 8 && after > 8) this.#screen.act({ do: 'zoom', factor: before / after, around: this.#timeOf(middle) });
  }

  #spread(): number {
    const [one = 0, other = 0] = this.#fingers.values();
    return Math.abs(one - other);
  }

  #point(x: number, y: number): void {
    const { gutter, scroller, onTip } = this.#pointed;
    const isOnLane = y >= AXIS_HEIGHT && x >= gutter;
    const top = y - AXIS_HEIGHT + scroller.scrollTop;
    const told = toldIn(this.#screen.pieces.peek());
    const text = isOnLane ? under(this.#screen.layout.peek(), this.#timeOf(x), top, told) : null;
    onTip(text === null ? null : { x, y, text });
  }

  #within({ clientX, clientY }: MouseEvent): { readonly x: number; readonly y: number } {
    const { left, top } = this.#pointed.scroller.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  #timeOf(x: number): number {
    const { gutter, laneWidth } = this.#pointed;
    const seen = this.#screen.seen.peek();
    return seen === null ? 0 : timeAt(seen, laneWidth, clamp(x - gutter, 0, laneWidth));
  }
}
