import { deepEqual, equal, match, notEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { envelopeText } from '../../../schemas/cloudevents/envelope.ts';
import type { Revision } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { digestData, FIRST_PREVIOUS, linkHolds, newSalt } from '../../../src/ledger/chain.ts';
import {
  type ChainedEvent,
  FormatFault,
  mirroredEvent,
  moreAfter,
  storeEvent,
  storeId,
} from '../../../src/ledger/eventstoredb/event-format.ts';
import type { ReadEvent, StoreEvent } from '../../../src/ledger/eventstoredb/store.ts';
import { at, cluster, nobody, sample } from '../sample.ts';

const event = sample('a', { notBefore: at(-1), synthetic: true, extensions: { traceparent: 'x' } });

function chained(parts: Partial<ChainedEvent> = {}): ChainedEvent {
  return {
    ...{ key: event, type: event.type, stream: cluster('web'), revision: 3, previous: FIRST_PREVIOUS },
    ...{ chainedAt: at(5), envelope: envelopeText(event, nobody), dataText: JSON.stringify(event.data) },
    ...{ salt: newSalt(), erasedDataHash: null, isRestored: false, more: 0 },
    ...parts,
  };
}

/** As the client gives it back: JSON printed and parsed, bytes as they are. */
function readBack({ id, type, content, metadata }: StoreEvent, parts: Partial<ReadEvent> = {}): ReadEvent {
  const through = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return {
    ...{ stream: 'p.cluster-web', revision: 3, id, type, position: 70, cursor: '70/70' },
    content: 'json' in content ? { json: through(content.json) } : content,
    metadata: through(metadata),
    ...parts,
  };
}

test('an event comes back from the store as it went in, and its hash follows from it', () => {
  const { event: stored, hash } = storeEvent(chained());
  const { salt, ...back } = mirroredEvent(readBack(stored), cluster('web'));
  deepEqual(back, {
    ...{ position: 70, stream: 'cluster-web', revision: 3 as Revision, id: 'a', source: 'test://collector' },
    ...{ type: 'LeaderElected', time: at(0), notBefore: at(-1), synthetic: true, actor: null },
    ...{
      envelope: envelopeText(event, nobody),
      dataText: JSON.stringify(event.data),
      dataHash: null,
      hash: Buffer.from(hash),
    },
    ...{ chainedAt: at(5), isRestored: false },
  });
  const { envelope, dataText } = back;
  const link = { previous: FIRST_PREVIOUS, stream: cluster('web'), revision: 3, recordedAt: at(5) };
  equal(linkHolds({ ...link, envelope, dataText, salt, dataHash: null, hash }), true);
});

test('its id is a UUIDv5 of source and id, the same for everyone', () => {
  equal(storeId({ source: 's', id: 'i' }), storeId({ source: 's', id: 'i' }));
  match(storeId(event), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  notEqual(storeId({ source: 'a', id: 'bc' }), storeId({ source: 'ab', id: 'c' }));
  equal(storeEvent(chained()).event.id, storeId(event));
});

test('any data gives the same bytes back: as JSON where the client prints it so, else as they are', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' '), (text, space) => {
      const dataText = `${text}${space}`;
      const { event: stored } = storeEvent(chained({ dataText }));
      equal(mirroredEvent(readBack(stored), cluster('web')).dataText, dataText);
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (data) => {
      const dataText = JSON.stringify(data);
      const { event: stored } = storeEvent(chained({ dataText }));
      equal('json' in stored.content, true, 'what JSON.stringify printed stays readable in the store');
      equal(mirroredEvent(readBack(stored), cluster('web')).dataText, dataText);
    }),
  );
});

test('an event restored as erased comes without data and keeps its digest and flag', () => {
  const dataHash = Buffer.from(digestData(newSalt(), '{}'));
  const { event: stored } = storeEvent(
    chained({ dataText: null, salt: null, erasedDataHash: dataHash, isRestored: true }),
  );
  const back = mirroredEvent(readBack(stored), cluster('web'));
  deepEqual([back.dataText, back.salt, back.dataHash, back.isRestored], [null, null, dataHash, true]);
});

test('how many events of its append follow is read, and what is no such number is none', () => {
  const { event: stored } = storeEvent(chained({ more: 2 }));
  equal(moreAfter(readBack(stored)), 2);
  for (const more of [-1, 1.5, '3', null]) equal(moreAfter(readBack({ ...stored, metadata: { more } })), 0);
  equal(moreAfter(readBack(stored, { metadata: undefined })), 0);
});

test('what is not as we write it is told apart, with its reason', () => {
  const { event: stored } = storeEvent(chained());
  const faulty: readonly (readonly [Partial<ReadEvent>, RegExp])[] = [
    [{ metadata: undefined }, /no metadata/],
    [{ metadata: Buffer.from('x') }, /no metadata/],
    [{ metadata: { ...stored.metadata, envelope: 7 } }, /no envelope/],
    [{ metadata: { ...stored.metadata, envelope: '{' } }, /not JSON/],
    [{ metadata: { ...stored.metadata, envelope: '{}' } }, /does not name/],
    [{ metadata: { ...stored.metadata, hash: 'abc' } }, /no hash/],
    [{ metadata: { ...stored.metadata, salt: undefined } }, /salt and datahash/],
    [{ metadata: { ...stored.metadata, recordedat: '5' } }, /no recordedat/],
    [{ type: 'NodeJoined' }, /another type/],
    [{ type: '$streamDeleted' }, /has the type/],
    [{ id: storeId({ source: 'x', id: 'y' }) }, /its id/],
  ];
  for (const [parts, reason] of faulty) {
    throws(
      () => mirroredEvent(readBack(stored, parts), cluster('web')),
      (failure) => {
        equal(failure instanceof FormatFault, true);
        match(String(failure), reason);
        return true;
      },
    );
  }
  throws(() => mirroredEvent(readBack(stored), cluster('db')), /another subject/);
  const timeless = {
    ...stored.metadata,
    envelope: String(stored.metadata['envelope']).replace(/"time":"[^"]*"/, '"time":"soon"'),
  };
  throws(() => mirroredEvent(readBack(stored, { metadata: timeless }), cluster('web')), /time that cannot be read/);
});

test('recordedAt of an event is what the appending clock said', () => {
  const { event: stored } = storeEvent(chained({ chainedAt: 17 as Micros }));
  equal(mirroredEvent(readBack(stored), cluster('web')).chainedAt, 17);
});
