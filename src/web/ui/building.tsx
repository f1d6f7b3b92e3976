/**
 * While the server folds a record from its beginning there is nothing to show yet, which must not look like nothing ever
 * having happened.
 */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask } from '../api/ask.ts';
import { connection } from '../api/connection.ts';

const AGAIN_MS = 2_000;
const QUERY = 'query Building { ledger { head building { position of } projections { position } } }';

interface BuildingAnswer {
  readonly ledger: {
    readonly head: string;
    readonly building: Progress | null;
    readonly projections: readonly { readonly position: string }[];
  };
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
      const isBuilding = ledger.head !== '0' && ledger.projections.some(({ position }) => position === '0');
      building.value = isBuilding ? (ledger.building ?? { position: '0', of: ledger.head }) : null;
      if (isBuilding) timer = setTimeout(again, AGAIN_MS);
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
