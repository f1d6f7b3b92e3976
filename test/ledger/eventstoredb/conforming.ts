/** The conformance suite on an EventStoreDB: the same for the test server and for a real one. */
import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { EventStoreLedger } from '../../../src/ledger/eventstoredb/ledger.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { type Backend, ledgerConformance } from '../conformance.ts';
import { erasure, facts, placed, sample } from '../sample.ts';
import { openEsdb, openingOf } from './opening.ts';

/** 100,000 rejections go through the client's protocol buffers twice. */
const CASE_MS_MAX = 600_000;

/** `url`: where the store is, asked for each test. */
export function conforms(name: string, url: (test: TestContext) => Promise<string>): void {
  ledgerConformance({
    name,
    open: async (test, clock) => openEsdb(test, { url: await url(test), clock }),
    reopen: async (test, ledger, clock) => {
      await ledger.close();
      return openEsdb(test, { ...openingOf(ledger as EventStoreLedger), clock });
    },
    optOuts: OPT_OUTS,
    timeoutMs: CASE_MS_MAX,
  });
}

const OPT_OUTS: NonNullable<Backend['optOuts']> = {
  'of 16 callers who bring one id to as many streams at once, one is right': {
    reason: 'the store judges each stream by itself, so identity is promised within a stream',
    instead: async (test, open) => {
      const ledger = await open(test);
      const subjects = Array.from({ length: 16 }, (_, index) => `c${index}`);
      const call = (subject: string) => ledger.append(facts([sample('a', { subject })]));
      await Promise.all(subjects.map(call));
      const events = (await ledger.readAll({ limit: 99 })).length;
      // Whoever was first in a stream stays the one there; nobody is in one stream twice.
      const again = (await Promise.all(subjects.map(call))).flat();
      deepEqual(
        [...new Set(again.map(({ kind }) => kind))].filter((kind) => kind === 'appended'),
        [],
      );
      equal((await ledger.head()).events, events);
      equal((await verifyLedger(ledger)).ok, true);
    },
  },
  'once scrubbing is done, nothing is owed': {
    reason: 'an EventStoreDB cannot blank one event',
    instead: async (test, open) => {
      const ledger = await open(test);
      const secret = sample('secret', { data: { leaderId: 'hunter2' } });
      await ledger.scrub();
      const [position] = await placed(ledger, [secret, erasure('r', secret)]);
      await rejects(ledger.scrub(), (failure: { code?: string; facts?: object }) => {
        equal(failure.code, 'ERASURE_INCOMPLETE');
        const { stream, revision, position: at } = failure.facts as Record<string, unknown>;
        deepEqual([stream, revision, at], ['cluster-web', 0, position]);
        return true;
      });
      // Here nothing of it is left.
      equal((await ledger.eventByKey(secret))?.dataText, null);
      equal((await verifyLedger(ledger)).ok, true);
    },
  },
};
