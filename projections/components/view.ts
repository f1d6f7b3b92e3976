/** Components as GraphQL and the status page show them. Property names are the fields' names; times are µs. */
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus } from '../../schemas/words.ts';
import type { CompletenessView } from '../gaps/view.ts';

export interface ComponentView {
  readonly id: string;
  /** Its id while no one registered it. */
  readonly name: string;
  readonly group: string | null;
  readonly description: string | null;
  readonly status: ComponentStatus;
  /** Since when it has this status; null when no one ever stated one. */
  readonly statusSince: Micros | null;
  /** Whoever told its status is inside an open gap: the status is what was last heard, not what is. */
  readonly noData: boolean;
  /** The field `cluster`. */
  readonly clusterId: string | null;
  readonly jobIds: readonly string[];
  /** When it was first registered, and when it was last; null while no one did. */
  readonly registeredAt: Micros | null;
  readonly restatedAt: Micros | null;
  readonly completeness: CompletenessView;
}
