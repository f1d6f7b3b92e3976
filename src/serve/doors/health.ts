/**
 * Whether the process lives, and whether its views answer. Always public. Once the views have caught up the server stays
 * ready while they follow new events or are rebuilt beside those that answer; a projection that stopped makes it not ready.
 * So does a store of record that was never reached, since nobody knows then how old the answers are, or that stopped. One
 * that is lost later does not: reading goes on, and taking every replica away would end that too. Kafka does neither.
 */
import type { Link } from '../../link.ts';
import type { Views } from '../../project/views.ts';
import type { Route } from '../http/route.ts';

export function healthRoutes(views: Views, links: readonly Link[]): Route[] {
  let hasCaughtUp = false;
  let hasReachedStore = false;
  const isReady = (): boolean => {
    const stores = links.map((link) => link.status()).filter(({ name }) => name === 'eventstoredb');
    // Its lag is unknown until everything that was there at the start has been followed.
    hasReachedStore ||= stores.every(({ state, parts }) => state === 'up' && parts.every(({ lag }) => lag !== null));
    const states = views.statuses().map(({ state }) => state);
    hasCaughtUp ||= hasReachedStore && states.every((state) => state !== 'CATCHING_UP');
    return hasCaughtUp && !states.includes('STOPPED') && stores.every(({ state }) => state !== 'stopped');
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
          building: views.building(),
          projections,
          // Public: what is wrong is said by its code, names and places are for those who may read.
          links: links.map((link) => {
            const { name, state, fault } = link.status();
            return { name, state, fault: fault?.code ?? null };
          }),
        });
      },
    },
  ];
}

function json(status: number, value: unknown) {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}
