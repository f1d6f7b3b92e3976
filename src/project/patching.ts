/**
 * The state of a key folded on from a recent checkpoint, with late facts put in and retracted ones taken out by the
 * projection's own shortcut.
 *
 * A state over all streams has late facts and retractions under way at any time, so that the rule of `fold.ts` finds hardly
 * any checkpoint of it to start from. A shortcut can start from any that is complete. Where it just failed to take something
 * out of the present state, it starts from before that was put in.
 */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { patchDisplaced } from './displaced.ts';
import { type Checkpoint, type Folded, type FoldRequest, foldInOrder } from './fold.ts';
import { BEFORE_ALL, comparePlaces } from './place.ts';

/** From there on a fold from an older checkpoint costs no more. Bounds memory. */
const EVENTS_MAX = 50_000;
const ATTEMPTS_MAX = 3;

export interface PatchRequest<State>
  extends Pick<FoldRequest<State>, 'projection' | 'history' | 'set' | 'checkpoints' | 'displaced'> {
  /** A position before everything that the shortcut could not take out. */
  readonly before: number;
}

/** What was taken back. */
interface TakenBack {
  /** Of the retraction, and of the event that it names. */
  readonly position: number;
  readonly named: number;
}

/** The present state: of all that was recorded up to the set's position. Null where `foldAsOf` is to be asked. Throws `FoldFailure`. */
export async function foldByPatching<State>(request: PatchRequest<State>): Promise<Folded<State> | null> {
  const { projection, set, checkpoints, displaced, before } = request;
  if (projection.patch === undefined || projection.keyed !== 'whole' || set.happenedAt !== null) return null;
  const takenBack = displaced
    .between(BEFORE_ALL, set)
    .flatMap(({ position, place }) => (position === place.position ? [] : [{ position, named: place.position }]));
  let attempts = 0;
  for (const checkpoint of checkpoints) {
    const { position, resume, frontier } = checkpoint;
    // One that was kept again on the way of a fold has only what stands at or before its place.
    if (resume !== position || position > before || frontier.position === 0) continue;
    const folded = await foldFrom(checkpoint, request, takenBack);
    if (folded !== null) return folded;
    attempts += 1;
    if (attempts === ATTEMPTS_MAX) return null;
  }
  return null;
}

async function foldFrom<State>(
  start: Checkpoint,
  { projection, history, set }: PatchRequest<State>,
  takenBack: readonly TakenBack[],
): Promise<Folded<State> | null> {
  const since = takenBack.filter(({ position }) => position > start.position);
  const retracted = new Set(takenBack.map(({ named }) => named));
  const inOrder: AnyFoldEvent[] = [];
  const late: AnyFoldEvent[] = [];
  let position = since.reduce((newest, each) => Math.max(newest, each.position), start.position);
  for await (const page of history.eventsAfter({ ...start, resume: start.position }, set.position)) {
    for (const event of page) {
      if (!history.folds(event.type)) continue;
      position = Math.max(position, event.position);
      if (event.erased || retracted.has(event.position)) continue;
      if (comparePlaces(event, start.frontier) > 0) inOrder.push(event);
      else late.push(event);
    }
    if (inOrder.length + late.length > EVENTS_MAX) return null;
  }
  // Only the first retraction of an event takes it out.
  const out = new Set(takenBack.filter((each) => each.position <= start.position).map(({ named }) => named));
  const held = new Set(since.map(({ named }) => named).filter((named) => named <= start.position && !out.has(named)));
  const removed = await history.factsAt([...held]);
  // An erased event has no data left by which it could be taken out.
  if (removed.length < held.size) return null;
  inOrder.sort(comparePlaces);
  const state = foldInOrder(projection, JSON.parse(start.text()) as State, inOrder);
  if (!patchDisplaced(projection, state, { removed, late })) return null;
  const last = inOrder.at(-1);
  const frontier = last ? { effectiveAt: last.effectiveAt, position: last.position } : start.frontier;
  return { state, position, resume: position, frontier };
}
