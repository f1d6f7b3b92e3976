import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCheckpoint } from '../../src/ledger/verify.ts';
import { serve } from './serving.ts';
import { story } from './story.ts';

const DIGESTS = '{ ledger { head digest projections { name position digest } } }';

test('replicas with the same events answer the same digests, of the ledger and of each projection', async (t) => {
  const [one, other] = [await serve(t), await serve(t)];
  for (const replica of [one, other]) await story(replica);
  const first = (await one.ask(DIGESTS)).data.ledger;
  const second = (await other.ask(DIGESTS)).data.ledger;
  assert.equal(first.digest, (await makeCheckpoint(one.ledger)).ends);
  assert.deepEqual(second.projections, first.projections);
  for (const { name, digest, position } of first.projections) {
    assert.match(digest, /^[0-9a-f]{64}$/, name);
    assert.equal(position, first.head);
  }
  await other.tell(['NodeJoined', 'payments', { nodeId: 'n9' }, 3_600]);
  const third = (await other.ask(DIGESTS)).data.ledger;
  assert.notEqual(third.digest, second.digest);
  const changed = third.projections.filter(
    ({ digest }: { digest: string }, index: number) => digest !== first.projections[index].digest,
  );
  assert.deepEqual(
    changed.map(({ name }: { name: string }) => name),
    ['cluster', 'gaps'],
  );
});
