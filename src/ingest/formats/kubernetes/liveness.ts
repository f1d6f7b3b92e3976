/** Who said of a node that it is lost or back: the controller and the node's own kubelet, each for itself. */
import { formatTime, type Micros } from '../../../../schemas/time.ts';
import type { AnyMadeEvent } from '../format.ts';
import type { DumpedNode, ReadyCondition } from './objects.ts';
import { type Report, secondOf } from './words.ts';

type Observer = Report['observer'];

/** That a node was ready, and since when at the earliest: from a report, or from its condition in the list of nodes. */
interface Ready {
  readonly kind: 'ready';
  readonly at: Micros;
  readonly by: 'kubelet' | 'condition' | 'heartbeat';
}
interface NotReady {
  readonly kind: 'not ready';
  readonly at: Micros;
  readonly observer: Observer;
}
type Word = Ready | NotReady;

export interface Dump {
  readonly clusterId: string;
  readonly source: string;
  /** The newest time that anything in the dump carries: when it was taken, at the earliest. */
  readonly takenAt: Micros;
}

/**
 * The controller never says that a node is back: it hears the status that the kubelet posts. So a node seen ready, by
 * its kubelet's word or by its listed condition, is back for each observer who had lost it.
 */
export function livenessEvents(node: DumpedNode, reports: readonly Report[], dump: Dump): readonly AnyMadeEvent[] {
  const lost = new Map<Observer, Micros>();
  const events: AnyMadeEvent[] = [];
  for (const word of wordsOf(node, reports)) {
    if (word.kind === 'not ready') {
      lost.set(word.observer, word.at);
      events.push(lostEvent(node, word, dump));
      continue;
    }
    if (word.by === 'kubelet' && !lost.has('kubelet'))
      events.push(restoredEvent(node, { word, observer: 'kubelet' }, dump));
    for (const [observer, lostAt] of lost) events.push(restoredEvent(node, { word, observer, lostAt }, dump));
    lost.clear();
  }
  return events;
}

function wordsOf({ ready }: DumpedNode, reports: readonly Report[]): readonly Word[] {
  const said = reports.flatMap(({ at, reason, observer }): Word[] => {
    if (reason === 'NodeNotReady') return [{ kind: 'not ready', at, observer }];
    return reason === 'NodeReady' ? [{ kind: 'ready', at, by: 'kubelet' }] : [];
  });
  if (ready === null) return said;
  const isSaid = said.some(({ kind, at }) => kind === 'ready' && secondOf(at) === secondOf(ready.since));
  const shown: Word[] = ready.isReady
    ? isSaid
      ? []
      : [{ kind: 'ready', at: ready.since, by: 'condition' }]
    : [{ kind: 'ready', at: ready.heartbeatAt, by: 'heartbeat' }];
  return [...said, ...shown].sort((first, second) => first.at - second.at);
}

function lostEvent(node: DumpedNode, { at, observer }: NotReady, dump: Dump): AnyMadeEvent {
  return {
    type: 'HeartbeatLost',
    subject: dump.clusterId,
    source: dump.source,
    id: `node/${node.name}/lost/${observer}/${formatTime(secondOf(at))}`,
    time: at,
    notBefore: null,
    recordedAt: at,
    data: { nodeId: node.name, observerId: observer, ...lastSeen(node.ready, at) },
  };
}

/** The last heartbeat is that of the last loss: the condition has been unknown since then. */
function lastSeen(ready: ReadyCondition | null, lostAt: Micros) {
  if (ready === null || ready.isReady || secondOf(lostAt) !== ready.since) return {};
  return { lastSeenAt: formatTime(ready.heartbeatAt) };
}

interface Restoration {
  readonly word: Ready;
  readonly observer: Observer;
  /** When this observer lost the node; absent: it had not. */
  readonly lostAt?: Micros;
}

/** A heartbeat shows that the node was back by then, not since when. */
function restoredEvent(node: DumpedNode, { word, observer, lostAt }: Restoration, dump: Dump): AnyMadeEvent {
  return {
    type: 'HeartbeatRestored',
    subject: dump.clusterId,
    source: dump.source,
    id: `node/${node.name}/restored/${observer}/${formatTime(secondOf(word.at))}`,
    time: word.at,
    notBefore: word.by === 'heartbeat' ? (lostAt ?? null) : null,
    recordedAt: word.by === 'kubelet' ? word.at : dump.takenAt,
    data: { nodeId: node.name, observerId: observer },
  };
}
