// Holds E1 and E2 of docs/invariants.md.
import { deepEqual, equal } from 'node:assert/strict';
import { START } from '../../../schemas/ids.ts';
import type { NewRejection } from '../../../src/ledger/port.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import type { Suite } from '../conformance.ts';
import {
  at,
  cluster,
  erasure,
  facts,
  nth,
  placed,
  positionsOf,
  request,
  retraction,
  sample,
  withoutPositions,
} from '../sample.ts';

const secret = sample('secret', { data: { leaderId: 'hunter2' } });

const refused = (record: string, parts: Partial<NewRejection> = {}): NewRejection => ({
  ...{ at: at(0), door: 'http', code: 'EVENT_ID_REUSED', message: 'another hunter2', path: '/id' },
  ...{ record, truncated: false },
  ...parts,
});

export function erasureCases({ open, test }: Suite): void {
  test('an erased event keeps its place, envelope, data digest and hash, and the chain verifies', async (context) => {
    const ledger = await open(context);
    const place = nth(await placed(ledger, [sample('a'), secret, sample('b')]), 1);
    const before = await ledger.eventAt(place);
    const by = { authType: 'service_account', authId: 'ada' };
    const [retractedBy] = positionsOf(await ledger.append([request([erasure('r', secret)], 'any', by)]));
    const after = await ledger.eventAt(place);
    deepEqual(after, { ...before, erased: true, data: {}, dataText: null, salt: null });
    deepEqual(await ledger.eventByKey(secret), after);
    deepEqual((await ledger.readStreamRecorded(cluster('web'), { limit: 9 }))[1], after);
    deepEqual(
      (await ledger.readAll({ limit: 9 })).map(({ erased }) => erased),
      [false, true, false, false],
    );
    const proof = await verifyLedger(ledger);
    deepEqual([proof.ok, proof.erased, proof.findings], [true, [place], []]);
    deepEqual(proof.erasures, [
      {
        position: place,
        stream: 'cluster-web',
        retractedBy,
        by: 'ada',
        at: '2022-12-13T20:00:00.000Z',
        reason: 'mistaken',
      },
    ]);
  });

  test('once scrubbing is done, nothing is owed', async (context) => {
    const ledger = await open(context);
    await ledger.scrub();
    await ledger.append(facts([secret, erasure('r', secret)]));
    await ledger.scrub();
    await ledger.scrub();
    equal((await ledger.eventByKey(secret))?.erased, true);
  });

  test('the erased event again is a duplicate, whatever its content', async (context) => {
    const ledger = await open(context);
    const [place] = await placed(ledger, [secret, erasure('r', secret)]);
    const other = sample('secret', { type: 'NodeJoined', time: at(9), data: { nodeId: 'n9' } });
    const duplicate = { kind: 'duplicate', positions: [place] };
    deepEqual(await ledger.append(facts([secret, other])), [duplicate, duplicate]);
    deepEqual(await ledger.append([request([sample('secret', { data: {} })], 'none')]), [duplicate]);
    equal((await ledger.head()).events, 2);
  });

  test('the erased event again in another stream is a duplicate too', async (context) => {
    const ledger = await open(context);
    const [place] = await placed(ledger, [secret, erasure('r', secret)]);
    deepEqual(await ledger.append(facts([{ ...secret, subject: 'db' }])), [{ kind: 'duplicate', positions: [place] }]);
    equal((await ledger.head()).events, 2);
  });

  test('what was retracted before can be erased later; the first retraction stays the one that counts', async (context) => {
    const ledger = await open(context);
    const later = [retraction('r1', secret), erasure('r2', secret), erasure('r3', secret)];
    const positions = await placed(ledger, [secret, ...later]);
    equal((await ledger.eventAt(nth(positions, 0)))?.erased, true);
    equal((await ledger.retractedBy(nth(positions, 0)))?.id, 'r1');
    const { ok, erasures } = await verifyLedger(ledger);
    deepEqual([ok, erasures.map(({ retractedBy }) => retractedBy)], [true, [nth(positions, 2)]]);
  });

  test('erasing a retraction, the unknown, or what is in another stream is kept without effect', async (context) => {
    const ledger = await open(context);
    const first = retraction('r1', secret);
    await ledger.append(facts([secret, first, erasure('r2', first), erasure('r3', sample('unknown'))]));
    await ledger.append(facts([{ ...erasure('r4', secret), subject: 'db' }]));
    deepEqual(
      (await ledger.readAll({ limit: 9 })).map(({ erased }) => erased),
      [false, false, false, false, false],
    );
    const { ok, erased } = await verifyLedger(ledger);
    deepEqual([ok, erased], [true, []]);
  });

  test('an erasure that is rolled back with its request erases nothing', async (context) => {
    const ledger = await open(context);
    await ledger.keepRejections([refused(JSON.stringify(secret))]);
    const [place] = await placed(ledger, [secret, sample('known')]);
    const clash = sample('known', { data: { leaderId: 'other' } });
    const [outcome] = await ledger.append([request([erasure('r', secret), clash])]);
    equal(outcome?.kind, 'id-reused');
    deepEqual((await ledger.eventAt(place ?? START))?.data, secret.data);
    equal((await ledger.rejections({ limit: 1 })).rejections[0]?.record, JSON.stringify(secret));
  });

  test('kept rejections lose the text of an erased event, those of others stay', async (context) => {
    const ledger = await open(context);
    const { source, id } = secret;
    const lengthy = { source, id, data: 'x'.repeat(70_000) };
    const escaped = `{"source":"${source}","id":"secr\\u0065t","data":"hunter2"}`;
    const kept = [
      refused(JSON.stringify({ ...secret, source: 'test://other' })),
      refused(JSON.stringify(sample('secret-too'))),
      refused(JSON.stringify({ source, id: 'r0', data: { eventSource: source, eventId: id } })),
    ];
    const gone = [
      refused(JSON.stringify(secret)),
      refused(escaped),
      refused(JSON.stringify(lengthy), { code: 'EVENT_TOO_LARGE' }),
      refused(`{"source":"${source}","id":"secret","id":"b","data":1}`, { code: 'JSON_DUPLICATE_KEY' }),
      refused(`{"id":"secret","source":"${source}","data":`, { code: 'JSON_UNREADABLE' }),
    ];
    await ledger.keepRejections([...kept, ...gone]);
    await ledger.append(facts([secret, erasure('r', secret)]));
    // And one that was on its way meanwhile.
    await ledger.keepRejections([refused(JSON.stringify(secret)), refused(JSON.stringify(sample('b')))]);
    const { rejections, total } = await ledger.rejections({ limit: 20 });
    const texts = rejections.toReversed().map(({ record, message, path }) => [record, message, path]);
    const whole = (each: NewRejection) => [each.record, each.message, each.path];
    const blank = ['', 'erased', null];
    deepEqual(texts, [
      ...kept.map(whole),
      ...gone.map(() => blank),
      blank,
      whole(refused(JSON.stringify(sample('b')))),
    ]);
    equal(total, 10);
  });

  test('a restore erases what a restored retraction erases, and keeps the chain', async (context) => {
    const original = await open(context);
    const known = await placed(original, [sample('a'), secret]);
    const events = await original.readAllRecorded({ limit: 9 });
    await original.append(facts([erasure('r', secret)]));
    const whole = [...events, ...(await original.readAllRecorded({ after: nth(known, 1), limit: 9 }))];
    const copy = await open(context);
    await copy.restore(
      whole.map((event) => ({
        event: { ...event, time: event.occurredAt, extensions: {} },
        actor: { authType: 'unauthenticated', authId: null },
        recordedAt: event.recordedAt,
        chainedAt: event.chainedAt,
        salt: event.salt,
        erasedDataHash: null,
      })),
    );
    deepEqual(await withoutPositions(copy), await withoutPositions(original));
    equal((await verifyLedger(copy)).ok, true);
  });
}
