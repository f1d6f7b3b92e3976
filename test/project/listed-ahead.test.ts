import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incident } from '../../projections/incident/incident.ts';
import type { Projection } from '../../projections/projection.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { projectHere } from '../../src/project/here.ts';
import { listedAhead, type ViewReader } from '../../src/project/views.ts';
import { STORY_START } from '../support/events.ts';

const ACTOR = { authType: 'unauthenticated', authId: null };
const CLUSTERS = 12;
const INCIDENTS = 450;

/** Many incidents, of which two thirds are open, each of two clusters or of one that it names twice. */
async function begin() {
  let now = STORY_START as number;
  const ledger = openMemoryLedger({ clock: () => now++ as Micros });
  const event = (type: string, subject: string, data: object) =>
    ({
      ...{ id: `${type} ${subject}`, source: '/test', type, subject, time: null, notBefore: null },
      ...{ synthetic: false, extensions: {}, data },
    }) as unknown as NewEvent;
  for (let index = 0; index < INCIDENTS; index += 1) {
    const subject = `i${index}`;
    const clusterIds = [`c${index % CLUSTERS}`, `c${(index * 4 + 3) % CLUSTERS}`];
    const status = index % 3 === 0 ? 'resolved' : 'investigating';
    const declared = event('IncidentDeclared', subject, { title: 't', status, origin: 'manual', clusterIds });
    await ledger.append([
      { stream: streamName('incident', subject), expected: 'any', events: [declared], actor: ACTOR },
    ]);
  }
  const projecting = await projectHere({
    ledger,
    projections: [incident as Projection<unknown>],
    onTrouble: assert.ifError,
  });
  assert.ok(await projecting.views.reached(INCIDENTS as Position, 10_000));
  return projecting;
}

/** A reader that counts what is listed. */
function counting(reader: ViewReader): { readonly reader: ViewReader; lists(): number } {
  let lists = 0;
  return {
    reader: {
      ...reader,
      list(projection, query) {
        lists += 1;
        return reader.list(projection, query);
      },
    },
    lists: () => lists,
  };
}

test('what is listed ahead is what each list would have said, at the present and before it', async (t) => {
  const projecting = await begin();
  t.after(() => projecting.close());
  const { views } = projecting;
  for (const position of [INCIDENTS, INCIDENTS - 200] as Position[]) {
    const plain = views.at(position);
    const { reader, lists } = counting(plain);
    const ahead = listedAhead(reader);
    for (let index = 0; index <= CLUSTERS; index += 1) {
      for (const limit of [200, 5]) {
        const query = { allTags: [`cluster:c${index}`, 'open'], limit, descending: true };
        const expected = await plain.list(incident, query);
        assert.equal(expected.length > 0, index % 3 !== 0, 'every third has none');
        assert.deepEqual(await ahead.list(incident, query), expected, `c${index}, ${limit} at ${position}`);
      }
    }
    assert.ok(lists() < 2 * CLUSTERS, 'and not one for each');
    const others = [
      { allTags: ['cluster:c1'], limit: 9, descending: true },
      { allTags: ['cluster:c1', 'open'], limit: 9 },
      { allTags: ['cluster:c1', 'open'], anyTag: ['public'], limit: 9, descending: true },
      { allTags: ['cluster:c1', 'public'], limit: 9, descending: true },
      { limit: 9 },
    ];
    for (const query of others) assert.deepEqual(await ahead.list(incident, query), await plain.list(incident, query));
  }
});
