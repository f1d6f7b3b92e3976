/** The subscription `replay`: which set of events it tells, from where to where, and when each frame is due. */
import { type FieldNode, type GraphQLResolveInfo, visit } from 'graphql';
import { type Position, streamName } from '../../../../schemas/ids.ts';
import { formatTime, type Micros } from '../../../../schemas/time.ts';
import { clusterAt, type FoldPlace, replaySteps, type Views } from '../../../project/views.ts';
import { type GraphContext, PrivateStream, type Sources } from '../context.ts';
import { codedError } from '../errors.ts';
import type { PrivatePayload, PrivateSource } from '../fan-out.ts';
import { knownPosition, refuseFuture } from '../moments.ts';
import type { Resolver } from '../schema.ts';

interface ReplayAsked {
  readonly clusterId: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly speed?: number | null;
  readonly skipIdle?: boolean | null;
  readonly knownAt?: Micros | null;
  readonly after?: Position | null;
}

/** The longest wait between two frames where dead time is skipped, in ms of playing. */
const IDLE_MS_MAX = 1_000;

export const REPLAY_SUBSCRIPTION: Readonly<Record<'replay', Resolver>> = {
  async replay(_root: unknown, args: ReplayAsked, { sources }: GraphContext, info: GraphQLResolveInfo) {
    refuseRange(args);
    await refuseFuture('to', args.to, sources, 'give a `to` that has come: a replay ends');
    const set = await setOf(args, sources);
    await refuseUnknown(args, set, sources);
    const begin = await beginning(args, set, sources);
    return new PrivateStream(replaySource({ args, set, begin, folds: foldsOf(info), sources }));
  },
};

function refuseRange({ from, to, speed }: ReplayAsked): void {
  if (typeof speed === 'number' && !(Number.isFinite(speed) && speed >= 0)) {
    const message = `speed ${speed}: expected a finite number from 0 on; 1 plays as it happened, 600 six hundred times as fast, 0 as fast as it is read`;
    throw codedError('BAD_VALUE', message, { argument: 'speed' });
  }
  if (from < to) return;
  const message = `from ${formatTime(from)} is not before to ${formatTime(to)}: expected from (exclusive) to lie before to (inclusive); exchange them or widen the range`;
  throw codedError('FROM_AFTER_TO', message, { argument: 'from' });
}

/** The set of events that is told, by position and as a time that names it again. */
interface ToldSet {
  readonly position: Position;
  readonly knownAt: Micros;
}

async function setOf({ knownAt }: ReplayAsked, sources: Sources): Promise<ToldSet> {
  const asked = knownAt ?? (await newestTime(sources));
  const position = await knownPosition(asked, sources, 'leave `knownAt` out for what is known now');
  return { position, knownAt: asked };
}

/** The recordedAt of the newest event that the views have reached; 0 in an empty ledger. */
async function newestTime({ views, ledger }: Sources): Promise<Micros> {
  const [newest] = await ledger.readAll({ upTo: views.position(), backwards: true, limit: 1 });
  return newest?.recordedAt ?? (0 as Micros);
}

async function refuseUnknown({ clusterId }: ReplayAsked, { position, knownAt }: ToldSet, { views }: Sources) {
  if ((await clusterAt(views.at(position), clusterId)) !== null) return;
  const message = `no cluster ${JSON.stringify(clusterId.slice(0, 200))} is known as of ${formatTime(knownAt)}: expected the id of one that events name; \`clusters\` lists those known now`;
  throw codedError('UNKNOWN_CLUSTER', message, { argument: 'clusterId' });
}

/** The place after which telling begins: that of `from`, or of the event to go on after. */
async function beginning(
  { clusterId, from, to, after }: ReplayAsked,
  set: ToldSet,
  sources: Sources,
): Promise<FoldPlace> {
  if (typeof after !== 'number') return { effectiveAt: from, position: Number.POSITIVE_INFINITY };
  const stream = streamName('cluster', clusterId);
  const event = after <= set.position ? await sources.ledger.eventAt(after) : null;
  // One that has been erased since keeps its place, and its reader may go on from there.
  const isTold =
    event !== null &&
    event.stream === stream &&
    event.type !== 'EventRetracted' &&
    event.effectiveAt > from &&
    event.effectiveAt <= to &&
    !(await sources.ledger.retractedAmong([after], set.position)).has(after);
  if (isTold) return { effectiveAt: event.effectiveAt, position: event.position };
  const message = `after ${after} is no frame of this replay: expected the cursor of one, which is the position of an event of ${stream} that took effect after ${formatTime(from)} and by ${formatTime(to)}, was recorded by ${formatTime(set.knownAt)} and not retracted by then; give \`after\` with the clusterId, from, to and knownAt of the replay it comes from, or leave it out to begin anew`;
  throw codedError('BAD_CURSOR', message, { argument: 'after' });
}

type Folds = 'nothing' | 'cluster' | 'clusterAndElections';

/** What the document asks for; fields of fragments count as well. */
function foldsOf({ operation, fragments }: GraphQLResolveInfo): Folds {
  const asked = new Set<string>();
  const Field = ({ name }: FieldNode): void => void asked.add(name.value);
  for (const part of [operation, ...Object.values(fragments)]) visit(part, { Field });
  if (!asked.has('cluster')) return 'nothing';
  return asked.has('elections') ? 'clusterAndElections' : 'cluster';
}

interface ReplayParts {
  readonly args: ReplayAsked;
  readonly set: ToldSet;
  readonly begin: FoldPlace;
  readonly folds: Folds;
  readonly sources: Sources;
}

function replaySource({ args, set, begin, folds, sources }: ReplayParts): PrivateSource {
  const { clusterId, to } = args;
  const { knownAt } = set;
  const { views } = sources;
  const query = { clusterId, upTo: set.position, until: to, folds };
  return {
    async *payloads(pace): AsyncGenerator<PrivatePayload> {
      const dueAt = scheduleFrom(begin.effectiveAt, args);
      const erasures = watchErasures(views);
      try {
        for (let after: FoldPlace | null = begin; after !== null; ) {
          const seen = erasures.count;
          let told: FoldPlace = after;
          after = null;
          for await (const { fact, cluster, reader } of replaySteps(views, { ...query, after: told })) {
            const { position, effectiveAt } = fact;
            const waiting = pace.until(dueAt(effectiveAt));
            if (waiting !== null) await waiting;
            if (pace.signal.aborted) return;
            // What was read ahead may have been erased meanwhile: it is read anew.
            if (erasures.count !== seen) {
              after = told;
              break;
            }
            const replay = { cursor: position, at: effectiveAt, event: fact, cluster, knownAt };
            yield { cursor: position, root: { replay }, reader };
            told = { effectiveAt, position };
          }
        }
      } finally {
        erasures.stop();
      }
    },
  };
}

function watchErasures(views: Views): { readonly count: number; stop(): void } {
  const stop = views.onPublish(({ erased }) => {
    if (erased) watch.count += 1;
  });
  const watch = { count: 0, stop };
  return watch;
}

/** When what happened at a time is due, in ms after the beginning; asked with rising times. */
function scheduleFrom(from: number, { speed, skipIdle }: ReplayAsked): (at: Micros) => number {
  const factor = speed ?? 1;
  if (factor === 0) return () => 0;
  let lastMs = 0;
  let skippedMs = 0;
  return (at) => {
    const dueMs = (at - from) / 1_000 / factor;
    if (skipIdle === true) skippedMs += Math.max(0, dueMs - lastMs - IDLE_MS_MAX);
    lastMs = dueMs;
    return dueMs - skippedMs;
  };
}
