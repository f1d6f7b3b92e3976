/** Events whose hash covers another time than recordedAt: through export, restore, bundles and proof. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readRecordedLine, recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, START } from '../../schemas/ids.ts';
import { formatTime, type Micros } from '../../schemas/time.ts';
import { exportPages } from '../../src/egress/export.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { ADMIN, openDoor } from '../accept/door.ts';
import { bodyOf, bundleOf, digestedAnew, headerOf, incidentLedger, minute, proved } from '../support/bundles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { nobody } from './sample.ts';

/** Another ledger with the events of the incident, of which every other was appended by a server whose clock is behind. */
async function behind(into: Ledger = openMemoryLedger()): Promise<Ledger> {
  const events = await (await incidentLedger()).readAllRecorded({ limit: 100 });
  await into.restore(
    events.map((event, index) => ({
      event: { ...event, time: event.occurredAt, extensions: {} } as unknown as NewEvent,
      stream: event.stream,
      actor: nobody,
      recordedAt: event.recordedAt,
      ...(index % 2 === 1 ? { chainedAt: (event.recordedAt - 1_234_567) as Micros } : {}),
      salt: null,
      erasedDataHash: null,
    })),
  );
  return into;
}

async function exportOf(ledger: Ledger): Promise<readonly string[]> {
  let text = '';
  for await (const page of exportPages(ledger, { after: START, stream: null })) text += page;
  return text.split('\n').slice(0, -1);
}

test('a line says chainedat only where it differs, and reads back as it was written', async () => {
  const events = await (await behind()).readAllRecorded({ limit: 100 });
  for (const [index, event] of events.entries()) {
    const line = recordedLine(event);
    equal(line.includes('"chainedat"'), index % 2 === 1);
    const read = readRecordedLine(line);
    deepEqual(typeof read === 'string' ? read : read.chainedAt, event.chainedAt);
    if (event.chainedAt === undefined) continue;
    match(line, new RegExp(`,"recordedat":"[^"]+","chainedat":"${formatTime(event.chainedAt)}","salt":`));
    for (const wrong of ['"x"', '1', `"${formatTime(event.recordedAt)}"`, 'null']) {
      const changed = line.replace(/"chainedat":"[^"]+"/, `"chainedat":${wrong}`);
      equal(readRecordedLine(changed), 'chainedat must be a time before recordedat');
    }
  }
});

for (const [backend, open] of [
  ['memory', async () => openMemoryLedger()],
  [
    'sqlite',
    async (context: TestContext) => {
      const path = join(temporaryFolder(context), 'ledger.sqlite');
      const ledger = await openSqliteLedger({ path, thread: 'here' });
      context.after(() => ledger.close());
      return ledger;
    },
  ],
] as const) {
  test(`an export restores to the same times and the same chain (${backend})`, async (context) => {
    const lines = await exportOf(await behind(await open(context)));
    ok(lines.some((line) => line.includes('"chainedat"')));
    const ledger = await open(context);
    const { accept } = openDoor({ ledger });
    const texts = lines.map((text) => ({ text }));
    deepEqual((await accept.restore(texts, ADMIN)).rejected, []);
    deepEqual(await exportOf(ledger), lines);
    deepEqual((await verifyLedger(ledger)).findings, []);
    // Hashes are stated in the lines: another time does not give them.
    const other = openDoor({ ledger: await open(context) });
    const tampered = texts.map(({ text }) => ({
      text: text.replace(/"chainedat":"2022-12-13T1/, '"chainedat":"2022-12-13T0'),
    }));
    await other.accept.restore(tampered, ADMIN).then(
      () => ok(false, 'taken'),
      (failure: { code: string }) => equal(failure.code, 'HASH_MISMATCH'),
    );
  });
}

test('a line whose chainedat no export writes is refused by name', async () => {
  const lines = await exportOf(await behind());
  const text = lines[1]?.replace(/"chainedat":"[^"]+"/, '"chainedat":"2099-01-01T00:00:00Z"') ?? '';
  const { rejected } = await openDoor().accept.restore([{ text }], ADMIN);
  deepEqual(
    rejected.map(({ code, path }) => [code, path]),
    [['EVIDENCE_INVALID', '/chainedat']],
  );
});

test('a bundle proves what was hashed, and a changed chainedat is found in its line', async () => {
  const bundle = await bundleOf(await behind());
  const { ok: holds, findings } = await proved(bundle);
  deepEqual([holds, findings], [true, []]);
  const body = bodyOf(bundle);
  const at = body.findIndex((line) => line.includes('"chainedat"'));
  const changed = body.with(at, (body[at] ?? '').replace(/"chainedat":"2022-12-1/, '"chainedat":"2022-12-0'));
  const tampered = await proved(digestedAnew(headerOf(bundle), changed));
  deepEqual(
    tampered.findings.map(({ kind, line }) => [kind, line]),
    [['hash', at + 2]],
  );
});

test('where the hash does not cover recordedAt, it must follow from the events before', async () => {
  const events = await (await incidentLedger()).readAllStored({ limit: 100 });
  const ledger = await behind();
  // As if nothing had been restored: then no event can be missing that would explain a later recordedAt.
  const head = { ...(await ledger.head()), restoredUpTo: null };
  const { findings } = await verifyLedger({ ...readerOf(ledger), head: async () => head });
  const jumps = events.flatMap(({ recordedAt, position }, index) =>
    index % 2 === 1 && recordedAt > (events[index - 1]?.recordedAt ?? minute(0)) ? [position] : [],
  );
  deepEqual(
    findings.map(({ kind, position }) => [kind, position]),
    jumps.map((position: Position) => ['order', position]),
  );
});

function readerOf(ledger: Ledger): Ledger {
  const names = ['readAllStored', 'retractedAmong', 'eventByKey', 'streamHead'] as const;
  return Object.fromEntries(names.map((name) => [name, ledger[name].bind(ledger)])) as unknown as Ledger;
}
