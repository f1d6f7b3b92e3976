/** One maintenance: what was planned, how far it got, what was said. Steps are facts and may come in any order. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { Projection } from '../projection.ts';
import { instant } from '../time.ts';
import type { MaintenanceStateName, MaintenanceUpdateView, MaintenanceView } from './view.ts';

export interface MaintenanceState {
  readonly id: string;
  /** Null: no `MaintenanceScheduled` so far. */
  title: string | null;
  state: MaintenanceStateName;
  /** When the plan was first made known. */
  scheduledAt: Micros | null;
  startsAt: Micros | null;
  endsAt: Micros | null;
  startedAt: Micros | null;
  endedAt: Micros | null;
  componentIds: readonly string[];
  clusterIds: readonly string[];
  readonly updates: { id: string; message: string; at: Micros; eventPosition: Position }[];
  latestEffectiveAt: Micros | null;
}

const TYPES = [
  'MaintenanceScheduled',
  'MaintenanceUpdated',
  'MaintenanceStarted',
  'MaintenanceCompleted',
  'MaintenanceCancelled',
] as const satisfies readonly EventName[];

type Folded = FoldEvent<(typeof TYPES)[number]> & AnyFoldEvent;

export const maintenance: Projection<MaintenanceState> = {
  name: 'maintenance',
  version: 2,
  categories: ['maintenance'],
  types: TYPES,
  keyed: 'stream',
  initial: (id) => ({
    id,
    title: null,
    state: 'scheduled',
    scheduledAt: null,
    startsAt: null,
    endsAt: null,
    startedAt: null,
    endedAt: null,
    componentIds: [],
    clusterIds: [],
    updates: [],
    latestEffectiveAt: null,
  }),
  fold(state, event) {
    const folded = event as Folded;
    state.latestEffectiveAt = folded.effectiveAt;
    take(state, folded);
    said(state, folded);
    return state;
  },
  tags: tagsOf,
  order: (state) => String(state.startsAt ?? 0).padStart(16, '0'),
};

/** Null where it was never scheduled. */
export function maintenanceView(state: Readonly<MaintenanceState>): MaintenanceView | null {
  const { id, title, scheduledAt, startsAt, endsAt, latestEffectiveAt } = state;
  if (title === null || scheduledAt === null || startsAt === null || endsAt === null) return null;
  if (latestEffectiveAt === null) return null;
  const { startedAt, endedAt, componentIds, clusterIds } = state;
  const updates: readonly MaintenanceUpdateView[] = state.updates;
  return {
    id,
    title,
    state: state.state,
    scheduledAt,
    startsAt,
    endsAt,
    startedAt,
    endedAt,
    componentIds,
    clusterIds,
    updates,
    latestEffectiveAt,
  };
}

function take(state: MaintenanceState, event: Folded): void {
  switch (event.type) {
    case 'MaintenanceScheduled':
      scheduled(state, event);
      break;
    case 'MaintenanceUpdated':
      updated(state, event);
      break;
    case 'MaintenanceStarted':
      if (state.state === 'in_progress') return;
      state.state = 'in_progress';
      state.startedAt = event.effectiveAt;
      state.endedAt = null;
      break;
    case 'MaintenanceCompleted':
      ended(state, 'completed', event.effectiveAt);
      break;
    case 'MaintenanceCancelled':
      ended(state, 'cancelled', event.effectiveAt);
      break;
    default:
      neverTaken(event);
  }
}

/** Steps that took their place before the plan count where they are: the plan does not undo them. */
function scheduled(state: MaintenanceState, { data, effectiveAt }: FoldEvent<'MaintenanceScheduled'>): void {
  state.scheduledAt ??= effectiveAt;
  state.title = data.title;
  state.startsAt = instant(data.startsAt);
  state.endsAt = instant(data.endsAt);
  state.componentIds = data.components?.map(({ componentId }) => componentId) ?? state.componentIds;
  state.clusterIds = data.clusterIds ?? state.clusterIds;
}

function updated(state: MaintenanceState, { data }: FoldEvent<'MaintenanceUpdated'>): void {
  if (data.startsAt !== undefined) state.startsAt = instant(data.startsAt);
  if (data.endsAt !== undefined) state.endsAt = instant(data.endsAt);
  if (data.components !== undefined) state.componentIds = data.components.map(({ componentId }) => componentId);
}

function ended(state: MaintenanceState, as: 'completed' | 'cancelled', at: Micros): void {
  if (state.state === as) return;
  state.state = as;
  state.endedAt = at;
}

function said(state: MaintenanceState, event: Folded): void {
  const { message } = event.data;
  if (message === undefined) return;
  const id = event.type === 'MaintenanceUpdated' ? (event.data.updateId ?? event.id) : event.id;
  state.updates.push({ id, message, at: event.effectiveAt, eventPosition: event.position });
}

/** `exists` it was scheduled; `state:<state>`, `open` neither completed nor cancelled; `cluster:<id>`, `component:<id>`. */
function tagsOf(state: Readonly<MaintenanceState>): readonly string[] {
  if (state.title === null) return [];
  return [
    'exists',
    `state:${state.state}`,
    ...(state.state === 'scheduled' || state.state === 'in_progress' ? ['open'] : []),
    ...state.clusterIds.map((id) => `cluster:${id}`),
    ...state.componentIds.map((id) => `component:${id}`),
  ];
}

function neverTaken(event: never): never {
  throw new Error(`the maintenance projection takes no ${JSON.stringify(event)}`);
}
