/** By what incidents are listed. */

import { incidentView, publicIncidentView } from './answers.ts';
import { readIncident } from './reading.ts';
import type { IncidentState } from './state.ts';

/**
 * `exists` it was declared; `status:<status>`, `open` not resolved, `public`; `page` open on the status page;
 * `cluster:<id>`, `component:<id>`. None without a declaration: then it is in no list.
 */
export function tagsOf(state: Readonly<IncidentState>): readonly string[] {
  const view = incidentView(state);
  if (!view) return [];
  const onPage = publicIncidentView(state);
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
export function orderOf(state: Readonly<IncidentState>): string {
  return String(readIncident(state)?.declaration.at ?? 0).padStart(16, '0');
}
