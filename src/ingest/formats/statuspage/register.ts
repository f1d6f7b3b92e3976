/**
 * What the ledger's register of components will say after the events made so far. A maintenance speaks for its
 * components when it starts and lets go of them when it ends; the page may show something else, and the page is right.
 */
import type { ComponentStatus } from '../../../../schemas/words.ts';
import type { AnyMadeEvent } from '../format.ts';
import { statusOf, statusStated } from './components.ts';
import type { PolledComponent } from './poll.ts';
import { betweenPolls, type Sight } from './sight.ts';

export interface Register {
  /** Takes the events of one poll, in the order of their times. */
  take(events: readonly AnyMadeEvent[]): void;
  /** The statements that are needed for the register to say what the page shows. */
  corrections(components: readonly PolledComponent[], sight: Sight): AnyMadeEvent[];
}

interface Statement {
  readonly status: ComponentStatus;
  /** The maintenance that made it; null: the component itself. */
  readonly maintenanceId: string | null;
}

export function createRegister(): Register {
  const last = new Map<string, Statement>();
  const named = new Map<string, readonly string[]>();
  const underWay: string[] = [];

  function release(maintenanceId: string): void {
    const index = underWay.indexOf(maintenanceId);
    if (index >= 0) underWay.splice(index, 1);
    for (const [componentId, statement] of last) {
      if (statement.maintenanceId !== maintenanceId) continue;
      const other = underWay.findLast((id) => named.get(id)?.includes(componentId));
      last.set(
        componentId,
        other === undefined
          ? { status: 'operational', maintenanceId: null }
          : { status: 'under_maintenance', maintenanceId: other },
      );
    }
    named.delete(maintenanceId);
  }

  function takeOne(event: AnyMadeEvent): void {
    const { subject } = event;
    switch (event.type) {
      case 'ComponentStatusChanged':
        last.set(subject, { status: event.data.status, maintenanceId: null });
        return;
      case 'MaintenanceScheduled':
      case 'MaintenanceUpdated':
        if (event.data.components)
          named.set(
            subject,
            event.data.components.map(({ componentId }) => componentId),
          );
        return;
      case 'MaintenanceStarted':
        underWay.push(subject);
        for (const id of named.get(subject) ?? [])
          last.set(id, { status: 'under_maintenance', maintenanceId: subject });
        return;
      case 'MaintenanceCompleted':
      case 'MaintenanceCancelled':
        release(subject);
        return;
      default:
        return;
    }
  }

  return {
    take(events) {
      for (const event of events) takeOne(event);
    },
    corrections(components, sight) {
      return components.flatMap((component) => {
        const said = last.get(component.id)?.status ?? 'operational';
        const shown = statusOf(component.status);
        return shown === null || shown === said ? [] : statusStated(component, sight, betweenPolls(sight));
      });
    },
  };
}
