/** Components between polls: registered, renamed, changed, gone. */
import { COMPONENT_STATUSES, type ComponentStatus } from '../../../../schemas/words.ts';
import type { AnyMadeEvent } from '../format.ts';
import type { PolledComponent } from './poll.ts';
import { betweenPolls, idOf, type Sight, touchedBetweenPolls } from './sight.ts';

export interface ComponentReader {
  read(components: readonly PolledComponent[], sight: Sight): AnyMadeEvent[];
}

export function createComponentReader(): ComponentReader {
  const known = new Map<string, PolledComponent>();
  return {
    read(components, sight) {
      const events = components.flatMap((component) => {
        const before = known.get(component.id);
        known.set(component.id, component);
        return before === undefined ? firstSeen(component, sight) : changed(before, component, sight);
      });
      const present = new Set(components.map(({ id }) => id));
      for (const id of [...known.keys()].filter((each) => !present.has(each))) {
        known.delete(id);
        events.push(retired(id, sight));
      }
      return events;
    },
  };
}

/** A component that is registered is operational until something else is said: only another status is stated. */
function firstSeen(component: PolledComponent, sight: Sight): AnyMadeEvent[] {
  const bounds = betweenPolls(sight);
  const registration = registered(component, sight, bounds);
  return component.status === 'operational'
    ? [registration]
    : [registration, ...statusStated(component, sight, bounds)];
}

function changed(before: PolledComponent, component: PolledComponent, sight: Sight): AnyMadeEvent[] {
  const bounds = touchedBetweenPolls(sight, component.updatedAt);
  const isRenamed =
    before.name !== component.name || before.description !== component.description || before.group !== component.group;
  return [
    ...(isRenamed ? [registered(component, sight, bounds)] : []),
    ...(before.status === component.status ? [] : statusStated(component, sight, bounds)),
  ];
}

type Bounds = Pick<AnyMadeEvent, 'time' | 'notBefore'>;

function registered({ id, name, description, group }: PolledComponent, sight: Sight, bounds: Bounds): AnyMadeEvent {
  const data = { name, ...(description === null ? {} : { description }), ...(group === null ? {} : { group }) };
  return {
    ...originOf(id, sight),
    ...bounds,
    type: 'ComponentRegistered',
    id: idOf(`component/${id}`, 'registered', sight),
    data,
  };
}

/** Nothing where the page uses a word that is not a status. */
export function statusStated(component: PolledComponent, sight: Sight, bounds: Bounds): AnyMadeEvent[] {
  const status = statusOf(component.status);
  if (status === null) return [];
  const id = idOf(`component/${component.id}`, status, sight);
  return [{ ...originOf(component.id, sight), ...bounds, type: 'ComponentStatusChanged', id, data: { status } }];
}

export function statusOf(word: string): ComponentStatus | null {
  return COMPONENT_STATUSES.find((status) => status === word) ?? null;
}

function retired(id: string, sight: Sight): AnyMadeEvent {
  return {
    ...originOf(id, sight),
    ...betweenPolls(sight),
    type: 'ComponentRetired',
    id: idOf(`component/${id}`, 'retired', sight),
    data: {},
  };
}

function originOf(subject: string, { source, at }: Sight) {
  return { subject, source, recordedAt: at };
}
