/** Opens the door. */
import type { Clock, NewId } from '../clock.ts';
import { MusterbookError } from '../errors.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Accept, FactsResult } from './accept.ts';
import { runCommand, runCommandFrom } from './commands.ts';
import type { ErasureDoor } from './erasure.ts';
import { FactBatch } from './facts.ts';
import { LeftOut } from './left-out.ts';
import { restoreLines } from './restore.ts';
import { Turns } from './turns.ts';

export interface AcceptParts extends ErasureDoor {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Names the events that commands make. */
  readonly newId: NewId;
  /** `source` of the events that commands make, for example `musterbook`. */
  readonly source: string;
}

export function createAccept(parts: AcceptParts): Accept {
  const door = { ...parts, turns: new Turns(), leftOut: new LeftOut() };
  return {
    facts: (records, caller) => new FactBatch(door, caller, records).append(),
    factsInOrder(caller) {
      let firstIndex = 0;
      let before: Promise<FactsResult | null> = Promise.resolve(null);
      return (records) => {
        const batch = new FactBatch(door, caller, records, firstIndex);
        firstIndex += records.length;
        const result = before.then(() => batch.append());
        before = result;
        // Whoever awaits `result` sees the failure; here it only keeps later batches from being appended.
        before.catch(() => {});
        return result;
      };
    },
    command: (command, caller) => runCommand(door, command, caller),
    commandFrom: (kind, input, caller) => runCommandFrom(door, kind, input, caller),
    async restore(records, caller) {
      if (!caller.roles.has('admin')) throw new MusterbookError('FORBIDDEN', 'restoring needs the role admin');
      return restoreLines(parts, records);
    },
  };
}
