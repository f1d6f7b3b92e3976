/** A mirror says what its source says, at the record's positions, and takes nothing that does not follow. */
import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import type { Position } from '../../../schemas/ids.ts';
import { openMemoryLedger } from '../../../src/ledger/memory/ledger.ts';
import type { Mirror, MirroredEvent } from '../../../src/ledger/mirror.ts';
import type { Ledger } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { openMirror } from '../../../src/ledger/sqlite/mirror.ts';
import { openSqliteReader } from '../../../src/ledger/sqlite/reader.ts';
import { openForWriting } from '../../../src/ledger/sqlite/schema.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { at, cluster, erasure, facts, nth, retraction, sample } from '../sample.ts';
import { batch, recordOf, rehashed, shifted } from './mirrored.ts';

const placeOf = (context: TestContext): string => join(temporaryFolder(context), 'mirror.sqlite');

async function open(context: TestContext, path = placeOf(context)): Promise<Mirror> {
  const mirror = await openMirror({ path, thread: 'here' });
  context.after(() => mirror.close());
  return mirror;
}

/** Ten events in two streams, the third retracted. */
async function told(): Promise<Ledger> {
  const ledger = openMemoryLedger({ clock: () => at(0) });
  const events = Array.from({ length: 9 }, (_, index) => sample(`e${index}`, { subject: index % 3 ? 'web' : 'db' }));
  await ledger.append(facts([...events, retraction('r', events[2] ?? sample(''))]));
  return ledger;
}

test('a mirror begins with no record and no cursor, is adopted once, and goes on at its cursor', async (context) => {
  const path = placeOf(context);
  const record = await recordOf(await told());
  const first = await open(context, path);
  deepEqual([first.recordId, first.cursor, (await first.head()).position], [null, null, 0]);
  await first.adopt('record-1');
  await first.adopt('record-1');
  await rejects(first.adopt('record-2'), { code: 'LEDGER_FOREIGN' });
  await first.take(batch(record.slice(0, 6)));
  await first.close();
  const again = await open(context, path);
  deepEqual([again.recordId, again.cursor], ['record-1', `after ${shifted(6)}`]);
  await rejects(again.adopt('record-2'), { code: 'LEDGER_FOREIGN' });
  await again.take(batch(record.slice(6)));
  deepEqual(await again.head(), {
    position: shifted(10),
    recordedAt: at(0),
    events: 10,
    streams: 2,
    restoredUpTo: null,
  });
  const { ok: proved, findings } = await verifyLedger(again);
  deepEqual([proved, findings], [true, []]);
  await again.close();
  await rejects(again.take(batch([])), { code: 'LEDGER_CLOSED' });
});

test('an empty batch moves the cursor alone', async (context) => {
  const mirror = await open(context);
  await mirror.take(batch([], { cursor: 'further' }));
  deepEqual([mirror.cursor, (await mirror.head()).position], ['further', 0]);
});

const flipped = (bytes: Uint8Array | null): Uint8Array =>
  Uint8Array.from(bytes ?? [0], (byte, index) => (index ? byte : byte ^ 1));

const BREAKS: readonly (readonly [
  what: string,
  broken: (event: MirroredEvent) => Partial<MirroredEvent>,
  reason: RegExp,
])[] = [
  ['its data', ({ dataText }) => ({ dataText: `${dataText} ` }), /hash is not that/],
  [
    'its envelope',
    ({ envelope }) => ({ envelope: envelope.replace('LeaderElected', 'LeaderElecteD') }),
    /hash is not that/,
  ],
  ['its salt', ({ salt }) => ({ salt: flipped(salt) }), /hash is not that/],
  ['its hash', ({ hash }) => ({ hash: flipped(hash) }), /hash is not that/],
  ['its time', ({ chainedAt }) => ({ chainedAt: (chainedAt + 1) as typeof chainedAt }), /hash is not that/],
  ['its salt away', () => ({ salt: null }), /is missing/],
  ['its data away, with no digest', () => ({ dataText: null, salt: null }), /either data or the digest/],
  [
    'its data away, with another digest',
    ({ hash }) => ({ dataText: null, salt: null, dataHash: hash }),
    /hash is not that/,
  ],
  ['its revision', ({ revision }) => ({ revision: (revision + 1) as typeof revision }), /revision 3 was due/],
  ['its stream', () => ({ stream: cluster('new') }), /revision 0 was due/],
  ['its stream to none of a ledger', () => ({ stream: 'other-x' as never }), /none of a ledger/],
  ['its position to one before', ({ position }) => ({ position: (position - 100) as Position }), /not above/],
];

for (const [what, change, reason] of BREAKS) {
  test(`a record that changed ${what} is taken up to there, and no further`, async (context) => {
    const record = await recordOf(await told());
    const mirror = await open(context);
    await mirror.take(batch(record.slice(0, 2), { cursor: 'before' }));
    const whole = nth(
      record.map(({ position }) => position),
      6,
    );
    const changed = record.map((event, index) => (index === 5 ? { ...event, ...change(event) } : event));
    const found = changed[5] as MirroredEvent;
    await rejects(mirror.take(batch(changed.slice(2))), (failure: { code: string; facts: Record<string, unknown> }) => {
      const { position, stream, revision } = found;
      equal(failure.code, 'CHAIN_BROKEN');
      deepEqual({ ...failure.facts, reason: null }, { position, stream, revision, reason: null });
      return reason.test(String(failure.facts['reason']));
    });
    deepEqual([(await mirror.head()).position, mirror.cursor], [shifted(5), 'before']);
    ok((await verifyLedger(mirror)).ok);
    // The record is mended: what was taken comes again with the rest.
    await mirror.take(batch(record.slice(2)));
    deepEqual([(await mirror.head()).events, (await mirror.eventAt(whole))?.id], [10, 'e6']);
    ok((await verifyLedger(mirror)).ok);
  });
}

test('a stream that holds a source and id twice is broken there; two streams may each hold them once', async (context) => {
  const store = openMemoryLedger({ clock: () => at(0) });
  const other = openMemoryLedger({ clock: () => at(0) });
  await store.append(facts([sample('a'), sample('b')]));
  await other.append(
    facts([sample('a', { subject: 'db', data: { leaderId: 'n2' } }), retraction('r', sample('a', { subject: 'db' }))]),
  );
  const [a, b] = (await recordOf(store)) as [MirroredEvent, MirroredEvent];
  const elsewhere = (await recordOf(other)).map((event) => ({
    ...event,
    position: (event.position + 1_000) as Position,
  }));
  const mirror = await open(context);
  await mirror.take(batch([a, b, ...elsewhere]));
  const key = { source: a.source, id: 'a' };
  equal((await mirror.eventByKey(key))?.stream, cluster('web'));
  equal((await mirror.eventByKey(key, cluster('db')))?.stream, cluster('db'));
  const known = await mirror.known(cluster('db'), [key, { source: a.source, id: 'b' }, { source: 'x', id: 'a' }]);
  deepEqual(
    known.map((event) => event && [event.stream, event.position, event.type, event.time, event.dataText]),
    [
      [cluster('db'), elsewhere[0]?.position, 'LeaderElected', at(0), '{"leaderId":"n2"}'],
      [cluster('web'), b.position, 'LeaderElected', at(0), b.dataText],
      null,
    ],
  );
  // A retraction takes back the one in its own stream.
  equal(await mirror.retractedBy(a.position), null);
  equal((await mirror.retractedBy(elsewhere[0]?.position ?? a.position))?.id, 'r');
  ok((await verifyLedger(mirror)).ok);
  const twice = rehashed({ ...a, position: (a.position + 5_000) as Position, revision: 2 as never }, b.hash);
  await rejects(mirror.take(batch([twice])), {
    code: 'CHAIN_BROKEN',
    message: /source and id are in its stream already/,
  });
});

test('clocks that fall: recordedAt is their running maximum, the chain covers what each said', async (context) => {
  const store = openMemoryLedger({ clock: () => at(0) });
  await store.append(facts(Array.from({ length: 6 }, (_, index) => sample(`e${index}`, { time: null }))));
  const said = [5, 3, 7, 7, 6, 8];
  let previous: Uint8Array | null = null;
  const record = (await recordOf(store)).map((event, index) => {
    const link = rehashed({ ...event, chainedAt: at(said[index] ?? 0) }, previous);
    previous = link.hash;
    return link;
  });
  const mirror = await open(context);
  await mirror.take(batch(record));
  const events = await mirror.readAllRecorded({ limit: 9 });
  deepEqual(
    events.map((event) => [event.recordedAt, event.chainedAt, event.effectiveAt]),
    [
      [at(5), undefined, at(5)],
      [at(5), at(3), at(5)],
      [at(7), undefined, at(7)],
      [at(7), undefined, at(7)],
      [at(7), at(6), at(7)],
      [at(8), undefined, at(8)],
    ],
  );
  deepEqual(
    (await mirror.readAllStored({ limit: 9 })).map(({ chainedAt }) => chainedAt),
    events.map(({ chainedAt }) => chainedAt),
  );
  equal((await verifyLedger(mirror)).ok, true);
  for (const change of [
    `UPDATE chained SET at = at - 1 WHERE position = ${shifted(2)}`,
    `DELETE FROM chained WHERE position = ${shifted(2)}`,
    `UPDATE event SET recorded_at = recorded_at + 1 WHERE position = ${shifted(2)}`,
  ]) {
    const path = placeOf(context);
    const other = await open(context, path);
    await other.take(batch(record));
    await other.close();
    const database = openForWriting(path, 'mirror');
    database.exec(change);
    database.close();
    const reader = openSqliteReader(path);
    const { findings } = await verifyLedger(reader);
    equal(findings[0]?.position, shifted(2), change);
    await reader.close();
  }
});

test('what is erased is gone from the files of a mirror, rejections included, and what came erased stays so', async (context) => {
  const path = placeOf(context);
  const store = openMemoryLedger({ clock: () => at(0) });
  const secret = sample('secret', { data: { leaderId: 'hunter2' } });
  await store.append(facts([sample('a'), secret, sample('b')]));
  const before = await recordOf(store);
  await store.append(facts([erasure('r', secret)]));
  const record = await recordOf(store);
  const mirror = await open(context, path);
  const rejection = { at: at(0), door: 'http', code: 'A', message: 'hunter2', path: null, truncated: false };
  const rejections = [{ ...rejection, seq: 7, record: JSON.stringify(secret) }];
  await mirror.take(batch(before, { rejections }));
  deepEqual(await mirror.rejections({ limit: 9 }), { rejections, dropped: 7, total: 1 });
  await mirror.take(batch(record.slice(3), { rejections: [...rejections, { ...rejection, seq: 8, record: 'x' }] }));
  await mirror.scrub();
  const kept = (await mirror.rejections({ limit: 9 })).rejections.map(({ seq, record: text }) => [seq, text]);
  deepEqual(kept, [
    [8, 'x'],
    [7, ''],
  ]);
  const proof = await verifyLedger(mirror);
  deepEqual([proof.ok, proof.erased], [true, [shifted(2)]]);
  deepEqual(
    readdirSync(dirname(path)).filter((name) =>
      readFileSync(join(dirname(path), name)).includes('"leaderId":"hunter2"'),
    ),
    [],
  );
  // The record was restored from an export in which the event was erased already.
  const copy = await open(context);
  await copy.take(batch(record.map((event) => ({ ...event, isRestored: event.position < shifted(4) }))));
  deepEqual([(await verifyLedger(copy)).ok, (await copy.head()).restoredUpTo], [true, shifted(3)]);
  deepEqual(await copy.readAllRecorded({ limit: 9 }), await mirror.readAllRecorded({ limit: 9 }));
});

test('what cannot be read is found where it is, however wide the gaps are', async (context) => {
  const path = placeOf(context);
  const mirror = await open(context, path);
  await mirror.take(batch(await recordOf(await told())));
  await mirror.close();
  const database = openForWriting(path, 'mirror');
  database.exec(`UPDATE event SET type_id = 77 WHERE position IN (${shifted(4)}, ${shifted(10)})`);
  database.close();
  const reader = openSqliteReader(path);
  context.after(() => reader.close());
  const { findings, events } = await verifyLedger(reader);
  const unreadable = findings.filter(({ kind }) => kind === 'unreadable').map(({ position }) => position);
  deepEqual([unreadable, events], [[shifted(4), shifted(10)], 10]);
});

test('a mirror is not opened as a ledger, nor a ledger as a mirror', async (context) => {
  const folder = temporaryFolder(context);
  const [ledgerPath, mirrorPath] = [join(folder, 'ledger.sqlite'), join(folder, 'mirror.sqlite')];
  await (await openSqliteLedger({ path: ledgerPath, thread: 'here' })).close();
  await (await openMirror({ path: mirrorPath, thread: 'here' })).close();
  for (const thread of ['here', 'worker'] as const) {
    await rejects(openSqliteLedger({ path: mirrorPath, thread }), {
      code: 'LEDGER_FOREIGN',
      message: /copy of a ledger/,
    });
    await rejects(openMirror({ path: ledgerPath, thread }), { code: 'LEDGER_FOREIGN', message: /ledger of its own/ });
  }
  throws(() => openForWriting(mirrorPath), { code: 'LEDGER_FOREIGN' });
});

test('killed while it is filled: each batch is there whole with its cursor, or not at all', async (context) => {
  const path = placeOf(context);
  const filler = spawn(process.execPath, [join(import.meta.dirname, 'filler', 'loader.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => filler.kill('SIGKILL'));
  let taken = 0;
  for await (const line of createInterface({ input: filler.stdout })) {
    taken = Number(line);
    if (taken === 60) filler.kill('SIGKILL');
  }
  if (filler.exitCode === null && filler.signalCode === null) await once(filler, 'exit');
  const mirror = await open(context, path);
  const { events } = await mirror.head();
  equal(mirror.cursor, String(events / 7));
  ok(events / 7 >= taken);
  ok((await verifyLedger(mirror)).ok);
});
