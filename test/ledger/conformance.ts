/**
 * What every backend of the ledger port must do. A backend's test file calls `ledgerConformance` with how to open one;
 * a case that a backend cannot fulfil is opted out there, with its reason, and asserts what happens instead.
 */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { appendCases } from './conformance/append.ts';
import { erasureCases } from './conformance/erasure.ts';
import { followCases } from './conformance/follow.ts';
import { readCases } from './conformance/read.ts';
import { rejectionCases } from './conformance/rejections.ts';
import { restoreCases } from './conformance/restore.ts';
import { retractionCases } from './conformance/retractions.ts';
import { at, cluster, facts, request, sample } from './sample.ts';

/** A backend under test. */
export interface Backend {
  readonly name: string;
  /** A new, empty ledger, closed and removed after the test. `clock` tells recordedAt. */
  open(test: TestContext, clock: Clock): Promise<Ledger>;
  /** Closes a ledger that `open` gave and opens what it left behind; null where nothing outlives closing. */
  readonly reopen: ((test: TestContext, ledger: Ledger, clock: Clock) => Promise<Ledger>) | null;
}

export type OpenLedger = (test: TestContext, clock?: Clock) => Promise<Ledger>;

export function ledgerConformance(backend: Backend): void {
  const open: OpenLedger = (context, clock = () => at(0)) => backend.open(context, clock);
  describe(`${backend.name}: append`, () => appendCases(open));
  describe(`${backend.name}: read`, () => readCases(open));
  describe(`${backend.name}: retractions`, () => retractionCases(open));
  describe(`${backend.name}: erasure`, () => erasureCases(open));
  describe(`${backend.name}: follow`, () => followCases(open));
  describe(`${backend.name}: rejections`, () => rejectionCases(open));
  describe(`${backend.name}: restore`, () => restoreCases(open));
  describe(`${backend.name}: closing`, () => closingCases(open, backend));
}

function closingCases(open: OpenLedger, { reopen }: Backend): void {
  test('what is appended to a closed ledger fails with LEDGER_CLOSED', async (context) => {
    const ledger = await open(context);
    await ledger.close();
    await rejects(ledger.append(facts([sample('a')])), { code: 'LEDGER_CLOSED' });
  });

  test('closing waits for appends that are under way', async (context) => {
    const ledger = await open(context);
    const appended = ledger.append(facts([sample('a')]));
    await ledger.close();
    deepEqual(
      (await appended).map((outcome) => outcome.kind),
      ['appended'],
    );
  });

  test('a request that breaks what callers owe is a mistake of ours, not an outcome', async (context) => {
    const ledger = await open(context);
    const stray = { ...request([sample('a')]), stream: cluster('other') };
    await rejects(async () => ledger.append([stray]), /subject web was appended to cluster-other/);
    await rejects(async () => ledger.append([request([sample('a'), sample('a')])]), /names an event twice/);
    await rejects(async () => ledger.append([{ ...request([sample('a')]), events: [] }]), /without events/);
    equal((await ledger.head()).position, 0);
  });

  if (reopen === null) {
    test('what outlives nothing begins anew: a ledger opened after another was closed is empty', async (context) => {
      const first = await open(context);
      await first.append(facts([sample('a')]));
      await first.close();
      equal((await (await open(context)).head()).position, 0);
    });
    return;
  }

  test('a reopened ledger goes on where it was, in every counter', async (context) => {
    const first = await open(context, () => at(5));
    await first.append(facts([sample('a'), sample('b', { subject: 'db' }), sample('c')]));
    const second = await reopen(context, first, () => at(1));
    const [known, next] = await second.append(facts([sample('a'), sample('d')]));
    deepEqual(known, { kind: 'duplicate', positions: [1] });
    deepEqual(next, { kind: 'appended', positions: [4], revision: 2, recordedAt: at(5) });
    const { ok: proved, events, streams } = await verifyLedger(second);
    ok(proved);
    deepEqual([events, streams], [4, 2]);
  });
}
