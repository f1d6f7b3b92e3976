/** The playhead: a slider with a spoken value, over the lanes. */
import { useRef } from 'preact/hooks';
import { clamp, MS } from '../timeline/instants.ts';
import { timeAt, xOf } from '../timeline/scale.ts';
import { slid } from '../timeline/seen.ts';
import { spoken, spokenTime } from '../timeline/speech.ts';
import type { Screen } from './screen.ts';

interface PlayheadProps {
  readonly screen: Screen;
  readonly gutter: number;
  readonly width: number;
}

export function Playhead({ screen, gutter, width }: PlayheadProps) {
  const handle = useRef<HTMLDivElement>(null);
  const seen = screen.seen.value;
  const { moment, isPending } = screen.moment.value;
  if (seen === null) return null;
  const x = xOf(seen, width, seen.at);
  const isWithin = x >= 0 && x <= width;
  const scrub = ({ buttons, clientX }: PointerEvent): void => {
    const box = handle.current?.closest('.lanes')?.getBoundingClientRect();
    if (buttons !== 1 || box === undefined) return;
    screen.act({ do: 'goto', at: timeAt(seen, width, clamp(clientX - box.left - gutter, 0, width)) });
  };
  return (
    <div class={isWithin ? 'playhead' : 'playhead outside'} style={{ left: `${gutter + clamp(x, 0, width)}px` }}>
      <div
        ref={handle}
        class="handle"
        role="slider"
        tabIndex={0}
        aria-label="Playhead"
        aria-orientation="horizontal"
        aria-valuemin={Math.round(seen.from / MS)}
        aria-valuemax={Math.round(seen.to / MS)}
        aria-valuenow={Math.round(clamp(seen.at, seen.from, seen.to) / MS)}
        aria-valuetext={isPending ? spokenTime(seen.at) : spoken(seen.at, moment?.view ?? null)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={scrub}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const at = slid(seen, event.key);
          if (at === null) return;
          event.preventDefault();
          screen.act({ do: 'goto', at });
        }}
      />
    </div>
  );
}
