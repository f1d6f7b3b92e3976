/** A maintenance as GraphQL shows it. Property names are the fields' names; times are µs, events are positions. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';

export type MaintenanceStateName = 'scheduled' | 'in_progress' | 'completed' | 'cancelled';

export interface MaintenanceView {
  readonly id: string;
  readonly title: string;
  readonly state: MaintenanceStateName;
  /** When the plan was first made known. */
  readonly scheduledAt: Micros;
  /** As planned. */
  readonly startsAt: Micros;
  readonly endsAt: Micros;
  /** As it was. */
  readonly startedAt: Micros | null;
  readonly endedAt: Micros | null;
  /** The field `components`. */
  readonly componentIds: readonly string[];
  /** The field `clusters`. */
  readonly clusterIds: readonly string[];
  /** By time: every event that said something. */
  readonly updates: readonly MaintenanceUpdateView[];
  /** The latest effective time folded. */
  readonly latestEffectiveAt: Micros;
}

export interface MaintenanceUpdateView {
  readonly id: string;
  readonly message: string;
  readonly at: Micros;
  readonly eventPosition: Position;
}
