/** Commands about an incident. */
import type { EventData } from '../../schemas/catalogue.ts';
import type { CommandOf } from '../../schemas/commands.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { type Micros, parseTime } from '../../schemas/time.ts';
import type { IncidentStatus } from '../../schemas/words.ts';
import { blank, type Decision, events, inFuture, type Occasion, refuse, stated } from './decider.ts';
import {
  type IllegalTransition,
  type InvalidInput,
  illegalTransition,
  invalidInput,
  unknownSubject,
} from './refusal.ts';

/** Something that was posted. */
interface Post {
  readonly updateId: string;
  readonly at: Micros;
  readonly status: IncidentStatus | null;
}

/** What is known of an incident. Parts are in fold order. */
export interface IncidentState {
  readonly isDeclared: boolean;
  readonly posts: readonly Post[];
  /** updateId → when it should have been dated. */
  readonly corrections: ReadonlyMap<string, Micros>;
  readonly impactStartedAt: Micros | null;
  readonly impactEndedAt: Micros | null;
  /** Action item → whether it was done. */
  readonly items: ReadonlyMap<string, 'open' | 'completed'>;
}

export const initialState: IncidentState = {
  isDeclared: false,
  posts: [],
  corrections: new Map(),
  impactStartedAt: null,
  impactEndedAt: null,
  items: new Map(),
};

export type IncidentCommand = CommandOf<
  | 'declareIncident'
  | 'updateIncident'
  | 'resolveIncident'
  | 'reopenIncident'
  | 'amendIncidentUpdate'
  | 'notifyResponder'
  | 'acknowledgeIncident'
  | 'linkEvidence'
  | 'addActionItem'
  | 'completeActionItem'
  | 'publishPostmortem'
>;

export function evolve(state: IncidentState, event: AnyFoldEvent): IncidentState {
  switch (event.type) {
    case 'IncidentDeclared':
      return { ...posted(state, event, event.data.status), ...impactOf(state, event.data), isDeclared: true };
    case 'IncidentUpdated':
      return { ...posted(state, event, event.data.status ?? null), ...impactOf(state, event.data) };
    case 'IncidentReopened':
      return posted(state, event, event.data.status ?? 'investigating');
    case 'IncidentUpdateAmended': {
      const { updateId, correctedAt } = event.data;
      if (correctedAt === undefined) return state;
      return { ...state, corrections: new Map(state.corrections).set(updateId, instant(correctedAt)) };
    }
    case 'ActionItemAdded':
      return { ...state, items: new Map(state.items).set(event.data.itemId, 'open') };
    case 'ActionItemCompleted':
      return { ...state, items: new Map(state.items).set(event.data.itemId, 'completed') };
    default:
      return state;
  }
}

export function decide(state: IncidentState, command: IncidentCommand, occasion: Occasion): Decision {
  if (command.kind === 'declareIncident') return declare(state, command.input, occasion);
  const { input } = command;
  if (!state.isDeclared) return refuse(unknownSubject('incident', input.incidentId));
  const fault = blank(input, 'title', 'message', 'reason', 'channel', 'body') ?? inFuture(input, occasion.now, ...PAST);
  if (fault) return refuse(fault);
  switch (command.kind) {
    case 'updateIncident':
      return update(state, command.input, occasion);
    case 'resolveIncident':
      return update(state, { ...command.input, status: 'resolved' }, occasion);
    case 'reopenIncident':
      return reopen(state, command.input, occasion);
    case 'amendIncidentUpdate':
      return amend(state, command.input, occasion);
    case 'linkEvidence':
      return linkEvidence(command.input, occasion);
    case 'addActionItem':
      return addItem(state, command.input, occasion);
    case 'completeActionItem':
      return completeItem(state, command.input, occasion);
    default:
      return report(command, occasion);
  }
}

/** The incident's status at an instant, inclusive: what the last post dated by then says; null before the first. */
function statusAt({ posts, corrections }: IncidentState, at: Micros): IncidentStatus | null {
  // The sort is stable: posts of one instant stay in fold order.
  const dated = posts
    .map(({ updateId, status, at: postedAt }) => ({ status, at: corrections.get(updateId) ?? postedAt }))
    .sort((left, right) => left.at - right.at);
  return dated.findLast((post) => post.at <= at && post.status !== null)?.status ?? null;
}

type Input<Kind extends IncidentCommand['kind']> = CommandOf<Kind>['input'];
/** What is said to have happened cannot lie in the future. */
const PAST = ['at', 'correctedAt', 'impactStartedAt', 'impactEndedAt'] as const;

function declare(state: IncidentState, input: Input<'declareIncident'>, { now, eventId }: Occasion): Decision {
  if (state.isDeclared) {
    const id = JSON.stringify(input.incidentId);
    return refuse(illegalTransition(`The incident ${id} was declared already`, statusAt(state, now)));
  }
  const fault = blank(input, 'title', 'message') ?? inFuture(input, now, ...PAST);
  if (fault) return refuse(fault);
  const { incidentId: _, idempotencyKey: __, at = now, status = 'investigating', ...fields } = input;
  const said = { ...fields, status, updateId: eventId, origin: 'manual' };
  return events({ type: 'IncidentDeclared', time: at, data: stated(said, PAST) });
}

function update(
  state: IncidentState,
  input: Omit<Input<'updateIncident'>, 'message'> & { readonly message: string },
  { now, eventId }: Occasion,
): Decision {
  const { incidentId, idempotencyKey: _, at = now, updateId = eventId, ...fields } = input;
  if (input.updateId !== undefined && state.posts.some((post) => post.updateId === input.updateId)) {
    return refuse(invalidInput('/updateId', 'names an entry that exists: amend it, or choose another id'));
  }
  if (fields.duplicateOf === incidentId) return refuse(invalidInput('/duplicateOf', 'names the incident itself'));
  const fault = impactFault(state, fields);
  if (fault) return refuse(fault);
  if (fields.status !== undefined && statusAt(state, at) === 'resolved') {
    return refuse(
      illegalTransition('The incident was resolved by then: reopen it, or leave the status out', 'resolved'),
    );
  }
  return events({ type: 'IncidentUpdated', time: at, data: stated({ updateId, ...fields }, PAST) });
}

function reopen(state: IncidentState, input: Input<'reopenIncident'>, { now, eventId }: Occasion): Decision {
  const { message, status = 'investigating', at = now } = input;
  if (status === 'resolved') return refuse(invalidInput('/status', 'cannot be resolved when reopening'));
  const from = statusAt(state, at);
  if (from !== 'resolved') return refuse(notResolved(from));
  return events({ type: 'IncidentReopened', time: at, data: { message, status, updateId: eventId } });
}

function notResolved(from: IncidentStatus | null): IllegalTransition {
  return illegalTransition('Only a resolved incident can be reopened', from);
}

function amend(state: IncidentState, input: Input<'amendIncidentUpdate'>, { now }: Occasion): Decision {
  const { updateId, message, correctedAt, reason } = input;
  if (!state.posts.some((post) => post.updateId === updateId)) return refuse(unknownSubject('update', updateId));
  if (message === undefined && correctedAt === undefined) {
    return refuse(invalidInput('/message', 'or correctedAt is needed: one of them is to be put right'));
  }
  const data = stated<EventData['IncidentUpdateAmended']>({ updateId, message, correctedAt, reason }, PAST);
  return events({ type: 'IncidentUpdateAmended', time: now, data });
}

function linkEvidence(input: Input<'linkEvidence'>, { now }: Occasion): Decision {
  const { clusterId, from, to, note } = input;
  if (from !== undefined && to !== undefined && from > to) return refuse(invalidInput('/from', 'lies after `to`'));
  return events({ type: 'EvidenceLinked', time: now, data: stated({ clusterId, from, to, note }, ['from', 'to']) });
}

function addItem(state: IncidentState, input: Input<'addActionItem'>, { now, eventId }: Occasion): Decision {
  const { itemId = eventId, title, kind, owner, dueAt } = input;
  if (state.items.has(itemId)) return refuse(invalidInput('/itemId', 'names an action item that exists'));
  return events({ type: 'ActionItemAdded', time: now, data: stated({ itemId, title, kind, owner, dueAt }, ['dueAt']) });
}

function completeItem(state: IncidentState, input: Input<'completeActionItem'>, { now }: Occasion): Decision {
  const { itemId, at = now } = input;
  const item = state.items.get(itemId);
  if (item === undefined) return refuse(unknownSubject('action_item', itemId));
  if (item === 'completed') return refuse(illegalTransition('The action item was completed already', item));
  return events({ type: 'ActionItemCompleted', time: at, data: { itemId } });
}

/** Commands that fit every state. */
function report(
  command: CommandOf<'notifyResponder' | 'acknowledgeIncident' | 'publishPostmortem'>,
  { now }: Occasion,
): Decision {
  const time = command.input.at ?? now;
  switch (command.kind) {
    case 'notifyResponder': {
      const { responder, channel, role } = command.input;
      return events({ type: 'ResponderNotified', time, data: stated({ responder, channel, role }) });
    }
    case 'acknowledgeIncident':
      return events({ type: 'ResponderAcknowledged', time, data: { responder: command.input.responder } });
    case 'publishPostmortem': {
      const { body, visibility } = command.input;
      return events({ type: 'PostmortemPublished', time, data: stated({ body, visibility }) });
    }
  }
}

function impactFault(
  state: IncidentState,
  { impactStartedAt, impactEndedAt }: Pick<Input<'updateIncident'>, 'impactStartedAt' | 'impactEndedAt'>,
): InvalidInput | null {
  const start = impactStartedAt ?? state.impactStartedAt;
  const end = impactEndedAt === undefined ? state.impactEndedAt : impactEndedAt;
  if (start === null || end === null || start <= end) return null;
  if (impactEndedAt != null) return invalidInput('/impactEndedAt', 'lies before the impact started');
  if (impactStartedAt !== undefined) return invalidInput('/impactStartedAt', 'lies after the impact ended');
  // Facts may contradict each other; that is no reason to refuse the next word.
  return null;
}

function posted(
  state: IncidentState,
  event: FoldEvent<'IncidentDeclared' | 'IncidentUpdated' | 'IncidentReopened'>,
  status: IncidentStatus | null,
): IncidentState {
  const post = { updateId: event.data.updateId ?? event.id, at: event.effectiveAt, status };
  return { ...state, posts: [...state.posts, post] };
}

function impactOf(state: IncidentState, data: Partial<EventData['IncidentUpdated']>) {
  const { impactStartedAt, impactEndedAt } = data;
  return {
    impactStartedAt: impactStartedAt === undefined ? state.impactStartedAt : instant(impactStartedAt),
    impactEndedAt:
      impactEndedAt === undefined ? state.impactEndedAt : impactEndedAt === null ? null : instant(impactEndedAt),
  };
}

/** Events passed their schema when they came in: their instants can be read. */
function instant(text: string): Micros {
  return parseTime(text) as Micros;
}
