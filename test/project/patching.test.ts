import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaps } from '../../projections/gaps/gaps.ts';
import type { Projection } from '../../projections/projection.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { LedgerReader, ReadAll } from '../../src/ledger/port.ts';
import { memoryStore } from '../../src/project/memory/store.ts';
import { Projector } from '../../src/project/projector.ts';

const SECOND = 1_000_000;
const START = 1_670_961_600 * SECOND;

function told(id: number, type: string, data: object): NewEvent {
  return {
    ...{ id: `e${id}`, source: `/collector/${id % 3}`, type, subject: 'web', data },
    ...{ time: (START + id * SECOND) as Micros, notBefore: null, synthetic: false, extensions: {} },
  } as unknown as NewEvent;
}

/** Remembers from where the streams of a whole projection were read again. */
function watched(reader: LedgerReader, from: number[]): LedgerReader {
  return new Proxy(reader, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name === 'readAll')
        return (query: ReadAll) => {
          if (query.types !== undefined) from.push(query.after ?? 0);
          return target.readAll(query);
        };
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

test('what a source said last and takes back costs a fold from a recent checkpoint, not from the beginning', async () => {
  let now = START;
  const ledger = openMemoryLedger({ clock: () => now as Micros });
  const append = async (event: NewEvent) => {
    now += SECOND;
    const request = { stream: streamName('cluster', 'web'), expected: 'any', events: [event] } as const;
    await ledger.append([{ ...request, actor: { authType: 'unauthenticated', authId: null } }]);
  };
  const from: number[] = [];
  const store = memoryStore();
  const options = { projections: [gaps as Projection<unknown>], onProgress() {}, pageEvents: 10 };
  const projector = await Projector.open({ ...options, reader: watched(ledger, from), store, checkpointEventsMin: 5 });
  for (let id = 1; id <= 200; id += 1) {
    await append(told(id, 'NodeJoined', { nodeId: `n${id}` }));
    await projector.run();
  }
  // One that happened before all others is displaced for ever: no checkpoint after it has nothing displaced since.
  await append({ ...told(201, 'NodeJoined', { nodeId: 'late' }), time: (START - SECOND) as Micros });
  await projector.run();
  assert.deepEqual(from, []);
  await append(told(202, 'EventRetracted', { eventSource: '/collector/2', eventId: 'e200', reason: 'a mistake' }));
  await projector.run();
  assert.ok(from.length > 0 && Math.min(...from) > 100, `read from ${Math.min(...from)}`);
  const fresh = memoryStore();
  await (await Projector.open({ ...options, reader: ledger, store: fresh })).run();
  const [kept, anew] = [store, fresh].map(({ reader }) => reader.row(reader.slots()[0]?.slot ?? 0, '')?.text);
  assert.equal(kept, anew);
});
