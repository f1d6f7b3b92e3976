/**
 * Whether the process lives, and whether its views answer. Always public. Once the views have caught up the server stays
 * ready while they follow new events or are rebuilt beside those that answer; a projection that stopped makes it not ready.
 */
import type { Views } from '../../project/views.ts';
import type { Route } from '../http/route.ts';

export function healthRoutes(views: Views): Route[] {
  let hasCaughtUp = false;
  const isReady = (): boolean => {
    const states = views.statuses().map(({ state }) => state);
    hasCaughtUp ||= states.every((state) => state !== 'CATCHING_UP');
    return hasCaughtUp && !states.includes('STOPPED');
  };
  return [
    { method: 'GET', path: '/healthz', role: null, handle: () => json(200, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/readyz',
      role: null,
      handle: () => {
        const projections = views.statuses().map(({ name, state, position }) => ({ name, state, position }));
        const ready = isReady();
        return json(ready ? 200 : 503, {
          status: ready ? 'ready' : 'not ready',
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
