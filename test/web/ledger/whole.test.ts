/** Whole ledgers of every kind, which the browser's verifier proves as the server's own proof does. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Micros } from '../../../schemas/time.ts';
import type { Ledger } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { makeCheckpoint, verifyLedger } from '../../../src/ledger/verify.ts';
import { at, erasure, facts, request, sample } from '../../ledger/sample.ts';
import { openMirroredLedger } from '../../ledger/sqlite/mirrored-ledger.ts';
import { historyOf } from '../../support/histories.ts';
import { restorable } from '../../support/restorable.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { ERASED, exportOf, history, statedOf, verified, verifiedText } from './exported.ts';

async function assertSameAsServer(ledger: Ledger): Promise<void> {
  const checkpoint = await makeCheckpoint(ledger);
  const theirs = await verifyLedger(ledger, { checkpoint });
  const ours = await verifiedText(ledger, await exportOf(ledger), { isHeldAgainstCheckpoint: true });
  deepEqual([theirs.ok, ours.findings, ours.endProved], [true, [], true]);
  deepEqual(
    [ours.position, ours.events, ours.streams, ours.erased, ours.ends],
    [theirs.position, theirs.events, theirs.streams, theirs.erased.length, checkpoint.ends],
  );
  deepEqual(
    ours.erasures,
    theirs.erasures.map(({ at: _at, ...erasure }) => erasure),
  );
}

test('a whole ledger verifies as the server’s own proof says, with what was erased and by whom', async (context) => {
  const ledger = await history(context);
  await assertSameAsServer(ledger);
  const { erased, erasures } = await verifiedText(ledger, await exportOf(ledger));
  deepEqual(
    [erased, erasures],
    [1, [{ position: ERASED, stream: 'cluster-🦆', retractedBy: 41, by: 'ada', reason: 'mistaken' }]],
  );
});

test('without a checkpoint the end is unproved, with one of an earlier position it is proved as far', async (context) => {
  const ledger = await history(context);
  const early = await makeCheckpoint(ledger);
  equal((await verifiedText(ledger, await exportOf(ledger))).endProved, false);
  await ledger.append(facts([sample('later'), sample('new', { subject: 'new' })]));
  const found = await verified(async () => new Blob([await exportOf(ledger)]).stream(), await statedOf(ledger), early);
  deepEqual([found.findings, found.endProved, found.events], [[], true, 43]);
});

test('an empty ledger verifies', async (context) => {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  context.after(() => ledger.close());
  await assertSameAsServer(ledger);
});

test('histories of all events, restored, verify whatever their seed', async (context) => {
  for (const seed of [1, 2, 3]) {
    context.diagnostic(`seed ${seed}`);
    const path = join(temporaryFolder(context), 'ledger.sqlite');
    const ledger = await openSqliteLedger({ path, thread: 'here' });
    context.after(() => ledger.close());
    await ledger.restore(historyOf({ seed, events: 400 }).map(restorable));
    await assertSameAsServer(ledger);
  }
});

test('a mirrored record at positions with gaps verifies', async (context) => {
  const path = join(temporaryFolder(context), 'mirror.sqlite');
  let minutes = 0;
  const ledger = await openMirroredLedger({ path, thread: 'here', clock: () => at(minutes++) });
  context.after(() => ledger.close());
  const events = Array.from({ length: 20 }, (_none, index) => sample(`e${index}`, { subject: `c${index % 3}` }));
  for (const event of events) await ledger.append(facts([event]));
  await ledger.append(facts([erasure('gone', events[4] ?? sample(''))]));
  ok((await ledger.head()).position > 21);
  await assertSameAsServer(ledger);
});

/** Every other event was appended by a server whose clock is behind. */
async function chained(context: TestContext): Promise<Ledger> {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  context.after(() => ledger.close());
  await ledger.restore(
    historyOf({ seed: 5, events: 60 }).map((event, index) => ({
      ...restorable(event),
      ...(index % 2 === 1 ? { chainedAt: (event.recordedAt - 1_234_567) as Micros } : {}),
    })),
  );
  return ledger;
}

test('where the hash covers another time than recordedat, it is that which is hashed', async (context) => {
  const ledger = await chained(context);
  await assertSameAsServer(ledger);
  const text = await exportOf(ledger);
  const changed = text.replace(
    /("chainedat":"[^"]+)(\d)Z/,
    (_all, start: string, last: string) => `${start}${9 - Number(last)}Z`,
  );
  equal((await verifiedText(ledger, changed)).findings[0]?.kind, 'hash');
  const { findings } = await verified(async () => new Blob([text]).stream(), {
    ...(await statedOf(ledger)),
    restoredUpTo: 0,
  });
  ok(
    findings.every(({ kind, message }) => kind === 'order' && /does not follow from the times/.test(message)),
    JSON.stringify(findings),
  );
});

test('characters and lines may be spread over pieces of any length', async (context) => {
  const ledger = await history(context);
  const text = await exportOf(ledger);
  for (const bytes of [1, 2, 3, 7, 63, 4_096, 1_000_000]) {
    const { findings, events } = await verifiedText(ledger, text, { bytes });
    deepEqual([findings, events], [[], 41], `pieces of ${bytes} bytes`);
  }
});

test('what is erased while it is read is no finding, though the retraction stands behind the end', async (context) => {
  const ledger = await history(context);
  const stated = await statedOf(ledger);
  const before = await exportOf(ledger);
  await ledger.append([request([erasure('gone too', sample('e21', { subject: 'web' }))])]);
  const lines = (await exportOf(ledger)).split('\n');
  const first = [...before.split('\n').slice(0, 20), ...lines.slice(20, 41), ''].join('\n');
  const asked: number[] = [];
  const { findings, erased, erasures, events } = await verified(async (after) => {
    asked.push(after);
    return new Blob([after === 0 ? first : `${lines[41]}\n`]).stream();
  }, stated);
  deepEqual([findings, erased, events, asked], [[], 2, 42, [0, 41]]);
  deepEqual(
    erasures.map(({ position, retractedBy }) => [position, retractedBy]),
    [
      [ERASED, 41],
      [21, 42],
    ],
  );
});

test('the worked example of docs/ledger-port.md is hashed as it says', async () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'ledger-port.md'), 'utf8');
  const value = (name: string): string => new RegExp(`^${name}: +(.+)$`, 'm').exec(page)?.[1] ?? '';
  const own = `"position":1,"stream":"${value('stream')}","revision":0,"recordedat":"2022-12-13T20:14:01.500Z"`;
  const line = `${value('envelope').slice(0, -1)},"data":${value('data')},${own},"salt":"${value('salt')}","hash":"${value('hash')}"}\n`;
  const stated = { position: 1, events: 1, streams: 1, ends: value('ends'), restoredUpTo: 0 };
  const { findings, ends } = await verified(async (after) => new Blob(after === 0 ? [line] : []).stream(), stated);
  deepEqual([findings, ends], [[], value('ends')]);
});
