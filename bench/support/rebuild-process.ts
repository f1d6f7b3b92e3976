/** One rebuild of all projections in a process of its own, so that its memory can be told: prints what it took as JSON. */
import { join } from 'node:path';
import { PROJECTIONS } from '../../projections/list.ts';
import type { Position } from '../../schemas/ids.ts';
import { openSqliteReader } from '../../src/ledger/sqlite/reader.ts';
import { buildInThreads, removeBuilt } from '../../src/project/anew/run.ts';
import { deleteViews, openSqliteStore } from '../../src/project/sqlite/store.ts';
import { tipText } from '../../src/project/tip.ts';

/** What a rebuild took. */
export interface RebuildRun {
  readonly ms: number;
  readonly cpuMs: number;
  /** The most that the process held, in MB. */
  readonly rssMb: number;
  readonly events: number;
}

const [ledgerPath = '', folder = '', threads = '1', upToText = '0'] = process.argv.slice(2);
const viewsPath = join(folder, 'rebuilt.sqlite');
deleteViews(viewsPath);
const reader = openSqliteReader(ledgerPath);
const upTo = Number(upToText) as Position;
const names = PROJECTIONS.map(({ name }) => name);
const begun = performance.now();
const cpu = process.cpuUsage();
const { files, failures } = await buildInThreads({
  ...{ ledgerPath, module: null, names, upTo, folder },
  threads: Number(threads),
});
if (failures.size > 0) throw new Error([...failures.values()].join('; '));
// What the projector does with them, too.
const store = openSqliteStore(viewsPath);
const slots = new Map(PROJECTIONS.map(({ name, version }) => [name, store.createSlot(name, version, true).slot]));
const last = await reader.eventAt(upTo);
store.adopt({ files, slots, position: upTo, tip: last && tipText(last) });
const ms = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
store.close();
removeBuilt(folder);
await reader.close();
const run: RebuildRun = {
  ...{ ms, cpuMs: (user + system) / 1_000, events: upTo },
  rssMb: process.resourceUsage().maxRSS / 1_024,
};
process.stdout.write(JSON.stringify(run));
