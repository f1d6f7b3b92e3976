/** What 3,434 real polls of a status page say, folded: the answers that are known of them. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { componentViews } from '../../../projections/components/answers.ts';
import { components } from '../../../projections/components/components.ts';
import { gaps } from '../../../projections/gaps/gaps.ts';
import { gapsOf } from '../../../projections/gaps/view.ts';
import { incidentView } from '../../../projections/incident/answers.ts';
import { incident } from '../../../projections/incident/incident.ts';
import type { IncidentView } from '../../../projections/incident/view.ts';
import { maintenance, maintenanceView } from '../../../projections/maintenance/maintenance.ts';
import type { MaintenanceView } from '../../../projections/maintenance/view.ts';
import type { AnyFoldEvent } from '../../../schemas/event.ts';
import { linesOf } from '../../../src/ingest/formats/bytes.ts';
import { statuspagePolls } from '../../../src/ingest/formats/statuspage-polls.ts';
import { micros } from '../../support/events.ts';
import { foldable, foldSet } from '../../support/fold.ts';
import { DISK, restored, textsOf } from '../../support/imported.ts';
import { sharedMissing, sharedPath } from '../../support/shared.ts';

const FILE = sharedPath('statuspage-github-2020-2023', 'summary-snapshots.jsonl.gz');

interface RawPoll {
  readonly observedAt: string;
  readonly body?: { readonly components: readonly { readonly id: string; readonly status: string }[] };
}

describe('the polls of a real page', { skip: sharedMissing('statuspage-github-2020-2023') }, () => {
  let events: readonly AnyFoldEvent[] = [];
  let incidents: readonly IncidentView[] = [];
  let maintenances: readonly MaintenanceView[] = [];
  const polls: RawPoll[] = [];

  before(async () => {
    events = restored(await textsOf(statuspagePolls, [FILE], DISK));
    for await (const line of linesOf(FILE, DISK)) polls.push(JSON.parse(line) as RawPoll);
    const bySubject = Map.groupBy(foldable(events), (event) => event.stream);
    const folded = [...bySubject.values()];
    incidents = folded.flatMap((own) => {
      const [first] = own;
      const view = first?.category === 'incident' ? incidentView(foldSet(incident, own, first.subject)) : null;
      return view ? [view] : [];
    });
    maintenances = folded.flatMap((own) => {
      const [first] = own;
      const view = first?.category === 'maintenance' ? maintenanceView(foldSet(maintenance, own, first.subject)) : null;
      return view ? [view] : [];
    });
  });

  const tally = (words: readonly (string | null)[]) =>
    Object.fromEntries([...Map.groupBy(words, String)].map(([word, all]) => [word, all.length]));
  const ofType = (type: string) => events.filter((event) => event.type === type);

  test('340 incidents, all resolved in the end, 38 of them renamed', () => {
    assert.equal(incidents.length, 340);
    assert.deepEqual(tally(incidents.map(({ status }) => status)), { resolved: 340 });
    const renamed = events.flatMap((event) =>
      event.type === 'IncidentUpdated' && event.data.title !== undefined ? [event.subject] : [],
    );
    assert.equal(new Set(renamed).size, 38);
  });

  test('the impact last seen is minor 280, major 48, none 11, critical 1', () => {
    assert.deepEqual(tally(incidents.map(({ impact }) => impact)), { minor: 280, major: 48, none: 11, critical: 1 });
  });

  test('1,151 updates of incidents, as the page wrote them, beside one resolution each', () => {
    const updates = incidents.flatMap((each) => each.updates);
    assert.equal(updates.filter(({ message }) => message !== null && message !== '').length, 1_151);
    assert.equal(updates.length, 1_151 + 340);
  });

  test('a resolution lies between the last poll that showed the incident and the first that did not', () => {
    const resolutions = events.filter((event) => event.type === 'IncidentUpdated' && event.data.status === 'resolved');
    assert.equal(resolutions.length, 340);
    const readable = polls.filter(({ body }) => body).map(({ observedAt }) => micros(observedAt));
    for (const { notBefore, occurredAt } of resolutions) {
      assert.equal(readable.indexOf(occurredAt), readable.indexOf(notBefore ?? occurredAt) + 1);
      assert.ok(occurredAt - (notBefore ?? 0) < 12.5 * 3_600 * 1_000_000);
    }
  });

  test('three updates were reworded, and the first words stay on record', () => {
    const amended = incidents.flatMap((each) => each.updates.flatMap(({ amendments }) => amendments));
    assert.equal(amended.length, 3);
    assert.ok(amended.every(({ message }) => message !== null));
  });

  test('21 maintenances with 55 updates, 20 completed, one never seen to start, two extended', () => {
    assert.equal(maintenances.length, 21);
    assert.equal(maintenances.flatMap(({ updates }) => updates).length, 55);
    assert.deepEqual(tally(maintenances.map(({ state }) => state)), { completed: 20, cancelled: 1 });
    const extended = events.flatMap((event) =>
      event.type === 'MaintenanceUpdated' && event.data.endsAt !== undefined ? [event.subject] : [],
    );
    assert.equal(new Set(extended).size, 2);
  });

  test('11 components, three of them renamed, 1,164 changes of status', () => {
    assert.equal(componentViews(foldSet(components, events), []).length, 11);
    assert.equal(ofType('ComponentRegistered').length, 11 + 3);
    assert.equal(ofType('ComponentStatusChanged').length, 1_164);
  });

  test('61 answers that could not be read are 61 closed gaps', () => {
    const unreadable = polls.filter(({ body }) => !body).map(({ observedAt }) => micros(observedAt));
    assert.equal(unreadable.length, 61);
    const found = gapsOf(foldSet(gaps, events));
    assert.equal(found.length, 61);
    for (const at of unreadable) {
      assert.ok(found.some(({ from, to }) => (from ?? at) < at && to !== null && to > at));
    }
  });

  test('at every readable poll the register says of every component what the page showed', () => {
    const ordered = foldable(events);
    let state = components.initial('');
    let taken = 0;
    for (const { observedAt, body } of polls) {
      if (!body) continue;
      const at = micros(observedAt);
      for (let event = ordered[taken]; event !== undefined && event.effectiveAt <= at; event = ordered[taken]) {
        if (components.types.includes(event.type)) state = components.fold(state, event);
        taken += 1;
      }
      const shown = Object.fromEntries(body.components.map(({ id, status }) => [id, status]));
      const said = Object.fromEntries(componentViews(state, []).map(({ id, status }) => [id, status]));
      assert.deepEqual(said, shown, `at ${observedAt}`);
    }
  });

  test('as known at 2022-09-06T23:25:58Z all 11 components were degraded', () => {
    const known = events.filter(({ recordedAt }) => recordedAt <= micros('2022-09-06T23:25:58Z'));
    const views = componentViews(foldSet(components, known), []);
    assert.equal(views.length, 11);
    assert.ok(views.every(({ status }) => status !== 'operational'));
  });

  test('read again, the same events come out', async () => {
    const again = restored(await textsOf(statuspagePolls, [FILE], DISK));
    assert.deepEqual(again, events);
  });
});
