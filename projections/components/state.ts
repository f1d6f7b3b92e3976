/** What is known of all components: plain JSON. It grows with components, incidents and maintenances, not with events. */
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus, Visibility } from '../../schemas/words.ts';
import type { Keyed } from '../record.ts';
import type { Place, Register } from './register.ts';

export interface ComponentsState {
  /** By component, in the order in which they were first registered. */
  readonly registrations: Keyed<Registration>;
  /** Over all statements. */
  readonly all: Register;
  /** Over public statements alone: what the status page shows. */
  readonly page: Register;
  readonly incidents: Keyed<IncidentStanding>;
  readonly maintenances: Keyed<MaintenanceStanding>;
  /** The latest effective time folded. */
  latestEffectiveAt: Micros | null;
}

export interface Registration {
  readonly name: string;
  readonly group: string | null;
  readonly description: string | null;
  readonly clusterId: string | null;
  readonly jobIds: readonly string[];
  readonly source: string;
  retired: boolean;
}

/** What the first declaration says of visibility, or, while none has folded, the posts that wait to learn of it. */
export type IncidentStanding = { readonly visibility: Visibility } | { readonly waiting: WaitingPost[] };

export interface WaitingPost {
  /** Null: as the declaration. */
  readonly visibility: Visibility | null;
  readonly speech: Speech;
}

/** What an incident's event says about components. */
export interface Speech {
  readonly statements: readonly {
    readonly componentId: string;
    readonly status: ComponentStatus;
  }[];
  /** `ends` it resolves, and states nothing itself; `goes_on` it states a status that is not resolved; `unchanged` none. */
  readonly incident: 'ends' | 'goes_on' | 'unchanged';
  readonly source: string;
  readonly place: Place;
}

export interface MaintenanceStanding {
  /** Null: not said so far. */
  componentIds: readonly string[] | null;
  /** Steps that took their place before anyone said which components they are about. */
  waiting: WaitingStep[];
}

export interface WaitingStep {
  readonly step: 'starts' | 'ends';
  readonly source: string;
  readonly place: Place;
}
