/** `ledger`: where the record and each projection stand. */

import { MICROS_PER_MS, microsFromMs } from '../../../../schemas/time.ts';
import { hintOf } from '../../../errors.ts';
import type { LinkStatus } from '../../../link.ts';
import type { ProjectionStatus } from '../../../project/views.ts';
import { buildingOf } from '../../building.ts';
import { eventsBehind } from '../../lag.ts';
import type { Sources } from '../context.ts';

/** Some 20 ms of work. */
const DIGESTED_STREAMS_MAX = 20_000;

export async function ledgerState({ ledger, views, store, clock, links }: Sources) {
  const head = await ledger.head();
  return {
    head: head.position,
    store,
    events: head.events,
    streams: head.streams,
    digest: () => ledger.digestAt({ upTo: head.position, streamsMax: DIGESTED_STREAMS_MAX }),
    restoredUpTo: head.restoredUpTo,
    projections: () => Promise.all(views.statuses().map(projectionState)),
    building: () => buildingOf({ views, ledger }),
    links: links.map((link) => linkState(link.status())),
  };

  async function projectionState(status: ProjectionStatus) {
    const lagEvents = await eventsBehind(ledger, head, status.position);
    const [waiting] = lagEvents === 0 ? [] : await ledger.readAll({ after: status.position, limit: 1 });
    const lagMicros = waiting === undefined ? 0 : Math.max(microsFromMs(0), clock() - waiting.recordedAt);
    const digest = () => views.digest(status.name);
    return { ...status, digest, lagEvents, lagMs: Math.round(lagMicros / MICROS_PER_MS) };
  }
}

function linkState({ name, state, sinceMs, fault, parts, counts }: LinkStatus) {
  return {
    name,
    state: state.toUpperCase(),
    since: microsFromMs(sinceMs),
    fault: fault && { ...fault, hint: hintOf(fault.code) },
    parts: parts.map(({ isPaused: paused, ...part }) => ({ ...part, paused })),
    counts: Object.entries(counts).map(([each, count]) => ({ name: each, count })),
  };
}
