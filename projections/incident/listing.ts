/** By what incidents are listed. */

import type { Micros } from '../../schemas/time.ts';
import { incidentView, publicIncidentView } from './answers.ts';
import { type Moment, readIncident } from './reading.ts';
import type { IncidentState } from './state.ts';

/**
 * `exists` it was declared; `status:<status>`, `open` not resolved, `public`; `page` open on the status page;
 * `cluster:<id>`, `component:<id>`. None without a declaration: then it is in no list.
 */
export function tagsOf(state: Readonly<IncidentState>, happenedAt?: Micros): readonly string[] {
  const moment = momentOf(happenedAt);
  const view = incidentView(state, moment);
  if (!view) return [];
  const onPage = publicIncidentView(state, moment);
  return [
    'exists',
    ...(view.status === null ? [] : [`status:${view.status}`]),
    ...(view.status === 'resolved' ? [] : ['open']),
    ...(view.visibility === 'public' ? ['public'] : []),
    ...(onPage && onPage.status !== 'resolved' ? ['page'] : []),
    ...view.clusterIds.map((id) => `cluster:${id}`),
    ...view.components.map(({ componentId }) => `component:${componentId}`),
  ];
}

/** By when they were declared: µs in sixteen digits, which is enough until 2286. */
export function orderOf(state: Readonly<IncidentState>, happenedAt?: Micros): string {
  return String(readIncident(state, 'all', momentOf(happenedAt))?.declaration.at ?? 0).padStart(16, '0');
}

function momentOf(happenedAt: Micros | undefined): Moment {
  return happenedAt === undefined ? {} : { happenedAt };
}
