/** One projection that runs, and what it is said to do. */
import type { Folder } from './folder.ts';
import type { Slot } from './store.ts';
import type { ProjectionStatus } from './views.ts';

export interface Running {
  readonly folder: Folder;
  /** The slot that answers until this one has caught up; null where this one answers. */
  readonly replaces: Slot | null;
}

/** Where what answers stands. */
export function answeringPosition({ folder, replaces }: Running): number {
  return replaces?.position ?? folder.position;
}

/** `built`: the names of those that others fold from zero meanwhile. */
export function stateOf(
  { folder, replaces }: Running,
  head: number,
  built: ReadonlySet<string>,
): ProjectionStatus['state'] {
  if (folder.failure !== null) return 'STOPPED';
  // Without a view that answers meanwhile it is the first build: that must not look like being ready.
  if (replaces !== null || (folder.position > 0 && built.has(folder.projection.name))) return 'REBUILDING';
  return folder.position >= head ? 'LIVE' : 'CATCHING_UP';
}
