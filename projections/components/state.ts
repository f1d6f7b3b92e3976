/** What is known of all components: plain JSON. It grows with components, incidents and maintenances, not with events. */
import type { Micros } from '../../schemas/time.ts';
import type { Visibility } from '../../schemas/words.ts';
import type { Keyed } from '../record.ts';
import type { Act } from './acts.ts';
import type { Register } from './register.ts';

export interface ComponentsState {
  /** By component, in the order in which they were first registered. */
  readonly registrations: Keyed<Registration>;
  registers: Registers;
  /** By incident: what its first declaration says. Absent: none has folded. */
  readonly incidents: Keyed<Visibility>;
  /** By maintenance: the components it is about. Absent: no one has said so far. */
  readonly maintenances: Keyed<readonly string[]>;
  /** Null while nothing waits. */
  waiting: Waiting | null;
  /** The latest effective time folded. */
  latestEffectiveAt: Micros | null;
}

export interface Registers {
  /** Over all statements. */
  readonly all: Register;
  /** Over public statements alone: what the status page shows. */
  readonly page: Register;
}

/**
 * An act before its subject's opening event counts at its own place, but what it means follows from that event. Until
 * then: the registers as they were before the first such act, and every act since, to be taken again once it is known.
 */
interface Waiting {
  readonly before: Registers;
  readonly acts: Act[];
}

interface Registration {
  readonly name: string;
  readonly group: string | null;
  readonly description: string | null;
  readonly clusterId: string | null;
  readonly jobIds: readonly string[];
  readonly source: string;
  /** When it was first registered, and when it was last. */
  readonly registeredAt: Micros;
  readonly restatedAt: Micros;
  retired: boolean;
}
