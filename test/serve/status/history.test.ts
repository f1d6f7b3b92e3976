/** What is kept and gone on with must be what reading anew gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { componentHistories } from '../../../src/project/views.ts';
import { chanceFrom } from '../../support/random.ts';
import type { Told } from '../serving.ts';
import { serveStatus } from './site.ts';

const STATUSES = ['operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance'];
const UNTIL = (Date.UTC(2022, 11, 14, 12) * 1_000) as Micros;
const DAY_MINUTES = 1_440;

test('a history that was gone on with is that which is read anew, late facts and retractions too', async (t) => {
  const site = await serveStatus(t);
  const seed = Number(process.env['MUSTERBOOK_TEST_SEED'] ?? 20_221_213);
  t.diagnostic(`seed ${seed}`);
  const chance = chanceFrom(seed);
  const { pick } = chance;
  const kept = componentHistories(site.ledger, site.views);
  const at = async (histories: ReturnType<typeof componentHistories>, position: Position) =>
    JSON.stringify([...(await histories.at({ position, days: 5, until: UNTIL }))]);
  let position = await site.tell(
    ...['a', 'b', 'c'].map((id): Told => ['ComponentRegistered', id, { name: id }, -4 * DAY_MINUTES]),
  );
  let minute = -4 * DAY_MINUTES;
  const before: { readonly position: Position; readonly text: string }[] = [];
  for (let round = 0; round < 40; round += 1) {
    minute += chance.below(120);
    const late = chance.happens(0.2) ? chance.below(3_000) : 0;
    const change: Told = ['ComponentStatusChanged', pick(['a', 'b', 'c']), { status: pick(STATUSES) }, minute - late];
    const gap: Told = [
      'CollectorGapRecorded',
      '/tests',
      { from: new Date(Date.UTC(2022, 11, 13, 20) + minute * 60_000).toISOString(), reason: 'x' },
      minute,
    ];
    position = await site.tell(chance.happens(0.05) ? gap : change, ['NodeJoined', 'x', { nodeId: 'n' }, minute]);
    if (chance.happens(0.1)) {
      const events = await site.ledger.readAll({ types: ['ComponentStatusChanged'], limit: 100 });
      const { id, subject } = pick(events);
      position = await site.tell(['EventRetracted', subject, { eventSource: '/tests', eventId: id, reason: 'wrong' }]);
    }
    const text = await at(kept, position);
    assert.equal(text, await at(componentHistories(site.ledger, site.views), position), `round ${round}`);
    before.push({ position, text });
  }
  for (const { position: then, text } of before) assert.equal(await at(kept, then), text, 'what was known then stays');
});
