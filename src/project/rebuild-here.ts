/** A rebuild by a command that holds the folder: what the views were before, and what they are after. */
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import { openStoreBeside } from './beside.ts';
import { digestOfViews } from './compare.ts';
import type { Projecting, RebuildListener } from './start.ts';

export interface RebuildHereOptions {
  /** Begins to project into the folder. */
  readonly start: () => Promise<Projecting>;
  readonly viewsPath: string;
  /** All that run. */
  readonly projections: readonly Projection<unknown>[];
  /** The one to rebuild; null: all. */
  readonly name: string | null;
  /** The ledger's head. */
  readonly upTo: Position;
  readonly onProgress: RebuildListener;
}

export interface Rebuilt {
  readonly projection: string;
  readonly version: number;
  /** Where the views stood, before and after. */
  readonly position: Position;
  /** Digests of the views' bytes (64 hexadecimal digits); null: there were none at this version. */
  readonly before: string | null;
  readonly after: string | null;
  /** Why it stopped, at an event that it cannot fold; else null. */
  readonly error: string | null;
}

const NO_LIMIT_MS = 2 ** 31 - 1;

/** One entry for each projection that was rebuilt. */
export async function rebuildHere(options: RebuildHereOptions): Promise<readonly Rebuilt[]> {
  const { start, viewsPath, projections, name, upTo, onProgress } = options;
  const asked = projections.filter((projection) => name === null || projection.name === name);
  const wereThere = digestsIn(viewsPath, asked) !== null;
  const projecting = await start();
  try {
    // What was not there is built anew by starting; what lags behind is brought up, so that both digests are of one position.
    await projecting.views.reached(upTo, NO_LIMIT_MS);
    const before = wereThere ? digestsIn(viewsPath, asked) : null;
    if (wereThere) await projecting.rebuild(name ?? undefined, onProgress);
    const statuses = projecting.views.statuses();
    const after = digestsIn(viewsPath, asked);
    return asked.map(({ name: projection, version }) => ({
      ...{ projection, version, position: upTo },
      before: before?.get(projection) ?? null,
      after: after?.get(projection) ?? null,
      error: statuses.find((status) => status.name === projection)?.error ?? null,
    }));
  } finally {
    await projecting.close();
  }
}

/** By projection; null where the file is not there, or lacks one of them at its present version. */
function digestsIn(viewsPath: string, projections: readonly Projection<unknown>[]): ReadonlyMap<string, string> | null {
  const store = openStoreBeside(viewsPath, projections);
  if (store === null) return null;
  try {
    const slots = store.slots().filter(({ answering }) => answering);
    return new Map(
      projections.flatMap(({ name }) =>
        slots.filter((slot) => slot.name === name).map(({ slot }) => [name, digestOfViews(store, slot)] as const),
      ),
    );
  } finally {
    store.close();
  }
}
