/** The frame of every page: where one can go, whether we hear from the server, and the page itself. */
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { connection, knownPosition, retryNow, signedOut } from './api/connection.ts';
import { findPage, type PageProps } from './pages.ts';
import { place } from './router.ts';
import { Building, building, useBuilding } from './ui/building.tsx';
import { absolute, duration } from './ui/moment.ts';
import { Empty, Failed, Loading, SignedOut } from './ui/states.tsx';
import { setTheme, type Theme, theme } from './ui/theme.ts';
import { now } from './ui/time.tsx';

const PLACES: readonly (readonly [path: string, name: string])[] = [
  ['/', 'Overview'],
  ['/incidents', 'Incidents'],
  ['/events', 'Events'],
  ['/ledger', 'Ledger'],
];

/** Who is signed in, as the server says with the page. */
const READER = document.documentElement.dataset['reader'];

export function App() {
  useBuilding();
  return (
    <>
      <Bar />
      <Disconnected />
      {signedOut.value ? (
        <main id="content" class="page" tabIndex={-1}>
          <SignedOut />
        </main>
      ) : (
        <Main />
      )}
    </>
  );
}

function Bar() {
  const { path } = place.value;
  return (
    <header class="bar">
      <a class="mark" href="/">
        Musterbook
      </a>
      <nav aria-label="Main">
        {PLACES.map(([to, name]) => (
          <a key={to} href={to} aria-current={isWithin(path, to) ? 'page' : undefined}>
            {name}
          </a>
        ))}
        <a href="/graphql">GraphiQL</a>
      </nav>
      <div class="rest">
        <LiveSign />
        <ThemeChoice />
        {READER !== undefined && (
          <a href="/sign-in" title="Signed in; sign out there">
            {READER}
          </a>
        )}
      </div>
    </header>
  );
}

function isWithin(path: string, to: string): boolean {
  if (to === '/') return path === '/' || path.startsWith('/clusters/');
  return path === to || path.startsWith(`${to}/`);
}

function LiveSign() {
  const state = connection.value;
  if (state === 'idle') return null;
  const position = knownPosition.value;
  return state === 'live' ? (
    <span class="chip ok" title="The highest position that this page was told of">
      <span aria-hidden="true">●</span>live{position !== null && <span class="mono">@{position}</span>}
    </span>
  ) : (
    <span class="chip warn">
      <span aria-hidden="true">▲</span>disconnected
    </span>
  );
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_SIGNS: Readonly<Record<Theme, string>> = { system: '◐', light: '○', dark: '●' };

function ThemeChoice() {
  const chosen = theme.value;
  return (
    <button
      type="button"
      class="quiet"
      title={`Colours: ${chosen}. Press for ${NEXT[chosen]}.`}
      aria-label={`Colours: ${chosen}. Change to ${NEXT[chosen]}`}
      onClick={() => setTheme(NEXT[chosen])}
    >
      <span aria-hidden="true">{THEME_SIGNS[chosen]}</span>
      {chosen}
    </button>
  );
}

/** Said once when it begins; the seconds count without being spoken. */
function Disconnected() {
  const state = connection.value;
  const lost = typeof state === 'string' ? null : state;
  const since = lost && absolute(`${new Date(lost.sinceMs).toISOString().slice(0, 19)}Z`);
  return (
    <>
      <p class="unseen" role="status">
        {since && `Disconnected since ${since}`}
      </p>
      {lost && (
        <div class="banner">
          <strong>Disconnected since {since}.</strong>
          <span>
            {knownPosition.value === null
              ? 'Nothing was heard yet.'
              : `Showing what was known at position ${knownPosition.value}.`}
          </span>
          <span aria-hidden="true">
            {lost.againAtMs > now.value
              ? `Trying again in ${duration(lost.againAtMs - now.value + 999)}.`
              : 'Trying again …'}
          </span>
          <button type="button" onClick={retryNow}>
            Try now
          </button>
        </div>
      )}
    </>
  );
}

type Loaded =
  | { readonly pattern: string; readonly Page: ComponentType<PageProps> }
  | { readonly pattern: string; readonly failed: string };

function Main() {
  const { path } = place.value;
  const found = findPage(path);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const content = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const pattern = found?.page.pattern ?? null;

  useEffect(() => {
    if (found === null) return;
    let isWanted = true;
    found.page.load().then(
      (Page) => isWanted && setLoaded({ pattern: found.page.pattern, Page }),
      (error: unknown) => isWanted && setLoaded({ pattern: found.page.pattern, failed: String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [pattern]);

  const title = found === null ? 'Nothing here' : found.page.title(found.params);
  useEffect(() => {
    document.title = `${title} · Musterbook`;
    if (isFirst.current) isFirst.current = false;
    else {
      content.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }, [path, title]);

  return (
    <main id="content" class="page" ref={content} tabIndex={-1}>
      {inside()}
    </main>
  );

  function inside() {
    // The ledger's own pages have something to say meanwhile.
    const isOfLedger = path === '/ledger' || path.startsWith('/events/');
    if (building.value !== null && !isOfLedger) return <Building {...building.value} />;
    if (found === null) {
      return (
        <Empty title="There is nothing at this address">
          <p>
            <a href="/">All clusters</a>
          </p>
        </Empty>
      );
    }
    if (loaded === null || loaded.pattern !== pattern) return <Loading />;
    if ('failed' in loaded) {
      const message = 'This page of the explorer could not be loaded. The server may have been updated meanwhile.';
      return <Failed failure={{ kind: 'refused', code: '', message }} again={() => location.reload()} />;
    }
    return <loaded.Page key={path} params={found.params} />;
  }
}
