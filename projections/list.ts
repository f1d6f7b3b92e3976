/** Every projection that runs. A new one is a file and a line here. */
import { cluster } from './cluster/cluster.ts';
import { elections } from './elections/elections.ts';
import type { Projection } from './projection.ts';

export const PROJECTIONS: readonly Projection<unknown>[] = [cluster, elections];
