/** A cluster, live and in its history. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLive } from '../api/live.ts';
import type { PageProps } from '../pages.ts';
import { type Pressed, wishOf } from '../timeline/keys.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import './cluster.css';
import { LanesView } from './lanes-view.tsx';
import { Minimap } from './minimap.tsx';
import { CHANGES, type Change } from './query.ts';
import { Screen } from './screen.ts';
import { Tables } from './tables.tsx';
import { KeyHelp, Toolbar } from './toolbar.tsx';
import { Topology } from './topology.tsx';

const KEYS_KEPT = 'musterbook.timeline.keys';

export function ClusterPage({ params }: PageProps) {
  const { id = '' } = params;
  const [screen, setScreen] = useState<Screen | null>(null);
  useEffect(() => {
    const opened = new Screen(id);
    setScreen(opened);
    return () => opened.close();
  }, [id]);
  return screen === null ? <Loading /> : <Shown screen={screen} />;
}

function Shown({ screen }: { readonly screen: Screen }) {
  const failure = screen.failure.value;
  const seen = screen.seen.value;
  const isDrawn = screen.isDrawn.value;
  if (screen.isUnknown.value || failure?.code === 'UNKNOWN_CLUSTER') {
    return (
      <Empty title={`No event names the cluster ${screen.id}`}>
        <p>
          <a href="/">All clusters</a>
        </p>
      </Empty>
    );
  }
  if (failure !== null && !isDrawn) return <Failed failure={failure} again={() => screen.again()} />;
  return (
    <>
      <div class="title">
        <h1>{screen.id}</h1>
        <a href={`/events?clusterId=${encodeURIComponent(screen.id)}`}>Events</a>
        <Omitted screen={screen} />
      </div>
      {failure !== null && (
        <p class="note bad row" role="alert">
          {failure.message}
          <button type="button" onClick={() => screen.again()}>
            Try again
          </button>
        </p>
      )}
      {seen === null ? <Loading rows={10} /> : <Timeline screen={screen} />}
    </>
  );
}

function Omitted({ screen }: { readonly screen: Screen }) {
  const omitted = Math.max(0, ...screen.pieces.value.map(({ tile }) => tile.lanesOmitted));
  return omitted === 0 ? null : (
    <span class="muted">
      {omitted} lanes that changed long ago are left out; the tables have every node at the playhead
    </span>
  );
}

function Timeline({ screen }: { readonly screen: Screen }) {
  const [hasKeys, setHasKeys] = useState(() => localStorage.getItem(KEYS_KEPT) !== 'off');
  const section = useRef<HTMLElement>(null);
  const seen = screen.seen.value;
  const isLive = seen?.live ?? false;
  useEffect(() => {
    localStorage.setItem(KEYS_KEPT, hasKeys ? 'on' : 'off');
  }, [hasKeys]);
  if (seen === null) return null;
  const onKeyDown = (event: KeyboardEvent): void => {
    const wish = hasKeys && !event.defaultPrevented ? wishOf(pressedOf(event)) : null;
    if (wish === null) return;
    event.preventDefault();
    screen.wish(wish);
  };
  return (
    <>
      {isLive && <Live screen={screen} />}
      <section class="timeline" aria-label="Timeline" ref={section} onKeyDown={onKeyDown}>
        <Toolbar screen={screen} seen={seen} hasKeys={hasKeys} onKeys={setHasKeys} />
        {screen.isHelpShown.value && <KeyHelp />}
        <div class="beside">
          <div class="stack">
            {screen.isDrawn.value ? <LanesView screen={screen} /> : <Loading rows={10} />}
            <Minimap screen={screen} />
            <Legend />
          </div>
          <Topology screen={screen} />
        </div>
      </section>
      {seen.tables && <Tables screen={screen} />}
    </>
  );
}

function pressedOf({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): Pressed {
  const element = target as HTMLElement;
  const isField = element.matches('input:not([type=checkbox],[type=radio]), select, textarea');
  const isButton = element.matches('button, a, input, summary');
  return { key, ctrlKey, metaKey, altKey, on: isField ? 'field' : isButton ? 'button' : 'other' };
}

const TICK_MS = 250;
const TICK_STILL_MS = 2_000;

/** Follows the present while it is there. */
function Live({ screen }: { readonly screen: Screen }) {
  useLive<Change>({
    query: CHANGES,
    field: 'cluster',
    variables: { id: screen.id },
    onChange: (change) => screen.changed(change),
    onFailure: (failure) => {
      screen.failure.value = failure;
    },
  });
  useEffect(() => {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const timer = setInterval(() => !document.hidden && screen.tick(), isStill ? TICK_STILL_MS : TICK_MS);
    return () => clearInterval(timer);
  }, [screen]);
  return null;
}

const LEGEND: readonly (readonly [look: string, word: string])[] = [
  ['alive', 'alive'],
  ['lost', 'lost: a gap'],
  ['unknown', 'unknown'],
  ['left', 'left'],
  ['running', 'job running'],
  ['assigned', 'assigned only'],
  ['orphaned', 'orphaned'],
  ['electing', 'electing'],
  ['overlap', 'two leaders'],
];

function Legend() {
  return (
    <ul class="legend" aria-label="Legend">
      {LEGEND.map(([look, word]) => (
        <li key={look}>
          <i class={look} aria-hidden="true" />
          {word}
        </li>
      ))}
    </ul>
  );
}
