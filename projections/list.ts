/** Every projection that runs. A new one is a file and a line here. */
import { cluster } from './cluster/cluster.ts';
import { components } from './components/components.ts';
import { elections } from './elections/elections.ts';
import { gaps } from './gaps/gaps.ts';
import { incident } from './incident/incident.ts';
import { maintenance } from './maintenance/maintenance.ts';
import type { Projection } from './projection.ts';

export const PROJECTIONS: readonly Projection<unknown>[] = [
  cluster,
  elections,
  incident,
  components,
  maintenance,
  gaps,
];
