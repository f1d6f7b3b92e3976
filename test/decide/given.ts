/** given / when / then for deciders. */
import assert from 'node:assert/strict';
import { type CommandKind, readCommand } from '../../schemas/commands.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import * as component from '../../src/decide/component.ts';
import { type AnyDecided, type Decision, inEffectiveOrder, type Occasion } from '../../src/decide/decider.ts';
import * as incident from '../../src/decide/incident.ts';
import * as maintenance from '../../src/decide/maintenance.ts';
import type { Refusal } from '../../src/decide/refusal.ts';
import { createStory, micros, type Story, type TestTime } from '../support/events.ts';

/** A story of one incident `outage`, one component `api` or one maintenance `upgrade`, and the commands about it. */
export function given(tell: (story: Story) => void) {
  const story = createStory();
  tell(story);
  return {
    /** The command with this input, at this time of the clock (seconds after the story's start). */
    when(kind: CommandKind, input: Readonly<Record<string, unknown>>, now: TestTime = 10_000) {
      const decision = judge(story.events, kind, input, { now: micros(now), eventId: 'new-event' });
      return {
        /** Exactly one event is decided. */
        decides(expected: Pick<AnyDecided, 'type'> & { readonly time?: TestTime; readonly data: unknown }) {
          assert.equal(decision.kind, 'events', JSON.stringify(decision));
          const [event, ...others] = (decision as Extract<Decision, { kind: 'events' }>).events;
          assert.deepEqual(others, []);
          const time = expected.time === undefined ? event?.time : micros(expected.time);
          assert.deepEqual(event, { type: expected.type, time, data: expected.data });
        },
        /** It is refused; `fields` are held against the refusal. */
        refused(refusal: Refusal['refusal'], fields: Readonly<Record<string, unknown>> = {}) {
          assert.equal(decision.kind, 'refused', JSON.stringify(decision));
          const found = (decision as Extract<Decision, { kind: 'refused' }>).refusal;
          const named = Object.fromEntries(Object.keys(fields).map((name) => [name, found[name as keyof Refusal]]));
          assert.deepEqual({ refusal: found.refusal, ...named }, { refusal, ...fields });
          assert.ok(found.message.length > 10);
        },
        /** Something is decided, whatever it is. */
        done() {
          assert.equal(decision.kind, 'events', JSON.stringify(decision));
        },
      };
    },
  };
}

/** An instant as commands and events print it, by seconds after the story's start. */
export function iso(at: TestTime): string {
  return new Date(micros(at) / 1_000).toISOString();
}

function judge(stream: readonly AnyFoldEvent[], kind: CommandKind, input: unknown, occasion: Occasion): Decision {
  const read = readCommand(kind, input);
  if (!read.ok) throw new Error(`${kind} does not fit its schema: ${read.fault.path} ${read.fault.message}`);
  const { command } = read;
  const events = inEffectiveOrder(stream);
  switch (command.kind) {
    case 'retractEvent':
      throw new Error('retractions are judged by what the ledger says of the event that they name');
    case 'registerComponent':
    case 'setComponentStatus':
    case 'retireComponent':
      return component.decide(events.reduce(component.evolve, component.initialState), command, occasion);
    case 'scheduleMaintenance':
    case 'updateMaintenance':
    case 'startMaintenance':
    case 'completeMaintenance':
    case 'cancelMaintenance':
      return maintenance.decide(events.reduce(maintenance.evolve, maintenance.initialState), command, occasion);
    default:
      return incident.decide(events.reduce(incident.evolve, incident.initialState), command, occasion);
  }
}
