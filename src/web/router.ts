/** Where the reader is: the address, as a signal. Whatever changes what is seen goes through here, so that back works. */
import { signal } from '@preact/signals';
import { changedQuery } from './routes.ts';

export interface Place {
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
}

function here(): Place {
  return { path: location.pathname, search: location.search };
}

export const place = signal<Place>(here());

/** Goes to an address of ours. `replace`: back skips the one left. */
export function go(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const url = new URL(to, location.href);
  if (url.href !== location.href) history[replace ? 'replaceState' : 'pushState'](null, '', url);
  arrive();
}

/** A value of the query; null where it is not there. Read inside a component or an effect, it follows the address. */
export function queryValue(name: string): string | null {
  return new URLSearchParams(place.value.search).get(name);
}

/** The address with these values of the query changed, for links. */
export function hereWith(changes: Readonly<Record<string, string | null>>): string {
  return place.value.path + changedQuery(place.value.search, changes);
}

/** Changes values of the query: with `replace` for what changes while one drags or types. */
export function setQuery(
  changes: Readonly<Record<string, string | null>>,
  options: { readonly replace?: boolean } = {},
): void {
  go(hereWith(changes), options);
}

/** Follows the address, and takes plain clicks on links that `isOurs` names. */
export function startRouting(isOurs: (path: string) => boolean): void {
  addEventListener('popstate', arrive);
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest('a');
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !isOurs(url.pathname)) return;
    // A place on this page is the browser's own business.
    if (url.hash !== '' && url.pathname === location.pathname && url.search === location.search) return;
    event.preventDefault();
    go(url.href);
  });
}

function arrive(): void {
  const { path, search } = here();
  const before = place.peek();
  if (before.path !== path || before.search !== search) place.value = { path, search };
}
