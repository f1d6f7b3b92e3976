/** The root fields of mutations: every command goes through the one door, and a refusal is a member of the answer's union. */

import { type CommandKind, isCommandKind } from '../../../../schemas/commands.ts';
import type { Position } from '../../../../schemas/ids.ts';
import type { CommandDone, CommandResult } from '../../../accept/accept.ts';
import {
  andThen,
  componentsAt,
  incidentAt,
  type MaybePromise,
  maintenanceAt,
  namedComponentView,
  presentReader,
} from '../../../project/views.ts';
import { type GraphContext, reach } from '../context.ts';
import type { Resolver, Resolvers, TypeNames } from '../schema.ts';

type Refused = Omit<Extract<CommandResult, { readonly kind: 'refused' }>, 'kind'>;
type Payload = Readonly<Record<string, unknown>> & { readonly __typename: string };

/** What a command's payload shows beside position and event. */
type Shown = (done: CommandDone, context: GraphContext) => MaybePromise<Payload>;

const INCIDENT: Shown = ({ subject }, { reader }) =>
  andThen(incidentAt(reader, subject), (incident) => ({ __typename: 'IncidentPayload', incident }));
const COMPONENT: Shown = ({ subject }, { reader }) =>
  andThen(componentsAt(reader), ({ state, open }) => ({
    __typename: 'ComponentPayload',
    component: namedComponentView(state, subject, open),
  }));
const MAINTENANCE: Shown = ({ subject }, { reader }) =>
  andThen(maintenanceAt(reader, subject), (maintenance) => ({ __typename: 'MaintenancePayload', maintenance }));
const RETRACTION: Shown = ({ retracted }, { events }) => ({
  __typename: 'RetractEventPayload',
  retracted: retracted === null ? null : events.at(retracted),
});

const SHOWN: Readonly<Record<CommandKind, Shown>> = {
  declareIncident: INCIDENT,
  updateIncident: INCIDENT,
  resolveIncident: INCIDENT,
  reopenIncident: INCIDENT,
  amendIncidentUpdate: INCIDENT,
  notifyResponder: INCIDENT,
  acknowledgeIncident: INCIDENT,
  linkEvidence: INCIDENT,
  addActionItem: INCIDENT,
  completeActionItem: INCIDENT,
  publishPostmortem: INCIDENT,
  registerComponent: COMPONENT,
  setComponentStatus: COMPONENT,
  retireComponent: COMPONENT,
  scheduleMaintenance: MAINTENANCE,
  updateMaintenance: MAINTENANCE,
  startMaintenance: MAINTENANCE,
  completeMaintenance: MAINTENANCE,
  cancelMaintenance: MAINTENANCE,
  retractEvent: RETRACTION,
};

export const MUTATION_RESOLVERS: Resolvers = {
  Mutation: {
    ...Object.fromEntries(Object.entries(SHOWN).map(([kind, shown]) => [kind, command(kind, shown)])),
    appendEvents: (
      _root: unknown,
      { input }: { readonly input: { readonly events: readonly unknown[] } },
      context: GraphContext,
    ) =>
      context.sources.accept.facts(
        input.events.map((value) => ({ value })),
        context.caller,
      ),
  },
};

/** Values of unions and of the interface `Refusal` say what they are. */
export const OUTCOME_TYPE_NAMES: TypeNames = Object.fromEntries(
  ['Refusal', 'IncidentResult', 'ComponentResult', 'MaintenanceResult', 'RetractEventResult'].map((name) => [
    name,
    ({ __typename }: Payload) => __typename,
  ]),
);

function command(kind: string, shown: Shown): Resolver {
  if (!isCommandKind(kind)) throw new Error(`${kind} is no command`);
  return async (_root: unknown, { input }: { readonly input: unknown }, context: GraphContext) => {
    const result = await context.sources.accept.commandFrom(kind, input, context.caller);
    if (result.kind === 'refused') return refusal(result);
    await seen(result.position, context);
    const payload = await shown(result, context);
    return { ...payload, position: result.position, event: context.events.at(result.position) };
  };
}

function refusal({ refusal: name, ...fields }: Refused): Payload {
  return { __typename: name, ...fields };
}

/**
 * The payload shows what the command did: its views must have come that far. What was there before the command came was
 * done by an earlier one with its key: then it shows what that one was answered.
 */
async function seen(position: Position, context: GraphContext): Promise<void> {
  const { views } = context.sources;
  const isRepeated = position <= context.reader.position;
  await reach(context.sources, position);
  context.reader = isRepeated ? views.at(position) : presentReader(views);
}
