/** Commands about planned work. */
import type { CommandOf } from '../../schemas/commands.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { type Micros, parseTime } from '../../schemas/time.ts';
import { blank, type Decision, events, inFuture, type Occasion, refuse, stated } from './decider.ts';
import { type InvalidInput, illegalTransition, invalidInput, unknownSubject } from './refusal.ts';

type Standing = 'scheduled' | 'in_progress' | 'completed' | 'cancelled';

/** What is known of a maintenance; steps in fold order. */
export interface MaintenanceState {
  readonly isScheduled: boolean;
  readonly steps: readonly { readonly at: Micros; readonly to: Standing }[];
  /** Planned; null before it is known. */
  readonly startsAt: Micros | null;
  readonly endsAt: Micros | null;
}

export const initialState: MaintenanceState = { isScheduled: false, steps: [], startsAt: null, endsAt: null };

export type MaintenanceCommand = CommandOf<
  'scheduleMaintenance' | 'updateMaintenance' | 'startMaintenance' | 'completeMaintenance' | 'cancelMaintenance'
>;

export function evolve(state: MaintenanceState, event: AnyFoldEvent): MaintenanceState {
  switch (event.type) {
    case 'MaintenanceScheduled':
      return { ...state, ...planOf(state, event.data), isScheduled: true };
    case 'MaintenanceUpdated':
      return { ...state, ...planOf(state, event.data) };
    case 'MaintenanceStarted':
      return stepped(state, event.effectiveAt, 'in_progress');
    case 'MaintenanceCompleted':
      return stepped(state, event.effectiveAt, 'completed');
    case 'MaintenanceCancelled':
      return stepped(state, event.effectiveAt, 'cancelled');
    default:
      return state;
  }
}

export function decide(state: MaintenanceState, command: MaintenanceCommand, occasion: Occasion): Decision {
  if (command.kind === 'scheduleMaintenance') return schedule(state, command.input, occasion);
  if (!state.isScheduled) return refuse(unknownSubject('maintenance', command.input.maintenanceId));
  const fault = blank(command.input, 'message') ?? inFuture(command.input, occasion.now, 'at');
  if (fault) return refuse(fault);
  if (command.kind === 'updateMaintenance') return update(state, command.input, occasion);
  return step(state, command, occasion);
}

/** Where the work stands at an instant, inclusive. It is scheduled from whenever: plans are often entered late. */
function standingAt({ steps }: MaintenanceState, at: Micros): Standing {
  return steps.findLast((step) => step.at <= at)?.to ?? 'scheduled';
}

const STEPS = {
  startMaintenance: { type: 'MaintenanceStarted', to: 'in_progress', from: ['scheduled'] },
  completeMaintenance: { type: 'MaintenanceCompleted', to: 'completed', from: ['in_progress'] },
  cancelMaintenance: { type: 'MaintenanceCancelled', to: 'cancelled', from: ['scheduled', 'in_progress'] },
} as const satisfies Record<string, { type: string; to: Standing; from: readonly Standing[] }>;

function step(state: MaintenanceState, { kind, input }: CommandOf<keyof typeof STEPS>, { now }: Occasion): Decision {
  const { message, at = now } = input;
  const standing = standingAt(state, at);
  const { type, to, from } = STEPS[kind];
  if (!(from as readonly Standing[]).includes(standing)) {
    return refuse(illegalTransition(`${kind} needs work that is ${from.join(' or ')}`, standing));
  }
  const next = state.steps.find((each) => each.at > at);
  if (next && !mayFollow(next.to, to)) {
    return refuse(illegalTransition(`${kind} cannot come before the work is ${next.to}`, standing));
  }
  return events({ type, time: at, data: stated({ message }) });
}

/** A step forgotten may be entered where it belongs, if what came after it still makes sense. */
function mayFollow(next: Standing, before: Standing): boolean {
  return Object.values(STEPS).some(({ to, from }) => to === next && (from as readonly Standing[]).includes(before));
}

function schedule(
  state: MaintenanceState,
  input: CommandOf<'scheduleMaintenance'>['input'],
  { now }: Occasion,
): Decision {
  if (state.isScheduled) {
    const id = JSON.stringify(input.maintenanceId);
    return refuse(illegalTransition(`The maintenance ${id} exists already`, standingAt(state, now)));
  }
  const fault = blank(input, 'title', 'message') ?? planFault(input.startsAt, input.endsAt);
  if (fault) return refuse(fault);
  const { title, startsAt, endsAt, clusterIds, message } = input;
  const said = { title, startsAt, endsAt, components: componentsOf(input.components), clusterIds, message };
  return events({ type: 'MaintenanceScheduled', time: now, data: stated(said, PLAN) });
}

function update(state: MaintenanceState, input: CommandOf<'updateMaintenance'>['input'], occasion: Occasion): Decision {
  const { message, startsAt, endsAt } = input;
  const isPlanned = startsAt !== undefined || endsAt !== undefined;
  const fault = isPlanned ? planFault(startsAt ?? state.startsAt, endsAt ?? state.endsAt) : null;
  if (fault) return refuse(endsAt === undefined ? invalidInput('/startsAt', 'lies after the planned end') : fault);
  const { now, eventId: updateId } = occasion;
  const said = { message, updateId, startsAt, endsAt, components: componentsOf(input.components) };
  return events({ type: 'MaintenanceUpdated', time: now, data: stated(said, PLAN) });
}

const PLAN = ['startsAt', 'endsAt'];

function planFault(startsAt: Micros | null, endsAt: Micros | null): InvalidInput | null {
  if (startsAt === null || endsAt === null || endsAt > startsAt) return null;
  return invalidInput('/endsAt', 'must lie after startsAt');
}

function componentsOf(ids: readonly string[] | undefined) {
  return ids?.map((componentId) => ({ componentId }));
}

function stepped(state: MaintenanceState, at: Micros, to: Standing): MaintenanceState {
  return { ...state, steps: [...state.steps, { at, to }] };
}

function planOf(
  state: MaintenanceState,
  { startsAt, endsAt }: { readonly startsAt?: string; readonly endsAt?: string },
) {
  // Events passed their schema when they came in: their instants can be read.
  return {
    startsAt: startsAt === undefined ? state.startsAt : (parseTime(startsAt) as Micros),
    endsAt: endsAt === undefined ? state.endsAt : (parseTime(endsAt) as Micros),
  };
}
