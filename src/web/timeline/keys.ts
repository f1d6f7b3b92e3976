/** The keys of the timeline, Perfetto's where it has them. Pure. */
import type { Action } from './seen.ts';

/** What a key asks for: a change of what is seen, or something that needs more than that. */
export type Wish = Action | { readonly do: 'previous' | 'next' | 'play' | 'go-live' | 'filter-field' | 'help' };

export interface Key {
  readonly keys: readonly string[];
  readonly says: string;
  readonly wish: Wish;
}

export const KEYS: readonly Key[] = [
  { keys: ['w'], says: 'closer', wish: { do: 'zoom', factor: 0.7 } },
  { keys: ['s'], says: 'farther', wish: { do: 'zoom', factor: 1 / 0.7 } },
  { keys: ['a'], says: 'earlier', wish: { do: 'pan', share: -0.2 } },
  { keys: ['d'], says: 'later', wish: { do: 'pan', share: 0.2 } },
  { keys: [','], says: 'previous event', wish: { do: 'previous' } },
  { keys: ['.'], says: 'next event', wish: { do: 'next' } },
  { keys: ['f'], says: 'focus on the marks, else on the playhead', wish: { do: 'focus' } },
  { keys: [' '], says: 'play or pause', wish: { do: 'play' } },
  { keys: ['1'], says: 'first mark at the playhead; again: away', wish: { do: 'mark', which: 0 } },
  { keys: ['2'], says: 'second mark', wish: { do: 'mark', which: 1 } },
  { keys: ['l'], says: 'live', wish: { do: 'go-live' } },
  { keys: ['/'], says: 'filter', wish: { do: 'filter-field' } },
  { keys: ['?'], says: 'these keys', wish: { do: 'help' } },
];

export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** In a field one types, on a button space presses: only what neither needs is taken there. */
  readonly on: 'field' | 'button' | 'other';
}

export function wishOf({ key, ctrlKey, metaKey, altKey, on }: Pressed): Wish | null {
  if (ctrlKey || metaKey || altKey || on === 'field') return null;
  if (on === 'button' && key === ' ') return null;
  const found = KEYS.find(({ keys }) => keys.includes(key.length === 1 ? key.toLowerCase() : key));
  return found?.wish ?? null;
}
