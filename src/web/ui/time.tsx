/** Times on the page. */
import { signal } from '@preact/signals';
import { absolute, duration, relative, timeOfDay } from './moment.ts';
import { None } from './none.tsx';

/** Ticks once a second while the tab is seen. Reading it in a component makes that component follow. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1_000);

interface AtProps {
  /** RFC 3339, UTC. Null: a dash. */
  readonly time: string | null;
  /** The time of day alone; the whole of it is in the title. */
  readonly short?: boolean;
}

/** A moment, absolute; how long ago it was is its title. */
export function At({ time, short = false }: AtProps) {
  if (time === null) return <None />;
  const words = absolute(time);
  return (
    <time dateTime={time} title={`${words} · ${relative(time, now.peek())}`} class="nowrap">
      {short ? timeOfDay(words) : words}
    </time>
  );
}

/** How long ago a moment was, counting on; the moment is its title. */
export function Since({ time }: { readonly time: string | null }) {
  if (time === null) return <None />;
  return (
    <time dateTime={time} title={absolute(time)} class="nowrap">
      {duration(now.value - Date.parse(time))}
    </time>
  );
}
