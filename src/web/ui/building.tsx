/**
 * While the server folds a record from its beginning there is nothing to show yet, which must not look like nothing ever
 * having happened.
 */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask } from '../api/ask.ts';
import { connection } from '../api/connection.ts';

const AGAIN_MS = 2_000;
const QUERY = 'query Building { ledger { building { position of } } }';

interface BuildingAnswer {
  readonly ledger: { readonly building: Progress | null };
}

interface Progress {
  readonly position: string;
  readonly of: string;
}

/** Null where the views answer, or nobody could say. */
export const building = signal<Progress | null>(null);

/** Looks whenever a page is opened or the server comes back, and again until the views answer. */
export function useBuilding(): void {
  const isLive = connection.value === 'live';
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const calledOff = new AbortController();
    const look = async (): Promise<void> => {
      const { ledger } = await ask<BuildingAnswer>(QUERY, {}, calledOff.signal);
      building.value = ledger.building;
      if (ledger.building !== null) timer = setTimeout(again, AGAIN_MS);
    };
    // A server that is away, or wants a token, says so elsewhere.
    const again = () => void look().catch(() => {});
    again();
    return () => {
      calledOff.abort();
      clearTimeout(timer);
    };
  }, [isLive]);
}

export function Building({ position, of }: Progress) {
  const [done, all] = [Number(position), Number(of)];
  return (
    <div class="state">
      <h1>The views are being built</h1>
      <p>
        The record holds {all.toLocaleString('en')} positions, of which {done.toLocaleString('en')} have been read. This
        page fills by itself; nothing is missing from the <a href="/ledger">ledger</a>.
      </p>
      <progress max={all} value={done} aria-label="Views being built" />
    </div>
  );
}
