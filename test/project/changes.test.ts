import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { cluster } from '../../projections/cluster/cluster.ts';
import type { Projection } from '../../projections/projection.ts';
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, START, type StreamCategory, streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { projectHere } from '../../src/project/here.ts';
import type { Change, ChangeSubject } from '../../src/project/views.ts';
import { STORY_START } from '../support/events.ts';

async function begin() {
  let now = STORY_START as number;
  const ledger = openMemoryLedger({ clock: () => now++ as Micros });
  const projecting = await projectHere({
    ledger,
    projections: [cluster as Projection<unknown>],
    onTrouble: assert.ifError,
  });
  let told = 0;
  async function tell<N extends EventName>(
    category: StreamCategory,
    subject: string,
    type: N,
    data: EventData[N],
    source = '/test',
  ) {
    told += 1;
    const event = {
      id: `e${told}`,
      source,
      type,
      subject,
      time: null,
      notBefore: null,
      synthetic: false,
      extensions: {},
      data,
    };
    const actor = { authType: 'unauthenticated', authId: null };
    await ledger.append([
      { stream: streamName(category, subject), expected: 'any', events: [event as unknown as NewEvent], actor },
    ]);
    return event.id;
  }
  const lost = (subject: string, source?: string) =>
    tell('cluster', subject, 'HeartbeatLost', { nodeId: 'n1' }, source);
  const settled = () => projecting.views.reached(told as Position, 5_000);
  /** The changes up to the present, from a cursor on. */
  async function changesOf(subject: ChangeSubject, after: number = START): Promise<Change[]> {
    await settled();
    const abort = new AbortController();
    const found: Change[] = [];
    const end = projecting.views.position();
    for await (const change of projecting.views.changes(subject, after as Position, abort.signal)) {
      found.push(change);
      if (change.position >= end) break;
    }
    return found;
  }
  return { ledger, projecting, tell, lost, settled, changesOf, told: () => told };
}
const positions = (changes: readonly Change[]) => changes.map(({ position }) => position);

test('a cluster changes with its own events and with what names it or belongs to a subject that does', async () => {
  const { tell, lost, changesOf, projecting } = await begin();
  await lost('web', '/probe'); // 1
  await lost('db'); // 2
  await tell('incident', 'i1', 'IncidentDeclared', {
    title: 't',
    status: 'investigating',
    origin: 'manual',
    clusterIds: ['web'],
  }); // 3
  await tell('incident', 'i1', 'IncidentUpdated', { updateId: 'u', message: 'm', clusterIds: ['db'] }); // 4: leaves web
  await tell('incident', 'i1', 'IncidentUpdated', { updateId: 'v', message: 'm' }); // 5: db's only
  await tell('incident', 'i1', 'EvidenceLinked', { clusterId: 'web' }); // 6
  await tell('maintenance', 'm1', 'MaintenanceScheduled', {
    title: 't',
    startsAt: '2022-12-13T20:00:00Z',
    endsAt: '2022-12-13T21:00:00Z',
    clusterIds: ['web'],
  }); // 7
  await tell('maintenance', 'm1', 'MaintenanceStarted', {}); // 8: names no cluster itself
  await tell('component', 'c1', 'ComponentRegistered', { name: 'c', clusterId: 'web' }); // 9
  await tell('component', 'c1', 'ComponentStatusChanged', { status: 'degraded_performance' }); // 10
  await tell('collector', '/probe', 'CollectorGapRecorded', { reason: 'down' }); // 11: all that /probe reports
  await tell('collector', '/other', 'CollectorGapRecorded', { reason: 'down' }); // 12
  await tell('collector', '/other', 'CollectorGapRecorded', { reason: 'down', clusterIds: ['web'] }); // 13
  await tell('incident', 'i1', 'EventRetracted', { eventSource: '/test', eventId: 'e4', reason: 'wrong' }); // 14: web is back
  await tell('cluster', 'web', 'EventRetracted', { eventSource: '/probe', eventId: 'e1', reason: 'wrong' }); // 15
  await lost('web', '/probe'); // 16
  assert.deepEqual(
    positions(await changesOf({ kind: 'cluster', id: 'web' })),
    [1, 3, 4, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16],
  );
  await lost('db'); // 17
  assert.deepEqual(positions(await changesOf({ kind: 'cluster', id: 'db' })), [2, 4, 5, 6, 14, 17]);
  const all = await changesOf({ kind: 'clusters' });
  assert.deepEqual(
    all.map(({ position, keys }) => [position, keys.join()]),
    [
      [1, 'web'],
      [2, 'db'],
      [3, 'web'],
      [4, 'db,web'],
      [5, 'db'],
      [6, 'db,web'],
      [7, 'web'],
      [8, 'web'],
      [9, 'web'],
      [10, 'web'],
      [11, 'web'],
      [13, 'web'],
      [14, 'db,web'],
      [15, 'web'],
      [16, 'web'],
      [17, 'db'],
    ],
  );
  await projecting.close();
});

test('an incident changes with its own events and with those that call another its duplicate', async () => {
  const { tell, changesOf, projecting } = await begin();
  const declared = { title: 't', status: 'investigating', origin: 'manual' } as const;
  await tell('incident', 'i1', 'IncidentDeclared', declared); // 1
  await tell('incident', 'i2', 'IncidentDeclared', declared); // 2
  await tell('incident', 'i2', 'IncidentUpdated', { updateId: 'u', message: 'same', duplicateOf: 'i1' }); // 3
  await tell('incident', 'i1', 'ResponderNotified', { responder: 'r', channel: 'sms' }); // 4
  assert.deepEqual(positions(await changesOf({ kind: 'incident', id: 'i1' })), [1, 3, 4]);
  await projecting.close();
});

test('an incident changes when a cluster that it names is heard of for the first time, in memory and in the ledger', async () => {
  const { tell, lost, changesOf, projecting } = await begin();
  const declared = { title: 't', status: 'investigating', origin: 'manual' } as const;
  await lost('known'); // 1
  await tell('incident', 'i1', 'IncidentDeclared', { ...declared, clusterIds: ['known', 'web'] }); // 2
  const incident: ChangeSubject = { kind: 'incident', id: 'i1' };
  // From here on the tail in memory has all.
  assert.deepEqual(positions(await changesOf(incident, 1)), [2]);
  await lost('other'); // 3
  await lost('web'); // 4
  await lost('web'); // 5
  await lost('known'); // 6
  await tell('incident', 'i1', 'IncidentUpdated', { updateId: 'u', message: 'm', clusterIds: ['db'] }); // 7
  await lost('db'); // 8
  const expected = [4, 7, 8].map((position) => ({ position, eventPosition: position, skipped: 0, keys: ['i1'] }));
  assert.deepEqual(await changesOf(incident, 2), expected);
  assert.deepEqual((await changesOf(incident, 1)).slice(1), expected, 'read from the ledger');
  const clusters = await changesOf({ kind: 'clusters' }, 2);
  assert.deepEqual(positions(clusters), [3, 4, 5, 6, 7, 8], 'each told once');
  await projecting.close();
});

test('the status page changes with public statements only', async () => {
  const { tell, lost, changesOf, projecting } = await begin();
  await lost('web'); // 1
  await tell('incident', 'i1', 'IncidentDeclared', { title: 't', status: 'investigating', origin: 'detector' }); // 2: private by origin
  await tell('incident', 'i1', 'IncidentUpdated', { updateId: 'u', message: 'private' }); // 3
  await tell('incident', 'i1', 'IncidentUpdated', { updateId: 'v', message: 'public', visibility: 'public' }); // 4
  await tell('incident', 'i1', 'IncidentUpdateAmended', { updateId: 'u', reason: 'typo' }); // 5: of a private one
  await tell('incident', 'i1', 'IncidentUpdateAmended', { updateId: 'v', reason: 'typo' }); // 6
  await tell('incident', 'i1', 'ResponderNotified', { responder: 'r', channel: 'sms' }); // 7
  await tell('incident', 'i1', 'EventRetracted', { eventSource: '/test', eventId: 'e3', reason: 'wrong' }); // 8: of a private one
  await tell('incident', 'i1', 'EventRetracted', { eventSource: '/test', eventId: 'e4', reason: 'wrong' }); // 9
  await tell('collector', '/probe', 'CollectorGapRecorded', { reason: 'r', clusterIds: ['web'] }); // 10
  await tell('component', 'c1', 'ComponentRegistered', { name: 'c' }); // 11
  await tell('maintenance', 'm1', 'MaintenanceScheduled', {
    title: 't',
    startsAt: '2022-12-13T20:00:00Z',
    endsAt: '2022-12-13T21:00:00Z',
  }); // 12
  assert.deepEqual(positions(await changesOf({ kind: 'statusPage' })), [4, 6, 9, 11, 12]);
  await projecting.close();
});

test('a reader more than 1,000 changes behind gets the newest and how many were left out', async () => {
  const { lost, tell, changesOf, projecting, settled } = await begin();
  for (let index = 0; index < 1_500; index += 1) await lost(index % 3 === 0 ? 'db' : 'web');
  await tell('incident', 'i1', 'IncidentDeclared', {
    title: 't',
    status: 'investigating',
    origin: 'manual',
    clusterIds: ['web', 'db'],
  });
  await settled();
  // Of web's: 1,000 own events and the incident.
  assert.deepEqual(await changesOf({ kind: 'cluster', id: 'web' }), [
    { position: 1_501, eventPosition: 1_501, skipped: 1_000, keys: ['web'] },
  ]);
  assert.equal((await changesOf({ kind: 'cluster', id: 'web' }, 2)).length, 1_000);
  assert.equal((await changesOf({ kind: 'cluster', id: 'db' })).length, 501);
  assert.deepEqual(await changesOf({ kind: 'clusters' }), [
    { position: 1_501, eventPosition: 1_501, skipped: 1_500, keys: ['db', 'web'] },
  ]);
  await projecting.close();
});

test('under concurrent appends no change is missed or seen twice, wherever a reader begins or stops', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 3 })), { minLength: 20, maxLength: 60 }),
      fc.nat({ max: 19 }),
      async (steps, stop) => {
        const { lost, projecting } = await begin();
        const mine = steps.flatMap(([isMine], index) => (isMine ? [index + 1] : []));
        const subject: ChangeSubject = { kind: 'cluster', id: 'web' };
        async function follow(after: number, upTo: number): Promise<number[]> {
          const found: number[] = [];
          const last = mine.findLast((position) => position <= upTo) ?? 0;
          if (last <= after) return found;
          for await (const { position } of projecting.views.changes(
            subject,
            after as Position,
            new AbortController().signal,
          )) {
            found.push(position);
            assert.ok(projecting.views.position() >= position, 'never before it is published');
            if (position >= last) break;
          }
          return found;
        }
        const early = follow(0, steps.length);
        const broken = follow(0, stop).then(async (first) => [...first, ...(await follow(stop, steps.length))]);
        for (const [isMine, pauses] of steps) {
          await lost(isMine ? 'web' : 'db');
          for (let turn = 0; turn < pauses; turn += 1) await nextTurn();
        }
        assert.deepEqual(await early, mine);
        assert.deepEqual(await broken, mine);
        assert.deepEqual(await follow(0, steps.length), mine);
        await projecting.close();
      },
    ),
    { numRuns: 30 },
  );
});

test('an aborted reader ends while it waits', async () => {
  const { projecting } = await begin();
  const abort = new AbortController();
  const next = projecting.views.changes({ kind: 'clusters' }, START, abort.signal).next();
  abort.abort();
  assert.equal((await next).done, true);
  await projecting.close();
});
