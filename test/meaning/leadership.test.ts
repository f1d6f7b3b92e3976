import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { electingOf, leaderOf, leaderSinceOf, termOf } from '../../projections/cluster/answers.ts';
import { elections } from '../../projections/elections/elections.ts';
import { electionsOf } from '../../projections/elections/view.ts';
import { createStory, micros, type Story } from '../support/events.ts';
import { foldSet } from '../support/fold.ts';
import { electionsAfter, nodeAfter, topologyOf } from '../support/topology.ts';

function leader(story: Story, scope?: string): string | null {
  return leaderOf(topologyOf(story.events), scope)?.id ?? null;
}

function term(story: Story, scope?: string): number | null {
  return termOf(topologyOf(story.events), scope);
}

function openClaims(story: Story): string[] {
  return topologyOf(story.events).leaders.map((claim) => `${claim.node.id}/${claim.term}`);
}

/** Leader, term, end in seconds and reason of each election. */
function history(story: Story): (string | number | null)[][] {
  return electionsAfter(story.events).map((election) => [
    election.leader.id,
    election.term,
    election.endedAt === null ? null : (election.endedAt - micros(0)) / 1_000_000,
    election.endReason,
  ]);
}

describe('opening a claim', () => {
  test('an election opens a claim', () => {
    const story = createStory();
    const event = story.cluster()('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });

    const view = topologyOf(story.events);
    const [claim] = view.leaders;
    assert.equal(view.leaders.length, 1);
    assert.equal(claim?.node.id, 'a');
    assert.deepEqual(
      { ...claim, node: null },
      {
        scope: null,
        node: null,
        term: 3,
        since: micros(10),
        contested: false,
        stale: false,
        eventPosition: event.position,
      },
    );
    assert.equal(leader(story), 'a');
    assert.equal(leaderSinceOf(view), micros(10));
    assert.equal(nodeAfter(story.events, 'a').role, 'LEADER');
  });

  test('the same node again in the same term changes nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'a', term: 3, how: 'transferred' }, { at: 20 });

    assert.deepEqual(history(story), [['a', 3, null, null]]);
    assert.equal(leaderSinceOf(topologyOf(story.events)), micros(10));
    assert.equal(electionsAfter(story.events)[0]?.how, null);
  });

  test('the same node again in a term in which it was superseded changes nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 5 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 6 }, { at: 20 });
    tell('LeaderElected', { leaderId: 'a', term: 5 }, { at: 30 });

    assert.deepEqual(openClaims(story), ['b/6']);
    assert.deepEqual(history(story), [
      ['a', 5, 20, 'superseded'],
      ['b', 6, null, null],
    ]);
  });

  test('the same node again without terms while its claim is open changes nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a' }, { at: 10 });
    tell('LeaderElected', { leaderId: 'a' }, { at: 20 });

    assert.deepEqual(history(story), [['a', null, null, null]]);
    assert.equal(topologyOf(story.events).leaders[0]?.since, micros(10));
  });

  test('the same node again without terms once its claim has ended opens a new one', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a' }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b' }, { at: 20 });
    tell('LeaderElected', { leaderId: 'a' }, { at: 30 });

    assert.deepEqual(history(story), [
      ['a', null, 20, 'superseded'],
      ['b', null, 30, 'superseded'],
      ['a', null, null, null],
    ]);
  });

  test('after that claim’s LeaderLost the same node opens a new claim in the same term', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'crashed' }, { at: 20 });
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 30 });
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 40 });

    assert.deepEqual(history(story), [
      ['a', 3, 20, 'crashed'],
      ['a', 3, null, null],
    ]);
    assert.equal(topologyOf(story.events).leaders[0]?.contested, false);
  });

  test('scopes are led apart from each other', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { scope: 'orders', leaderId: 'a', term: 9 });
    tell('LeaderElected', { scope: 'refunds', leaderId: 'b', term: 2 });

    assert.deepEqual(topologyOf(story.events).scopes, ['orders', 'refunds']);
    assert.equal(leader(story, 'orders'), 'a');
    assert.equal(leader(story, 'refunds'), 'b');
    assert.equal(term(story, 'refunds'), 2);
    assert.equal(leader(story, 'returns'), null);
    assert.equal(
      topologyOf(story.events).leaders.every((claim) => !claim.stale && !claim.contested),
      true,
    );
  });

  test('without an argument the unnamed scope is meant, else the only one, else none', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { scope: 'orders', leaderId: 'a', term: 9 });
    assert.equal(leader(story), 'a');
    tell('LeaderElected', { scope: 'refunds', leaderId: 'b', term: 2 });
    assert.equal(leader(story), null);
    assert.equal(term(story), null);
    tell('LeaderElected', { leaderId: 'c', term: 1 });
    assert.equal(leader(story), 'c');
  });
});

describe('ending a claim', () => {
  test('a claim ends at its own LeaderLost', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'stepped_down' }, { at: 20 });

    assert.equal(leader(story), null);
    assert.deepEqual(openClaims(story), []);
    assert.equal(term(story), 3);
    assert.deepEqual(history(story), [['a', 3, 20, 'stepped_down']]);
  });

  test('a LeaderLost of another node or another term ends nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderLost', { leaderId: 'b', term: 3, reason: 'crashed' }, { at: 20 });
    tell('LeaderLost', { leaderId: 'a', term: 2, reason: 'crashed' }, { at: 21 });
    tell('LeaderLost', { leaderId: 'a', term: 4, reason: 'crashed' }, { at: 22 });

    assert.deepEqual(history(story), [['a', 3, null, null]]);
    assert.equal(term(story), 3);
  });

  test('a LeaderLost without term ends the node’s latest claim', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'a', term: 4 }, { at: 20 });
    tell('LeaderLost', { leaderId: 'a', reason: 'lease_expired' }, { at: 30 });

    assert.deepEqual(history(story), [
      ['a', 3, 20, 'superseded'],
      ['a', 4, 30, 'lease_expired'],
    ]);
  });

  test('a second LeaderLost of the same claim changes nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'crashed' }, { at: 20 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'removed' }, { at: 30 });
    tell('LeaderLost', { leaderId: 'a', reason: 'removed' }, { at: 40 });

    assert.deepEqual(history(story), [['a', 3, 20, 'crashed']]);
  });

  test('its own LeaderLost after a newer claim began moves the end there and lists the overlap', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 4 }, { at: 20 });
    assert.deepEqual(electionsAfter(story.events)[0]?.overlaps, []);
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'partitioned' }, { at: 25 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'removed' }, { at: 50 });

    assert.deepEqual(history(story), [
      ['a', 3, 25, 'partitioned'],
      ['b', 4, null, null],
    ]);
    const [first, second] = electionsAfter(story.events);
    assert.deepEqual(first?.overlaps, [4]);
    assert.deepEqual(second?.overlaps, [3]);
    assert.equal(leader(story), 'b');
  });

  test('a late LeaderLost is not known to a set that does not hold it', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 4 }, { at: 20 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'partitioned' }, { at: 25 });

    const until24 = story.events.filter((event) => event.effectiveAt <= micros(24));
    assert.equal(electionsAfter(until24)[0]?.endReason, 'superseded');
    assert.deepEqual(electionsAfter(until24)[0]?.overlaps, []);
  });

  test('its own LeaderLost moves the end of a claim that a bootstrapped one had ended', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 7 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 1, how: 'bootstrapped' }, { at: 20 });
    tell('LeaderLost', { leaderId: 'a', term: 7, reason: 'crashed' }, { at: 30 });

    assert.deepEqual(history(story)[0], ['a', 7, 30, 'crashed']);
    assert.deepEqual(electionsAfter(story.events)[1]?.overlaps, [7]);
  });

  test('a claim ends, superseded, when one of a higher term begins', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 5 }, { at: 20 });

    assert.deepEqual(history(story)[0], ['a', 3, 20, 'superseded']);
    assert.deepEqual(openClaims(story), ['b/5']);
  });

  test('a claim ends, superseded, when a bootstrapped one begins, whatever its term', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 30 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 1, how: 'bootstrapped' }, { at: 20 });

    assert.deepEqual(history(story)[0], ['a', 30, 20, 'superseded']);
    assert.equal(leader(story), 'b');
  });

  test('where either has no term, any later claim ends it', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b' }, { at: 20 });
    tell('LeaderElected', { leaderId: 'c', term: 3 }, { at: 30 });

    assert.deepEqual(history(story), [
      ['a', 3, 20, 'superseded'],
      ['b', null, 30, 'superseded'],
      ['c', 3, null, null],
    ]);
  });

  test('a claim ends when its node leaves, in every scope', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { scope: 'orders', leaderId: 'a', term: 8 }, { at: 11 });
    tell('LeaderElected', { scope: 'refunds', leaderId: 'b', term: 8 }, { at: 12 });
    tell('NodeLeft', { nodeId: 'a' }, { at: 20 });

    assert.deepEqual(openClaims(story), ['b/8']);
    assert.deepEqual(history(story).slice(0, 2), [
      ['a', 3, 20, 'left'],
      ['a', 8, 20, 'left'],
    ]);
  });

  test('a departure of an older incarnation ends no claim', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'a', incarnation: 'one' });
    tell('NodeJoined', { nodeId: 'a', incarnation: 'two' });
    tell('LeaderElected', { leaderId: 'a', term: 3 });
    tell('NodeLeft', { nodeId: 'a', incarnation: 'one' });

    assert.equal(leader(story), 'a');
    assert.deepEqual(history(story), [['a', 3, null, null]]);
  });

  test('neither a lost heartbeat nor a new incarnation ends a claim', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'a', incarnation: 'one' });
    tell('LeaderElected', { leaderId: 'a', term: 3 });
    tell('HeartbeatLost', { nodeId: 'a' });
    assert.equal(leader(story), 'a');
    tell('NodeJoined', { nodeId: 'a', incarnation: 'two' });
    assert.equal(leader(story), 'a');
    assert.deepEqual(history(story), [['a', 3, null, null]]);
  });
});

describe('who leads', () => {
  test('within a term the first open claim leads', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 3 }, { at: 20 });
    assert.deepEqual(openClaims(story), ['a/3', 'b/3']);
    assert.equal(leader(story), 'a');

    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'crashed' }, { at: 30 });
    assert.equal(leader(story), 'b');
    assert.equal(leaderSinceOf(topologyOf(story.events)), micros(30));
  });

  test('the highest term leads', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 });
    tell('LeaderElected', { leaderId: 'b', term: 4 });
    tell('LeaderElected', { leaderId: 'c', term: 3 });

    assert.equal(leader(story), 'b');
  });

  test('without terms the latest claim leads', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a' });
    tell('LeaderElected', { leaderId: 'b' });

    assert.equal(leader(story), 'b');
    assert.equal(term(story), null);
  });

  test('the term is the highest among the elections since the last bootstrapped one', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 7 });
    tell('LeaderElected', { leaderId: 'b', term: 5 });
    assert.equal(term(story), 7);
    tell('LeaderElected', { leaderId: 'c', term: 1, how: 'bootstrapped' });
    assert.equal(term(story), 1);
    tell('LeaderElected', { leaderId: 'a', term: 2 });
    assert.equal(term(story), 2);
    assert.equal(leader(story), 'a');
  });

  test('a bootstrapped election without a term counts from nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 7 });
    tell('LeaderElected', { leaderId: 'b', how: 'bootstrapped' });
    assert.equal(term(story), null);
    tell('LeaderElected', { leaderId: 'c', term: 1 });
    assert.equal(leader(story), 'c');
    assert.equal(topologyOf(story.events).leaders[0]?.stale, false);
  });

  test('a node that claimed a term before the bootstrapped election claims it anew after it', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 1 });
    tell('LeaderElected', { leaderId: 'b', term: 2 });
    tell('LeaderElected', { leaderId: 'a', term: 1, how: 'bootstrapped' });
    assert.equal(leader(story), 'a');
    assert.equal(term(story), 1);
    tell('LeaderElected', { leaderId: 'a', term: 1, how: 'bootstrapped' });
    assert.equal(electionsAfter(story.events).length, 3, 'said again of the open claim it changes nothing');
    assert.equal(
      electionsAfter(story.events).some((election) => election.contested),
      false,
    );
  });

  test('terms in other events move nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 });
    tell('ElectionStarted', { term: 9 });
    tell('FollowerAttached', { nodeId: 'b', leaderId: 'a', term: 10 });
    tell('JobAssigned', { jobId: 'j', nodeId: 'b', term: 11 });
    tell('LeaderLost', { leaderId: 'a', term: 12, reason: 'unknown' });

    assert.equal(term(story), 3);
    assert.equal(leader(story), 'a');
  });

  test('two nodes in one term are both contested for good, even one after the other', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'crashed' });
    tell('LeaderElected', { leaderId: 'b', term: 3 });
    assert.equal(topologyOf(story.events).leaders[0]?.contested, true);
    tell('LeaderElected', { leaderId: 'c', term: 4 });

    assert.deepEqual(
      electionsAfter(story.events).map((election) => [election.leader.id, election.contested]),
      [
        ['a', true],
        ['b', true],
        ['c', false],
      ],
    );
  });

  test('every further claim in a contested term is contested too', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 });
    tell('LeaderElected', { leaderId: 'b', term: 3 });
    tell('LeaderLost', { leaderId: 'a', term: 3, reason: 'crashed' });
    tell('LeaderElected', { leaderId: 'a', term: 3 });

    assert.deepEqual(
      electionsAfter(story.events).map((election) => election.contested),
      [true, true, true],
    );
  });

  test('the same term before and after a bootstrapped election is not one term', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 1 });
    tell('LeaderElected', { leaderId: 'b', term: 1, how: 'bootstrapped' });

    assert.equal(
      electionsAfter(story.events).some((election) => election.contested),
      false,
    );
  });

  test('overlap within one term lists the term itself', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 3 }, { at: 20 });

    assert.deepEqual(
      electionsAfter(story.events).map((election) => election.overlaps),
      [[3], [3]],
    );
  });

  test('overlaps are within one scope', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { scope: 'orders', leaderId: 'a', term: 3 });
    tell('LeaderElected', { scope: 'refunds', leaderId: 'b', term: 3 });

    assert.deepEqual(
      electionsAfter(story.events).map((election) => [election.scope, election.contested, election.overlaps]),
      [
        ['orders', false, []],
        ['refunds', false, []],
      ],
    );
    assert.deepEqual(electionsAfter(story.events, 'refunds').length, 1);
  });

  test('a claim below the term when it begins is kept, marked stale, ends nothing and never leads', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 5 });
    tell('LeaderElected', { leaderId: 'b', term: 4 });
    assert.deepEqual(openClaims(story), ['a/5', 'b/4']);
    assert.deepEqual(
      topologyOf(story.events).leaders.map((claim) => claim.stale),
      [false, true],
    );
    tell('LeaderLost', { leaderId: 'a', term: 5, reason: 'crashed' });

    assert.equal(leader(story), null);
    assert.deepEqual(openClaims(story), ['b/4']);
    assert.equal(nodeAfter(story.events, 'b').role, 'UNKNOWN');
    assert.deepEqual(
      electionsAfter(story.events).map((election) => election.stale),
      [false, true],
    );
  });

  test('a stale claim ends by a higher term', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 5 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'b', term: 4 }, { at: 20 });
    tell('LeaderElected', { leaderId: 'c', term: 6 }, { at: 30 });

    assert.deepEqual(history(story)[1], ['b', 4, 30, 'superseded']);
    assert.deepEqual(openClaims(story), ['c/6']);
  });

  test('electing: no leader, and an election that began later than the last one was decided', () => {
    const story = createStory();
    const tell = story.cluster();
    const electing = () => electingOf(topologyOf(story.events));
    assert.equal(electing(), false);
    tell('ElectionStarted', { candidateId: 'a' });
    assert.equal(electing(), true);
    assert.equal(nodeAfter(story.events, 'a').role, 'CANDIDATE');
    tell('LeaderElected', { leaderId: 'b' });
    assert.equal(electing(), false);
    assert.equal(nodeAfter(story.events, 'a').role, 'UNKNOWN');
    tell('LeaderLost', { leaderId: 'b', reason: 'crashed' });
    assert.equal(electing(), false, 'lost, but nobody stands yet');
    tell('ElectionStarted', {});
    assert.equal(electing(), true);
  });

  test('an election that began while the leader led makes it electing once the leader is lost', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 1 });
    tell('ElectionStarted', { candidateId: 'b', term: 2 });
    assert.equal(electingOf(topologyOf(story.events)), false);
    tell('LeaderLost', { leaderId: 'a', term: 1, reason: 'crashed' });
    assert.equal(electingOf(topologyOf(story.events)), true);
  });

  test('an election reported late takes its true place', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 1 }, { at: 10 });
    tell('LeaderElected', { leaderId: 'c', term: 3 }, { at: 30 });
    tell('LeaderElected', { leaderId: 'b', term: 2 }, { at: 20, recordedAt: 40 });

    assert.deepEqual(history(story), [
      ['a', 1, 20, 'superseded'],
      ['b', 2, 30, 'superseded'],
      ['c', 3, null, null],
    ]);
    assert.equal(electionsAfter(story.events)[1]?.stale, false);
  });

  test('of many elections the last ones are given, the latest last', () => {
    const story = createStory();
    const tell = story.cluster();
    for (let next = 1; next <= 30; next += 1) {
      tell('LeaderElected', { scope: next % 2 === 0 ? 'even' : 'odd', leaderId: `n${next % 3}`, term: next });
    }

    const view = topologyOf(story.events);
    const state = foldSet(elections, story.events, 'payments');
    const terms = (asked: { scope?: string; last: number }) => electionsOf(state, view, asked).map(({ term }) => term);
    assert.deepEqual(terms({ last: 3 }), [28, 29, 30]);
    assert.deepEqual(terms({ last: 2, scope: 'odd' }), [27, 29]);
    assert.deepEqual(terms({ last: 0 }), []);
    assert.deepEqual(terms({ last: 5, scope: 'unheard-of' }), []);
  });

  test('a retracted election never was', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 1 }, { at: 10 });
    const mistake = tell('LeaderElected', { leaderId: 'b', term: 2 }, { at: 20 });
    story.retract(mistake);

    assert.equal(leader(story), 'a');
    assert.equal(term(story), 1);
    assert.deepEqual(history(story), [['a', 1, null, null]]);
  });

  test('a clock that runs ahead does not win for ever', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a' }, { at: 9_000, recordedAt: 10 });
    tell('LeaderElected', { leaderId: 'b' }, { at: 20, recordedAt: 21 });

    assert.equal(leader(story), 'b');
    assert.equal(electionsAfter(story.events)[0]?.startedAt, micros(10));
  });
});
