/** Commands about a component of the status page. */
import type { CommandOf } from '../../schemas/commands.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { blank, type Decision, events, inFuture, type Occasion, refuse, stated } from './decider.ts';
import { illegalTransition, unknownSubject } from './refusal.ts';

export interface ComponentState {
  readonly standing: 'unknown' | 'registered' | 'retired';
}

export const initialState: ComponentState = { standing: 'unknown' };

export type ComponentCommand = CommandOf<'registerComponent' | 'setComponentStatus' | 'retireComponent'>;

export function evolve(state: ComponentState, event: AnyFoldEvent): ComponentState {
  switch (event.type) {
    case 'ComponentRegistered':
      return { standing: 'registered' };
    case 'ComponentRetired':
      return { standing: 'retired' };
    default:
      return state;
  }
}

export function decide(state: ComponentState, command: ComponentCommand, { now }: Occasion): Decision {
  if (command.kind === 'registerComponent') return register(state, command.input, now);
  const { input } = command;
  if (state.standing === 'unknown') return refuse(unknownSubject('component', input.componentId));
  if (state.standing === 'retired') return refuse(illegalTransition('The component was retired', state.standing));
  const fault = inFuture(input, now, 'at');
  if (fault) return refuse(fault);
  if (command.kind === 'retireComponent') {
    return events({ type: 'ComponentRetired', time: now, data: stated({ reason: command.input.reason }) });
  }
  const { status, reason, at = now } = command.input;
  return events({ type: 'ComponentStatusChanged', time: at, data: stated({ status, reason }) });
}

/** A retired component may come back; one that is registered is changed by facts, not declared twice. */
function register(
  { standing }: ComponentState,
  input: CommandOf<'registerComponent'>['input'],
  now: Occasion['now'],
): Decision {
  if (standing === 'registered') {
    return refuse(illegalTransition(`The component ${JSON.stringify(input.componentId)} exists already`, standing));
  }
  const fault = blank(input, 'name');
  if (fault) return refuse(fault);
  const { componentId: _, idempotencyKey: __, ...fields } = input;
  return events({ type: 'ComponentRegistered', time: now, data: stated(fields) });
}
