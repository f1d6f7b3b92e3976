/** A process with a ledger in a file and Kafka's way in, to be killed: `node in-process.ts FOLDER SETTINGS` (JSON). Says `taken N` as N events are in it. */
import { join } from 'node:path';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { openWayIn } from './way-in.ts';

const [folder = '', settings = ''] = process.argv.slice(2);
const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), thread: 'worker' });
openWayIn({ after() {} }, JSON.parse(settings), { ledger, sessionMs: 2_000 });
ledger.onAppend((head) => process.stdout.write(`taken ${head}\n`));
