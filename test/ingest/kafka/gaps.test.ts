/** What is said of offsets that are missing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeEvent } from '../../../schemas/cloudevents/decode.ts';
import { isId } from '../../../schemas/ids.ts';
import { LATEST, microsFromMs } from '../../../schemas/time.ts';
import { collectorOf, gapEvent, type Jump, Seen, told } from '../../../src/ingest/kafka/gaps.ts';

const election = (subject: string) => ({ type: 'io.musterbook.LeaderElected', subject });
const NOW = microsFromMs(5_000);
const HOLE = { from: 17, to: 21 };

function dataOf(seen: Seen, jump: Partial<Jump>): Record<string, unknown> {
  const event = gapEvent('kafka:t/0', seen, { hole: HOLE, fromMs: 1_000, toMs: 2_000, now: NOW, ...jump });
  const decoded = decodeEvent(event);
  assert.ok(decoded.ok, JSON.stringify(decoded));
  return decoded.event.data as Record<string, unknown>;
}

describe('the statement of a gap', () => {
  test('names the offsets, the times on both sides and the clusters seen before', () => {
    const seen = new Seen();
    for (const cluster of ['b', 'a', 'b']) seen.note(1_000, election(cluster));
    const { reason, ...rest } = dataOf(seen, {});
    assert.deepEqual(rest, {
      clusterIds: ['a', 'b'],
      from: '1970-01-01T00:00:01.000Z',
      to: '1970-01-01T00:00:02.000Z',
    });
    assert.match(String(reason), /offsets 17 to 20 /);
  });

  test('has a length where both sides have one time, an order where they fall, an end where none is known', () => {
    const times = (jump: Partial<Jump>) => {
      const { from, to } = dataOf(new Seen(), jump);
      return [from && Date.parse(String(from)), Date.parse(String(to))];
    };
    assert.deepEqual(times({ fromMs: 7, toMs: 7 }), [7, 8]);
    assert.deepEqual(times({ fromMs: 9, toMs: 7 }), [7, 9]);
    assert.deepEqual(times({ fromMs: 9, toMs: null }), [9, 10]);
    assert.deepEqual(times({ fromMs: null, toMs: 7 }), [undefined, 7]);
    assert.deepEqual(times({ fromMs: null, toMs: null }), [undefined, 5_000]);
    assert.deepEqual(times({ fromMs: null, toMs: 1e17 }), [undefined, 5_000]);
  });

  test('says that offsets went back where a topic was made anew', () => {
    assert.match(String(dataOf(new Seen(), { hole: { from: 40, to: 0 } })['reason']), /went back from 40 to 0/);
  });

  test('is one for very many holes, with their number', () => {
    const holes = Array.from({ length: 300 }, (_, index) => ({ from: 10 * index, to: 10 * index + 3 }));
    assert.deepEqual(told(holes.slice(0, 100)), holes.slice(0, 100));
    assert.deepEqual(told(holes), [{ from: 0, to: 2_993, missing: 900 }]);
    const [one] = told(holes);
    assert.match(String(dataOf(new Seen(), { hole: one as Jump['hole'] })['reason']), /900 of the offsets 0 to 2992 /);
  });
});

describe('what was seen', () => {
  test('comes back from its mark as it was, and the mark stays short enough for a broker', () => {
    const note = fc.record({
      at: fc.option(fc.integer({ min: 0, max: Math.floor(LATEST / 1_000) })),
      subject: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(fc.array(note, { maxLength: 60 }), fc.nat(60), (notes, cut) => {
        const whole = new Seen();
        let carried = new Seen();
        for (const [index, { at, subject }] of notes.entries()) {
          whole.note(at, election(subject));
          carried.note(at, election(subject));
          // Wherever it is handed over, it goes on as if it had not been.
          if (index === cut) carried = Seen.from(carried.mark());
        }
        assert.deepEqual([carried.atMs, carried.clusters], [whole.atMs, whole.clusters]);
        assert.ok(Buffer.byteLength(whole.mark()) <= 4_096);
      }),
    );
  });

  test('names no clusters once they are too many, rather than some of them', () => {
    const seen = new Seen();
    for (let index = 0; index < 2_000; index += 1) seen.note(1, election(`cluster-${index}`));
    assert.equal(seen.clusters, null);
    assert.equal(Seen.from(seen.mark()).clusters, null);
    assert.equal('clusterIds' in dataOf(seen, {}), false);
  });

  test('is nothing where the mark is not ours', () => {
    for (const mark of ['', 'x', '[]', '{"at":"1","clusters":7}', '{"at":1e300}', 'null']) {
      const { atMs, clusters } = Seen.from(mark);
      assert.deepEqual([atMs, clusters], [null, []], mark);
    }
  });

  test('is of clusters only: incidents and what cannot be read name none', () => {
    const seen = new Seen();
    for (const parsed of [{ type: 'IncidentDeclared', subject: 'i' }, undefined, null, 7, { type: 'LeaderElected' }]) {
      seen.note(1, parsed);
    }
    assert.deepEqual(seen.clusters, []);
  });
});

test('a collector is named by topic and partition; where that is too long for an id, by its beginning and a digest', () => {
  assert.equal(collectorOf('musterbook.events', 3), 'kafka:musterbook.events/3');
  const long = ['a', 'b'].map((end) => collectorOf('t'.repeat(248) + end, 0));
  assert.ok(long.every(isId));
  assert.notEqual(long[0], long[1]);
});
