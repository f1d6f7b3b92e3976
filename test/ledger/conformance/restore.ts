import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedEvent } from '../../../schemas/event.ts';
import { streamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import type { Ledger, RestoreEvent } from '../../../src/ledger/port.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import type { OpenLedger } from '../conformance.ts';
import { at, cluster, erasure, facts, nobody, request, retraction, sample } from '../sample.ts';

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

export function restoreCases(open: OpenLedger): void {
  test('a restored ledger has the same events, times and hashes, and remembers that it was restored', async (context) => {
    const times = [at(1), at(2), at(3)];
    const original = await open(context, () => times.shift() as Micros);
    await original.append(facts([sample('a'), sample('b', { time: null })]));
    await original.append([
      request([sample('c', { subject: 'db' })], 'any', { authType: 'service_account', authId: 'ada' }),
    ]);
    await original.append(facts([retraction('r', sample('a'))]));
    const copy = await open(context, () => at(9));
    const outcomes = await copy.restore(await exportOf(original));
    deepEqual(
      outcomes.map((outcome) => outcome.kind),
      ['appended', 'appended', 'appended', 'appended'],
    );
    deepEqual(await copy.readAllRecorded({ limit: 9 }), await original.readAllRecorded({ limit: 9 }));
    equal((await copy.retractedBy((await copy.head()).position)) ?? null, null);
    equal((await copy.head()).restoredUpTo, 4);
    await copy.append(facts([sample('later')]));
    deepEqual((await copy.eventAt((await copy.head()).position))?.recordedAt, at(9));
    equal((await copy.head()).restoredUpTo, 4);
    ok((await verifyLedger(copy)).ok);
  });

  test('an erased event is restored without its data, and the chain verifies', async (context) => {
    const original = await open(context);
    await original.append(facts([sample('a'), sample('secret'), sample('b')]));
    const [, before] = await original.readAllRecorded({ limit: 9 });
    await original.append(facts([erasure('r', sample('secret'))]));
    const events = await exportOf(original);
    const copy = await open(context);
    await copy.restore(events);
    const [, erased] = await copy.readAllRecorded({ limit: 9 });
    deepEqual([erased?.erased, erased?.data, erased?.dataText, erased?.salt], [true, {}, null, null]);
    deepEqual([erased?.dataHash, erased?.hash], [before?.dataHash, before?.hash]);
    const proof = await verifyLedger(copy);
    deepEqual([proof.ok, proof.erased], [true, [2]]);
    const [again] = await copy.append(facts([sample('secret', { data: { leaderId: 'anything' } })]));
    deepEqual(again, { kind: 'duplicate', positions: [2] });
  });

  test('it goes on over several calls, skips duplicates and refuses other content under a known id', async (context) => {
    const ledger = await open(context);
    await ledger.restore([restored('a', at(1))]);
    const outcomes = await ledger.restore([
      restored('a', at(1)),
      { ...restored('a', at(2)), event: sample('a', { data: { leaderId: 'other' } }) },
      restored('b', at(2)),
    ]);
    deepEqual(outcomes, [
      { kind: 'duplicate', positions: [1] },
      { kind: 'id-reused', index: 0, existing: 1 },
      { kind: 'appended', positions: [2], revision: 1, recordedAt: at(2) },
    ]);
    equal((await ledger.head()).restoredUpTo, 2);
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
    await begun.restore([restored('a', at(1))]);
    await begun.append(facts([sample('b')]));
    await rejects(begun.restore([restored('c', at(9))]), { code: 'LEDGER_NOT_EMPTY' });
    equal((await begun.head()).restoredUpTo, 1);
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
