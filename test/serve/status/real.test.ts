/** 3,434 polls of a real page, restored: what it said then, this one says of then. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pageComponentViews } from '../../../projections/components/answers.ts';
import { components } from '../../../projections/components/components.ts';
import { rollUp } from '../../../projections/components/status-page.ts';
import type { AnyFoldEvent } from '../../../schemas/event.ts';
import type { Caller } from '../../../src/accept/accept.ts';
import { linesOf } from '../../../src/ingest/formats/bytes.ts';
import { statuspagePolls } from '../../../src/ingest/formats/statuspage-polls.ts';
import { micros } from '../../support/events.ts';
import { foldable } from '../../support/fold.ts';
import { DISK, restored, textsOf } from '../../support/imported.ts';
import { type RunningServer, startServer } from '../../support/server.ts';
import { sharedMissing, sharedPath } from '../../support/shared.ts';
import { assertShape, SUMMARY } from './shape.ts';
import { pageOf } from './site.ts';

const FILE = sharedPath('statuspage-github-2020-2023', 'summary-snapshots.jsonl.gz');
const CALLER: Caller = { name: null, authType: 'unauthenticated', roles: new Set(['admin']), door: 'import' };
const BATCH = 1_000;
/** Of the readable polls, every so many is asked for over HTTP as well. */
const STEP = 61;

interface Subject {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly impact: string;
  readonly incident_updates: readonly { readonly id: string; readonly body: string; readonly status: string }[];
}

interface Summary {
  readonly components: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly description: string | null;
  }[];
  readonly incidents: readonly Subject[];
  readonly scheduled_maintenances: readonly Subject[];
  readonly status: { readonly indicator: string; readonly description: string };
}

interface Poll {
  readonly observedAt: string;
  readonly body?: Summary;
}

describe('the polls of a real page', { skip: sharedMissing('statuspage-github-2020-2023') }, () => {
  let server: RunningServer;
  let events: readonly AnyFoldEvent[] = [];
  const polls: Required<Poll>[] = [];

  before(async () => {
    server = await startServer({ config: { store: 'memory', statusTitle: 'GitHub' } });
    const texts = await textsOf(statuspagePolls, [FILE], DISK);
    events = restored(texts);
    for (let from = 0; from < texts.length; from += BATCH) {
      const records = texts.slice(from, from + BATCH).map((text) => ({ text }));
      assert.deepEqual((await server.accept.restore(records, CALLER)).rejected, []);
    }
    for await (const line of linesOf(FILE, DISK)) {
      const { observedAt, body } = JSON.parse(line) as Poll;
      if (body) polls.push({ observedAt, body });
    }
  });
  after(() => server.close());

  const summaryAt = async (at: string): Promise<Summary> => {
    const response = await fetch(`${server.url}/api/v2/summary.json?as_of=${at}`);
    assert.equal(response.status, 200);
    return (await response.json()) as Summary;
  };

  /** Of a summary, what a page of another make can say alike. */
  function said({ components: all, incidents, scheduled_maintenances: maintenances, status }: Summary): object {
    const subject = ({ id, name, status: word, impact, incident_updates: updates }: Subject) => {
      return { id, name, word, impact, updates: updates.map((update) => [update.id, update.status, update.body]) };
    };
    const byId = (first: { readonly id: string }, second: { readonly id: string }) => (first.id < second.id ? -1 : 1);
    return {
      components: all.map(({ id, name, status: word, description }) => ({ id, name, word, description })),
      incidents: incidents.map(subject).sort(byId),
      maintenances: maintenances.map(subject).sort(byId),
      status,
    };
  }

  test('every poll has the shape that is written down here', () => {
    assert.equal(polls.length, 3_373);
    for (const { body, observedAt } of polls) assertShape(body, SUMMARY, observedAt);
  });

  test('as of 2022-09-06T23:25:58Z the summary says what the page said', async () => {
    const at = '2022-09-06T23:25:58Z';
    const poll = polls.find(({ observedAt }) => observedAt === at);
    assert.ok(poll);
    const own = await summaryAt(at);
    assertShape(own, SUMMARY);
    assert.deepEqual(said(own), said(poll.body));
  });

  test('and so does the page for people', async () => {
    const response = await fetch(`${server.url}/status?as_of=2022-09-06T23:25:58Z`);
    const page = pageOf(response.status, await response.text());
    assert.deepEqual(page.all('.now'), ['Some systems are disturbed']);
    const rows = page.all('.component');
    assert.equal(rows.length, 11);
    assert.ok(rows.every((row) => row.endsWith('Degraded performance')));
    assert.ok(
      page.all('.said').includes('We are investigating reports of degraded performance for all GitHub Services.'),
    );
    // 90 days of each component, and none before it was there.
    assert.deepEqual(page.elements.filter(({ attributes }) => attributes['class'] === 'bars').length, 11);
    const copilot = page.elements.find(({ attributes }) => attributes['aria-label']?.startsWith('Copilot,'));
    assert.match(copilot?.attributes['aria-label'] ?? '', /12 days no data/);
  });

  test('the roll-up is that of the page in every readable poll', () => {
    const ordered = foldable(events);
    let state = components.initial('');
    let taken = 0;
    for (const { observedAt, body } of polls) {
      const at = micros(observedAt);
      for (let event = ordered[taken]; event !== undefined && event.effectiveAt <= at; event = ordered[taken]) {
        if (components.types.includes(event.type)) state = components.fold(state, event);
        taken += 1;
      }
      const indicator = rollUp(pageComponentViews(state, []).map(({ status }) => status));
      assert.equal(indicator, body.status.indicator, `at ${observedAt}`);
    }
  });

  test(`and so is what the server answers of every ${STEP}th poll: components, indicator, what is open`, async () => {
    for (let index = 0; index < polls.length; index += STEP) {
      const { observedAt, body } = polls[index] as Required<Poll>;
      const own = await summaryAt(observedAt);
      const shown = ({ components: all, incidents, status }: Summary) => ({
        indicator: status.indicator,
        components: all.map(({ id, status: word }) => [id, word]),
        incidents: incidents.map(({ id, name, impact }) => [id, name, impact]).sort(),
      });
      assert.deepEqual(shown(own), shown(body), `at ${observedAt}`);
    }
  });
});
