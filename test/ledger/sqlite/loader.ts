/** A process for the kill test: appends until it is killed, and prints the id of each acknowledged event. */
import { writeSync } from 'node:fs';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { facts, sample } from '../sample.ts';

const ledger = await openSqliteLedger({ path: process.argv[2] ?? '', thread: 'worker' });
const callers = Array.from({ length: 8 }, async (_, caller) => {
  for (let turn = 0; ; turn += 1) {
    const events = Array.from({ length: 1 + (turn % 5) }, (_, index) =>
      sample(`${caller}-${turn}-${index}`, { subject: `c${caller % 3}` }),
    );
    await ledger.append(facts(events));
    writeSync(1, events.map((event) => `${event.id}\n`).join(''));
  }
});
await Promise.all(callers);
