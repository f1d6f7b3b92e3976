import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { RecordedEvent } from '../../../schemas/event.ts';
import { START, streamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { linkHash, toHex } from '../../../src/ledger/chain.ts';
import type { Ledger, RestoreEvent } from '../../../src/ledger/port.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import type { Suite } from '../conformance.ts';
import {
  at,
  cluster,
  erasure,
  facts,
  nobody,
  nth,
  placed,
  positionsOf,
  request,
  retraction,
  sample,
  withoutPositions,
} from '../sample.ts';

/** An event as an export gives it back. */
function exported(event: RecordedEvent): RestoreEvent {
  const {
    id,
    source,
    type,
    subject,
    occurredAtKnown,
    occurredAt,
    notBefore,
    synthetic,
    data,
    actor,
    recordedAt,
    chainedAt,
    salt,
  } = event;
  return {
    event: {
      id,
      source,
      type,
      subject,
      time: occurredAtKnown ? occurredAt : null,
      notBefore,
      synthetic,
      extensions: {},
      data,
    },
    actor: actor === null ? nobody : { authType: 'service_account', authId: actor },
    recordedAt,
    chainedAt,
    salt,
    erasedDataHash: event.erased ? event.dataHash : null,
  };
}
const restored = (id: string, recordedAt: Micros): RestoreEvent => ({
  event: sample(id),
  actor: nobody,
  recordedAt,
  salt: null,
  erasedDataHash: null,
});
const exportOf = async (ledger: Ledger) => (await ledger.readAllRecorded({ limit: 100 })).map(exported);

export function restoreCases({ open, test }: Suite): void {
  test('a restored ledger has the same events, times and hashes, and remembers that it was restored', async (context) => {
    let now = at(1);
    const original = await open(context, () => now);
    await original.append(facts([sample('a'), sample('b', { time: null })]));
    now = at(2);
    await original.append([
      request([sample('c', { subject: 'db' })], 'any', { authType: 'service_account', authId: 'ada' }),
    ]);
    now = at(3);
    await original.append(facts([retraction('r', sample('a'))]));
    const copy = await open(context, () => at(9));
    const outcomes = await copy.restore(await exportOf(original));
    deepEqual(
      outcomes.map((outcome) => outcome.kind),
      ['appended', 'appended', 'appended', 'appended'],
    );
    deepEqual(await withoutPositions(copy), await withoutPositions(original));
    const restoredUpTo = positionsOf(outcomes).at(-1);
    equal((await copy.retractedBy(positionsOf(outcomes)[0] ?? START))?.id, 'r');
    equal((await copy.head()).restoredUpTo, restoredUpTo);
    const [later] = await placed(copy, [sample('later')]);
    equal((await copy.head()).position, later);
    equal((await copy.eventAt(later ?? START))?.recordedAt, at(9));
    equal((await copy.head()).restoredUpTo, restoredUpTo);
    ok((await verifyLedger(copy)).ok);
  });

  test('an erased event is restored without its data, and the chain verifies', async (context) => {
    const original = await open(context);
    await original.append(facts([sample('a'), sample('secret'), sample('b')]));
    const [, before] = await original.readAllRecorded({ limit: 9 });
    await original.append(facts([erasure('r', sample('secret'))]));
    const events = await exportOf(original);
    const copy = await open(context);
    const place = nth(positionsOf(await copy.restore(events)), 1);
    const [, erased] = await copy.readAllRecorded({ limit: 9 });
    deepEqual([erased?.erased, erased?.data, erased?.dataText, erased?.salt], [true, {}, null, null]);
    deepEqual([erased?.dataHash, erased?.hash], [before?.dataHash, before?.hash]);
    const proof = await verifyLedger(copy);
    deepEqual([proof.ok, proof.erased], [true, [place]]);
    const [again] = await copy.append(facts([sample('secret', { data: { leaderId: 'anything' } })]));
    deepEqual(again, { kind: 'duplicate', positions: [place] });
  });

  test('an event whose clock was behind keeps both times, and its chain, over and over', async (context) => {
    const ledger = await open(context, () => at(9));
    const behind = { ...restored('b', at(5)), chainedAt: at(3) };
    const outcomes = await ledger.restore([restored('a', at(5)), behind, restored('c', at(6))]);
    deepEqual(
      outcomes.map((outcome) => ('recordedAt' in outcome ? outcome.recordedAt : null)),
      [at(5), at(5), at(6)],
    );
    const [first, second] = await ledger.readAllRecorded({ limit: 9 });
    deepEqual([second?.recordedAt, second?.chainedAt, first?.chainedAt], [at(5), at(3), undefined]);
    const hash = (recordedAt: Micros) =>
      linkHash({
        previous: Buffer.from(first?.hash ?? '', 'hex'),
        stream: cluster('web'),
        revision: 1,
        recordedAt,
        envelope: second?.envelope ?? '',
        dataHash: Buffer.from(second?.dataHash ?? '', 'hex'),
      });
    equal(second?.hash, toHex(hash(at(3))));
    ok((await verifyLedger(ledger)).ok);
    const copy = await open(context);
    await copy.restore(await exportOf(ledger));
    deepEqual(await withoutPositions(copy), await withoutPositions(ledger));
    await copy.append(facts([sample('later')]));
    ok((await verifyLedger(copy)).ok);
  });

  test('it goes on over several calls, skips duplicates and refuses other content under a known id', async (context) => {
    const ledger = await open(context);
    const [existing] = positionsOf(await ledger.restore([restored('a', at(1))]));
    const outcomes = await ledger.restore([
      restored('a', at(1)),
      { ...restored('a', at(2)), event: sample('a', { data: { leaderId: 'other' } }) },
      restored('b', at(2)),
    ]);
    const { position, restoredUpTo } = await ledger.head();
    deepEqual(outcomes, [
      { kind: 'duplicate', positions: [existing] },
      { kind: 'id-reused', index: 0, existing },
      { kind: 'appended', positions: [position], revision: 1, recordedAt: at(2) },
    ]);
    equal(restoredUpTo, position);
  });

  test('recordedAt that falls stops the call, and nothing of it is kept', async (context) => {
    const ledger = await open(context);
    await ledger.restore([restored('a', at(5))]);
    await rejects(ledger.restore([restored('b', at(6)), restored('c', at(4))]), { code: 'RECORDED_AT_FALLS' });
    await rejects(ledger.restore([restored('d', at(4))]), { code: 'RECORDED_AT_FALLS' });
    equal((await ledger.head()).events, 1);
    await ledger.restore([restored('b', at(5))]);
    equal((await ledger.head()).events, 2);
  });

  test('only an empty ledger can be restored into', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts([sample('a')]));
    await rejects(ledger.restore([restored('b', at(9))]), { code: 'LEDGER_NOT_EMPTY' });
    const begun = await open(context);
    const [first] = positionsOf(await begun.restore([restored('a', at(1))]));
    await begun.append(facts([sample('b')]));
    await rejects(begun.restore([restored('c', at(9))]), { code: 'LEDGER_NOT_EMPTY' });
    equal((await begun.head()).restoredUpTo, first);
  });

  test('a retraction goes to the stream of the event it names, or to the one that is given', async (context) => {
    const ledger = await open(context);
    const incident = sample('i', { type: 'ResponderAcknowledged', subject: 'x', data: { responder: 'ada' } });
    const outcomes = await ledger.restore([
      { ...restored('i', at(1)), event: incident },
      { ...restored('r', at(2)), event: retraction('r', incident) },
      { ...restored('s', at(2)), event: retraction('s', sample('elsewhere')), stream: cluster('web') },
      { ...restored('t', at(2)), event: retraction('t', sample('elsewhere')) },
    ]);
    deepEqual(
      outcomes.map((outcome) => outcome.kind),
      ['appended', 'appended', 'appended', 'wrong-revision'],
    );
    const events = await ledger.readAll({ limit: 9 });
    const stream = streamName('incident', 'x');
    deepEqual(
      events.map((event) => event.stream),
      [stream, stream, cluster('web')],
    );
  });
}
