import { deepEqual, equal, rejects } from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { envelopeText } from '../../../schemas/cloudevents/envelope.ts';
import { systemTimer } from '../../../src/clock.ts';
import { MusterbookError } from '../../../src/errors.ts';
import { FIRST_PREVIOUS, newSalt } from '../../../src/ledger/chain.ts';
import { storeEvent } from '../../../src/ledger/eventstoredb/event-format.ts';
import { Follower, type FollowerParts } from '../../../src/ledger/eventstoredb/follower.ts';
import { LinkRecord } from '../../../src/ledger/eventstoredb/link-record.ts';
import type { StoreEvent } from '../../../src/ledger/eventstoredb/store.ts';
import type { Mirror } from '../../../src/ledger/mirror.ts';
import { openMirror } from '../../../src/ledger/sqlite/mirror.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { at, cluster, nobody, sample } from '../sample.ts';
import { FakeStore } from './fake-store.ts';
import { until } from './faults.ts';

const PREFIX = 'p.';
const STREAM = `${PREFIX}cluster-web`;

/** Events of one append, chained from a stream's start. */
function chained(ids: readonly string[]): readonly StoreEvent[] {
  let previous = FIRST_PREVIOUS;
  return ids.map((id, revision) => {
    const event = sample(id);
    const made = storeEvent({
      ...{ key: event, type: event.type, stream: cluster('web'), revision, previous, chainedAt: at(0) },
      ...{ envelope: envelopeText(event, nobody), dataText: JSON.stringify(event.data), salt: newSalt() },
      ...{ erasedDataHash: null, isRestored: false, more: ids.length - 1 - revision },
    });
    previous = made.hash;
    return made.event;
  });
}

interface Following {
  readonly store: FakeStore;
  readonly mirror: Mirror;
  readonly follower: Follower;
  readonly link: LinkRecord;
  /** How many events there were each time that listeners were told. */
  readonly told: number[];
}

async function following(context: TestContext, parts: Partial<FollowerParts> = {}): Promise<Following> {
  const store = new FakeStore();
  const mirror = await openMirror({ path: join(temporaryFolder(context), 'mirror.sqlite'), thread: 'here' });
  const link = new LinkRecord(PREFIX, () => 0);
  const told: number[] = [];
  const follower = new Follower({
    ...{ store, mirror, link, prefix: PREFIX, shown: 'a store', identify: async () => {}, timer: systemTimer },
    ...{ random: () => 0.5, wallClock: () => at(0) },
    onTaken: () => void mirror.head().then(({ events }) => told.push(events)),
    ...parts,
  });
  context.after(async () => {
    await follower.stop();
    await mirror.close();
  });
  return { store, mirror, follower, link, told };
}

test('events of one append become readable together, however they come', async (context) => {
  const { store, follower, told } = await following(context);
  store.feedMax = 1;
  await follower.start();
  await follower.caughtUp();
  await store.append({ stream: STREAM, expected: -1, events: chained(['a', 'b', 'c', 'd']) });
  await follower.passed('cluster-web', 3, 5_000);
  await until('listeners were told', () => told.length > 0);
  deepEqual(told, [4]);
});

test('the rest of an append that never comes holds nothing up for ever', async (context) => {
  const { store, mirror, follower } = await following(context);
  const [first] = chained(['a', 'b']);
  await store.append({ stream: STREAM, expected: -1, events: [first as StoreEvent] });
  await follower.start();
  await follower.caughtUp();
  equal((await mirror.head()).events, 1);
});

test('a link that is silent while somebody waits is given up and made anew, from the last event in the mirror', async (context) => {
  const { store, follower, link } = await following(context);
  await store.append({ stream: STREAM, expected: -1, events: chained(['a']) });
  await follower.start();
  await follower.caughtUp();
  store.isSilent = true;
  await follower.passed('cluster-web', 0, 300);
  equal(store.subscriptions.length, 1);
  const late = rejects(follower.passed('cluster-web', 7, 300), { code: 'STORE_UNREACHABLE' });
  await until('it began anew', () => store.subscriptions.length >= 2);
  await late;
  equal(store.subscriptions.at(-1)?.after, '1');
  equal(link.status().counts['reconnects'], 1);
});

test('nobody waits for what never comes: it throws, and where the follower has stopped at once', async (context) => {
  const { store, follower, link } = await following(context);
  await follower.start();
  await rejects(follower.passed('cluster-web', 0, 30), { code: 'STORE_UNREACHABLE' });
  const waiting = rejects(follower.passed('cluster-web', 5, 60_000), { code: 'CHAIN_BROKEN' });
  const [, second] = chained(['a', 'b']);
  await store.append({ stream: STREAM, expected: -1, events: [{ ...(second as StoreEvent), metadata: {} }] });
  await waiting;
  equal(link.state, 'stopped');
  await rejects(follower.passed('cluster-web', 0, 60_000), { code: 'CHAIN_BROKEN' });
});

test('what keeps the mirror from taking events is told, and it is tried again from the same place', async (context) => {
  const { store, mirror, follower, link } = await following(context);
  const take = context.mock.method(mirror, 'take', async () => {
    throw new MusterbookError('STORAGE_FULL', 'the disk is full');
  });
  await store.append({ stream: STREAM, expected: -1, events: chained(['a']) });
  await follower.start();
  await until('it was tried again', () => take.mock.callCount() >= 2);
  deepEqual([link.status().state, link.status().fault?.code], ['retrying', 'STORAGE_FULL']);
  take.mock.restore();
  await follower.caughtUp();
  equal((await mirror.head()).events, 1);
  deepEqual([link.status().state, link.status().fault], ['up', null]);
});
