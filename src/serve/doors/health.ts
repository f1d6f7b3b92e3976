/** Whether the process lives, and whether its views are live. Always public. */
import type { Views } from '../../project/views.ts';
import type { Route } from '../http/route.ts';

export function healthRoutes(views: Views): Route[] {
  return [
    { method: 'GET', path: '/healthz', role: null, handle: () => json(200, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/readyz',
      role: null,
      handle: () => {
        const projections = views.statuses().map(({ name, state, position }) => ({ name, state, position }));
        const isReady = projections.every(({ state }) => state === 'LIVE');
        return json(isReady ? 200 : 503, {
          status: isReady ? 'ready' : 'not ready',
          position: views.position(),
          projections,
        });
      },
    },
  ];
}

function json(status: number, value: unknown) {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}
