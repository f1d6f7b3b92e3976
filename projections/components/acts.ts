/** What an event does to the registers: a component, an incident or a maintenance speaks or ends. */
import type { FoldEvent } from '../../schemas/event.ts';
import type { ComponentStatus, Visibility } from '../../schemas/words.ts';
import { end, open, type Place, say } from './register.ts';
import type { ComponentsState, Registers } from './state.ts';

export type Act = ComponentAct | IncidentAct | MaintenanceAct;

interface ActBase {
  /** The stream that speaks. */
  readonly subject: string;
  readonly source: string;
  readonly place: Place;
}

interface ComponentAct extends ActBase {
  readonly by: 'component';
  readonly componentId: string;
  readonly status: ComponentStatus;
}

export interface IncidentAct extends ActBase {
  readonly by: 'incident';
  readonly statements: readonly { readonly componentId: string; readonly status: ComponentStatus }[];
  /** `ends` it resolves, and states nothing itself; `goes_on` it states a status that is not resolved; `unchanged` none. */
  readonly incident: 'ends' | 'goes_on' | 'unchanged';
  /** Null: as a declaration that has not folded yet. */
  visibility: Visibility | null;
}

interface MaintenanceAct extends ActBase {
  readonly by: 'maintenance';
  readonly step: 'starts' | 'ends';
  /** Null: no one has said yet which components it is about. */
  componentIds: readonly string[] | null;
}

// An update may wait for a declaration that was retracted and never comes. So many acts are kept for it at most; then it
// stays off the page.
const WAITING_ACTS_MAX = 200;

/** Takes an act, the next in fold order. */
export function act(state: ComponentsState, taken: Act): void {
  if (state.waiting === null && isUnknown(taken))
    state.waiting = { before: structuredClone(state.registers), acts: [] };
  perform(state.registers, taken);
  if (state.waiting === null) return;
  state.waiting.acts.push(taken);
  if (state.waiting.acts.length > WAITING_ACTS_MAX) settle(state, 1);
}

/** What a subject's acts meant has become known: those that waited for it are taken at their own places. */
export function learn(state: ComponentsState, subject: string, known: Visibility | readonly string[]): void {
  const { waiting } = state;
  const own = waiting?.acts.filter((waits) => waits.subject === subject && isUnknown(waits)) ?? [];
  if (waiting === null || own.length === 0) return;
  for (const waits of own) {
    if (waits.by === 'incident' && typeof known === 'string') waits.visibility = known;
    if (waits.by === 'maintenance' && typeof known !== 'string') waits.componentIds = known;
  }
  state.registers = structuredClone(waiting.before);
  for (const waits of waiting.acts) perform(state.registers, waits);
  settle(state, 0);
}

/** Gives up at least so many of the oldest acts, and with them all up to the next that still waits. */
function settle(state: ComponentsState, count: number): void {
  const { waiting } = state;
  if (waiting === null) return;
  const next = waiting.acts.findIndex((waits, index) => index >= count && isUnknown(waits));
  if (next < 0) {
    state.waiting = null;
    return;
  }
  for (const settled of waiting.acts.splice(0, next)) perform(waiting.before, settled);
}

function isUnknown(taken: Act): boolean {
  if (taken.by === 'incident') return taken.visibility === null;
  return taken.by === 'maintenance' && taken.componentIds === null;
}

function perform(registers: Registers, taken: Act): void {
  const seenBy =
    taken.by === 'incident' && taken.visibility !== 'public' ? [registers.all] : [registers.all, registers.page];
  const { subject, source, place } = taken;
  for (const register of seenBy) {
    if (taken.by === 'component') {
      say(register, { componentId: taken.componentId, status: taken.status, source, place, subject: null });
      continue;
    }
    const word = taken.by === 'incident' ? taken.incident : taken.step;
    if (word === 'ends') end(register, subject, { place, source });
    else if (word !== 'unchanged') open(register, subject);
    for (const { componentId, status } of statementsOf(taken)) {
      say(register, { componentId, status, source, place, subject });
    }
  }
}

function statementsOf(taken: IncidentAct | MaintenanceAct): IncidentAct['statements'] {
  if (taken.by === 'incident') return taken.statements;
  if (taken.step === 'ends') return [];
  return (taken.componentIds ?? []).map((componentId) => ({ componentId, status: 'under_maintenance' }));
}

/** Who acts, where, and by whose word. */
export function actBase(event: FoldEvent): ActBase {
  return {
    subject: event.stream,
    source: event.source,
    place: { at: event.effectiveAt, position: event.position },
  };
}
