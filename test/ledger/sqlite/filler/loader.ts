/** A process for the kill test: fills a mirror, seven events a batch, and prints the number of each batch taken. */
import { writeSync } from 'node:fs';
import { openMemoryLedger } from '../../../../src/ledger/memory/ledger.ts';
import { openMirror } from '../../../../src/ledger/sqlite/mirror.ts';
import { facts, sample } from '../../sample.ts';
import { batch, mirrored } from '../mirrored.ts';

const store = openMemoryLedger();
const mirror = await openMirror({ path: process.argv[2] ?? '', thread: 'worker' });
for (let turn = 1; ; turn += 1) {
  const after = (await store.head()).position;
  const events = Array.from({ length: 7 }, (_, index) => sample(`${turn}-${index}`, { subject: `c${index % 3}` }));
  await store.append(facts(events));
  const record = (await store.readAllRecorded({ after, limit: 7 })).map(mirrored);
  await mirror.take(batch(record, { cursor: String(turn) }));
  writeSync(1, `${turn}\n`);
}
