import { deepEqual, equal } from 'node:assert/strict';
import { type Position, START, streamName } from '../../../schemas/ids.ts';
import type { AppendRequest, Ledger, ReadAll, ReadStream, StoredEvent } from '../../../src/ledger/port.ts';
import { makeCheckpoint } from '../../../src/ledger/verify.ts';
import type { Suite } from '../conformance.ts';
import { at, cluster, facts, nobody, nth, positionsOf, request, revision, sample } from '../sample.ts';

/**
 * Events 1 to 8: web, db, web, collector, incident, web, incident, web. Given back: the position of the one that has a
 * number, and the number of the one at a position. Number 0 is before them all.
 */
async function history(ledger: Ledger): Promise<History> {
  const other = (category: 'collector' | 'incident', id: string): AppendRequest => {
    const type = category === 'collector' ? 'CollectorGapRecorded' : 'ResponderAcknowledged';
    const event = sample(id, {
      type,
      subject: 'x',
      data: category === 'collector' ? { reason: 'r' } : { responder: 'ada' },
    });
    return { stream: streamName(category, 'x'), expected: 'any', events: [event], actor: nobody };
  };
  const { position: before } = await ledger.head();
  const outcomes = await ledger.append([
    request([sample('1', { time: at(-1) })]),
    request([sample('2', { subject: 'db', type: 'NodeJoined', data: { nodeId: 'n1' } })]),
    request([sample('3', { type: 'NodeJoined', data: { nodeId: 'n1' }, time: at(1) })]),
    other('collector', '4'),
    other('incident', '5'),
    request([sample('6')]),
    other('incident', '7'),
    request([sample('8')]),
  ]);
  const positions = [before, ...positionsOf(outcomes)];
  return {
    p: (number) => nth(positions, number),
    numbersOf: (events) => events.map((event) => positions.indexOf(event.position)),
  };
}

interface History {
  readonly p: (number: number) => Position;
  readonly numbersOf: (events: readonly { readonly position: Position }[]) => readonly number[];
}

export function readCases({ open, test }: Suite): void {
  test('an empty ledger has a head before everything and pages without events', async (context) => {
    const ledger = await open(context);
    deepEqual(await ledger.head(), { position: 0, recordedAt: null, events: 0, streams: 0, restoredUpTo: null });
    deepEqual(await ledger.readAll({ limit: 10 }), []);
    deepEqual(await ledger.readAll({ limit: 10, backwards: true }), []);
    deepEqual(await ledger.readStream(cluster('web'), { limit: 10 }), []);
    equal(await ledger.streamHead(cluster('web')), null);
    equal(await ledger.eventAt(1 as Position), null);
    equal(await ledger.eventByKey({ source: 'test://collector', id: '1' }), null);
  });

  test('pages of the whole ledger, in both directions, by category and type', async (context) => {
    const ledger = await open(context);
    const { p, numbersOf } = await history(ledger);
    const read = async (query: Partial<ReadAll>) => numbersOf(await ledger.readAll({ limit: 100, ...query }));
    const beyond = (by: number) => (p(8) + by) as Position;
    deepEqual(await read({}), [1, 2, 3, 4, 5, 6, 7, 8]);
    deepEqual(await read({ upTo: beyond(9), backwards: true, limit: 1 }), [8]);
    deepEqual(await read({ after: (p(3) - 1) as Position, upTo: p(3) }), [3]);
    deepEqual(await read({ after: p(3), limit: 2 }), [4, 5]);
    deepEqual(await read({ upTo: p(2) }), [1, 2]);
    deepEqual(await read({ after: p(2), upTo: p(4) }), [3, 4]);
    deepEqual(await read({ after: p(8) }), []);
    deepEqual(await read({ after: beyond(90), upTo: beyond(1) }), []);
    deepEqual(await read({ limit: 0 }), []);
    deepEqual(await read({ backwards: true, limit: 3 }), [8, 7, 6]);
    deepEqual(await read({ backwards: true, upTo: p(5), after: p(2) }), [5, 4, 3]);
    deepEqual(await read({ categories: ['incident'] }), [5, 7]);
    deepEqual(await read({ categories: ['incident', 'collector'], backwards: true }), [7, 5, 4]);
    deepEqual(await read({ categories: ['cluster'], after: p(1), limit: 2 }), [2, 3]);
    deepEqual(await read({ categories: ['cluster', 'incident'], after: p(3) }), [5, 6, 7, 8]);
    deepEqual(await read({ categories: ['maintenance'] }), []);
    deepEqual(await read({ categories: [] }), []);
    deepEqual(await read({ types: ['NodeJoined'] }), [2, 3]);
    deepEqual(await read({ types: ['LeaderElected', 'ResponderAcknowledged'], backwards: true, limit: 2 }), [8, 7]);
    deepEqual(await read({ types: ['NodeLeft'] }), []);
    deepEqual(await read({ types: [] }), []);
    deepEqual(await read({ types: ['LeaderElected'], categories: ['incident'] }), []);
    deepEqual(await read({ types: ['CollectorGapRecorded'], categories: ['collector', 'incident'] }), [4]);
  });

  test('pages of one stream, in both directions, by revision and position', async (context) => {
    const ledger = await open(context);
    const { p, numbersOf } = await history(ledger);
    const read = async (query: Partial<ReadStream>) =>
      numbersOf(await ledger.readStream(cluster('web'), { limit: 100, ...query }));
    deepEqual(await read({}), [1, 3, 6, 8]);
    deepEqual(await read({ from: revision(1), limit: 2 }), [3, 6]);
    deepEqual(await read({ to: revision(1) }), [1, 3]);
    deepEqual(await read({ upTo: p(6) }), [1, 3, 6]);
    deepEqual(await read({ upTo: p(5) }), [1, 3]);
    deepEqual(await read({ upTo: START }), []);
    deepEqual(await read({ backwards: true, limit: 2 }), [8, 6]);
    deepEqual(await read({ backwards: true, upTo: p(7), to: revision(3), limit: 1 }), [6]);
    deepEqual(await read({ backwards: true, to: revision(1), from: revision(1) }), [3]);
    deepEqual(await read({ from: revision(9) }), []);
    deepEqual(await ledger.readStream(cluster('absent'), { limit: 9 }), []);
  });

  test('places tell where events fold without their data', async (context) => {
    const ledger = await open(context);
    const { p, numbersOf } = await history(ledger);
    deepEqual(await ledger.readPlaces(cluster('web'), { limit: 2 }), [
      { position: p(1), revision: 0, effectiveAt: at(-1), type: 'LeaderElected' },
      { position: p(3), revision: 1, effectiveAt: at(0), type: 'NodeJoined' },
    ]);
    const backwards = await ledger.readPlaces(cluster('web'), { limit: 2, backwards: true, upTo: p(7) });
    deepEqual(numbersOf(backwards), [6, 3]);
  });

  test('one event by position or key, and the end of a stream', async (context) => {
    const ledger = await open(context);
    const { p, numbersOf } = await history(ledger);
    equal((await ledger.eventAt(p(4)))?.id, '4');
    equal(await ledger.eventAt((p(8) + 1) as Position), null);
    deepEqual(numbersOf(await ledger.eventsAt([p(7), (p(8) + 1) as Position, p(2), p(7)])), [2, 7]);
    const key = { source: 'test://collector', id: '5' };
    equal((await ledger.eventByKey(key))?.position, p(5));
    equal((await ledger.eventByKey(key, streamName('incident', 'x')))?.position, p(5));
    equal(await ledger.eventByKey(key, cluster('web')), null);
    equal(await ledger.eventByKey({ source: 'test://other', id: '5' }), null);
    deepEqual(await ledger.streamHead(cluster('web')), { revision: 3, position: p(8) });
    deepEqual(await ledger.streamHead(streamName('incident', 'x')), { revision: 1, position: p(7) });
  });

  test('the digest of all streams is that of a checkpoint, also of an earlier head', async (context) => {
    const ledger = await open(context);
    const streamsMax = 4;
    const empty = await ledger.digestAt({ upTo: START, streamsMax });
    equal(empty, (await makeCheckpoint(ledger)).ends);
    await ledger.append([request([sample('0')])]);
    const { position: before, ends } = await makeCheckpoint(ledger);
    await history(ledger);
    const after = await makeCheckpoint(ledger);
    equal(await ledger.digestAt({ upTo: after.position, streamsMax }), after.ends);
    equal(await ledger.digestAt({ upTo: before, streamsMax }), ends);
    equal(await ledger.digestAt({ upTo: after.position, streamsMax: 3 }), null);
  });

  test('recorded and stored pages agree with the events they are of', async (context) => {
    const ledger = await open(context);
    await history(ledger);
    const folds = await ledger.readAll({ limit: 9 });
    const recorded = await ledger.readAllRecorded({ limit: 9 });
    const stored = await ledger.readAllStored({ limit: 9 });
    recorded.forEach((event, index) => {
      const { envelope, dataText, salt, dataHash, hash, chainedAt: _chainedAt, ...fold } = event;
      deepEqual(fold, folds[index]);
      const { data: _data, ...rest } = event;
      const sealed = stored[index] as StoredEvent;
      for (const name of Object.keys(rest) as (keyof typeof rest)[]) equal(sealed[name], rest[name], name);
      deepEqual(JSON.parse(dataText ?? ''), event.data);
      deepEqual([salt?.length, dataHash.length, hash.length], [32, 64, 64]);
      equal(JSON.parse(envelope).id, event.id);
    });
    deepEqual(await ledger.readStreamRecorded(cluster('db'), { limit: 9 }), [recorded[1]]);
  });

  test('what a reader does with the data of its event reaches no other reader', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts([sample('a')]));
    const [mine] = await ledger.readAll({ limit: 1 });
    Object.assign(mine?.data ?? {}, { leaderId: 'changed' });
    const [yours] = await ledger.readAll({ limit: 1 });
    deepEqual(yours?.data, { leaderId: 'n1', term: 1 });
  });
}
