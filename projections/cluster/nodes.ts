/** Membership, liveness per observer, and whom a node follows. */
import type { FoldEvent } from '../../schemas/event.ts';
import type { Micros } from '../../schemas/time.ts';
import { entryOf, type Keyed, setEntry } from '../record.ts';
import { instant } from '../time.ts';
import { admitIncarnation, type Standing } from './incarnation.ts';
import type { NodeState, ObserverWord } from './state.ts';

type Nodes = Keyed<NodeState>;

/** The node of that id, made known (liveness UNKNOWN) when it is not. */
export function knownNode(nodes: Nodes, id: string, at: Micros): NodeState {
  const known = entryOf(nodes, id);
  if (known !== undefined) return known;
  const node: NodeState = {
    name: null,
    address: null,
    zone: null,
    labels: null,
    kind: null,
    schedulable: null,
    incarnation: null,
    replaced: [],
    joined: false,
    leftSources: [],
    aliveSources: [],
    words: [],
    liveness: 'UNKNOWN',
    since: at,
    lastSeenAt: null,
    following: null,
  };
  setEntry(nodes, id, node);
  return node;
}

export function nodeJoined(nodes: Nodes, event: FoldEvent<'NodeJoined'>): void {
  const { data, effectiveAt: at } = event;
  const node = knownNode(nodes, data.nodeId, at);
  const standing = admitIncarnation(node, data.incarnation);
  if (standing === 'older') return;
  const isNewLife = standing === 'new' || (standing === 'first' && node.joined) || node.leftSources.length > 0;
  if (isNewLife) startAfresh(node, at);
  node.joined = true;
  node.name = data.name ?? node.name;
  node.address = data.address ?? node.address;
  node.zone = data.zone ?? node.zone;
  node.labels = data.labels ?? node.labels;
  node.kind = data.kind ?? node.kind;
  node.schedulable = data.schedulable ?? node.schedulable;
  // Under the words of observers, who outweigh it: who else knows the node to be a member.
  addSource(node.aliveSources, event.source);
  seen(node, at);
  settleLiveness(node, at);
}

/** Returns false when the event is of an older incarnation and changes nothing. */
export function nodeLeft(nodes: Nodes, event: FoldEvent<'NodeLeft'>): boolean {
  const { data, effectiveAt: at } = event;
  const node = knownNode(nodes, data.nodeId, at);
  const standing = admitIncarnation(node, data.incarnation);
  if (standing === 'older') return false;
  if (standing === 'new') startAfresh(node, at);
  addSource(node.leftSources, event.source);
  settleLiveness(node, at);
  return true;
}

export function heartbeatLost(nodes: Nodes, event: FoldEvent<'HeartbeatLost'>): void {
  const { data, effectiveAt: at } = event;
  const node = knownNode(nodes, data.nodeId, at);
  if (!takeWord(node, admitIncarnation(node, data.incarnation), at)) return;
  speak(node, { observerId: data.observerId ?? null, lost: true, since: at, sources: [event.source] });
  if (data.lastSeenAt !== undefined) seen(node, Math.min(instant(data.lastSeenAt), at) as Micros);
  settleLiveness(node, at);
}

export function heartbeatRestored(nodes: Nodes, event: FoldEvent<'HeartbeatRestored'>): void {
  const { data, effectiveAt: at } = event;
  const node = knownNode(nodes, data.nodeId, at);
  if (!takeWord(node, admitIncarnation(node, data.incarnation), at)) return;
  if (data.observerId === undefined) {
    node.words = [];
    node.aliveSources = [event.source];
  } else {
    speak(node, { observerId: data.observerId, lost: false, since: at, sources: [event.source] });
  }
  seen(node, at);
  settleLiveness(node, at);
}

export function followerAttached(nodes: Nodes, event: FoldEvent<'FollowerAttached'>): void {
  const { nodeId, leaderId, scope = null, term = null } = event.data;
  const node = knownNode(nodes, nodeId, event.effectiveAt);
  knownNode(nodes, leaderId, event.effectiveAt);
  node.following = { leaderId, scope, term };
}

/** A detachment from another leader, or in another scope, than last reported says nothing about whom the node follows now. */
export function followerDetached(nodes: Nodes, event: FoldEvent<'FollowerDetached'>): void {
  const { nodeId, leaderId, scope } = event.data;
  const node = knownNode(nodes, nodeId, event.effectiveAt);
  if (leaderId !== undefined) knownNode(nodes, leaderId, event.effectiveAt);
  const { following } = node;
  if (following === null) return;
  const isOtherLeader = leaderId !== undefined && leaderId !== following.leaderId;
  const isOtherScope = scope !== undefined && following.scope !== null && scope !== following.scope;
  if (!isOtherLeader && !isOtherScope) node.following = null;
}

/** Whether a job on the node is orphaned. */
export function isGone(node: Readonly<NodeState> | undefined): boolean {
  return node !== undefined && (node.liveness === 'LOST' || node.liveness === 'LEFT');
}

/** Who made the present liveness known: those whose silence would make it UNKNOWN. */
export function livenessSources(node: Readonly<NodeState>): readonly (readonly string[])[] {
  if (node.leftSources.length > 0) return [node.leftSources];
  if (node.words.length > 0) return node.words.map((word) => word.sources);
  return [node.aliveSources];
}

/** False for an older incarnation; a new one forgets what was said of the one before. */
function takeWord(node: NodeState, standing: Standing, at: Micros): boolean {
  if (standing === 'older') return false;
  if (standing === 'new') startAfresh(node, at);
  return true;
}

/** ALIVE, no observer, no `following`; attributes stay as they were stated, and so do claims and jobs. */
function startAfresh(node: NodeState, at: Micros): void {
  node.words = [];
  node.leftSources = [];
  node.aliveSources = [];
  node.following = null;
  node.liveness = 'ALIVE';
  node.since = at;
}

function speak(node: NodeState, said: ObserverWord): void {
  const word = node.words.find((known) => known.observerId === said.observerId);
  if (word === undefined) {
    node.words.push(said);
  } else if (word.lost === said.lost) {
    for (const source of said.sources) addSource(word.sources, source);
  } else {
    word.lost = said.lost;
    word.since = said.since;
    word.sources = said.sources;
  }
}

function settleLiveness(node: NodeState, at: Micros): void {
  const liveness = livenessOf(node);
  if (liveness === node.liveness) return;
  node.liveness = liveness;
  node.since = at;
}

function livenessOf(node: NodeState): NodeState['liveness'] {
  if (node.leftSources.length > 0) return 'LEFT';
  if (node.words.length === 0) return node.aliveSources.length > 0 ? 'ALIVE' : 'UNKNOWN';
  const first = node.words[0]?.lost === true;
  if (node.words.some((word) => word.lost !== first)) return 'UNKNOWN';
  return first ? 'LOST' : 'ALIVE';
}

function seen(node: NodeState, at: Micros): void {
  if (node.lastSeenAt === null || at > node.lastSeenAt) node.lastSeenAt = at;
}

function addSource(sources: string[], source: string): void {
  if (!sources.includes(source)) sources.push(source);
}
