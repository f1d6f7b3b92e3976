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
import { identityCases } from './conformance/identity.ts';
import { readCases } from './conformance/read.ts';
import { rejectionCases } from './conformance/rejections.ts';
import { restoreCases } from './conformance/restore.ts';
import { retractionCases } from './conformance/retractions.ts';
import { at, cluster, facts, nth, placed, request, sample } from './sample.ts';

/** A backend under test. */
export interface Backend {
  readonly name: string;
  /** A new, empty ledger, closed and removed after the test. `clock` tells recordedAt. */
  open(test: TestContext, clock: Clock): Promise<Ledger>;
  /** Closes a ledger that `open` gave and opens what it left behind; null where nothing outlives closing. */
  readonly reopen: ((test: TestContext, ledger: Ledger, clock: Clock) => Promise<Ledger>) | null;
  /** By the name of the case. */
  readonly optOuts?: Readonly<Record<string, OptOut>>;
  /** How long one case may take, for a backend that goes over a network; absent: as long as it likes. No case sleeps. */
  readonly timeoutMs?: number;
}

/** A case that a backend cannot fulfil. */
export interface OptOut {
  readonly reason: string;
  /** Asserts what happens instead. */
  readonly instead: (test: TestContext, open: OpenLedger) => Promise<void>;
}

export type OpenLedger = (test: TestContext, clock?: Clock) => Promise<Ledger>;

/** What the cases are written with: `test` is that of node:test, but for what the backend has opted out of. */
export interface Suite {
  readonly open: OpenLedger;
  readonly test: (name: string, run: (test: TestContext) => Promise<void>) => void;
}

const SUITES = {
  append: appendCases,
  identity: identityCases,
  read: readCases,
  retractions: retractionCases,
  erasure: erasureCases,
  follow: followCases,
  rejections: rejectionCases,
  restore: restoreCases,
} as const;

export function ledgerConformance(backend: Backend): void {
  const { name, optOuts = {}, timeoutMs } = backend;
  const open: OpenLedger = (context, clock = () => at(0)) => backend.open(context, clock);
  const left = new Set(Object.keys(optOuts));
  const options = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  const suite: Suite = {
    open,
    test: (title, run) => {
      const optOut = optOuts[title];
      left.delete(title);
      if (optOut) test(`opted out (${optOut.reason}): ${title}`, options, (context) => optOut.instead(context, open));
      else test(title, options, run);
    },
  };
  for (const [part, cases] of Object.entries(SUITES)) describe(`${name}: ${part}`, () => cases(suite));
  describe(`${name}: closing`, () => closingCases(suite, backend));
  test(`${name}: every case that is opted out of is one`, () => deepEqual([...left], []));
}

function closingCases({ open, test }: Suite, { reopen }: Backend): void {
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
    const before = await placed(first, [sample('a'), sample('b', { subject: 'db' }), sample('c')]);
    const second = await reopen(context, first, () => at(1));
    const [known, next] = await second.append(facts([sample('a'), sample('d')]));
    deepEqual(known, { kind: 'duplicate', positions: [nth(before, 0)] });
    const { position } = await second.head();
    deepEqual(next, { kind: 'appended', positions: [position], revision: 2, recordedAt: at(5) });
    ok(position > nth(before, 2));
    const { ok: proved, events, streams } = await verifyLedger(second);
    ok(proved);
    deepEqual([events, streams], [4, 2]);
  });
}
