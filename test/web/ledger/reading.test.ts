/** An export that breaks off, and is read on from there. */
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../../../schemas/ids.ts';
import { type Checkpoint, readCheckpoint } from '../../../src/web/ledger/verify/checkpoint.ts';
import { Proof } from '../../../src/web/ledger/verify/proof.ts';
import { readExport } from '../../../src/web/ledger/verify/reading.ts';
import { chanceFrom } from '../../support/random.ts';
import { exportOf, history, pieces, statedOf } from './exported.ts';

/** The first bytes of a text, then the connection is gone. */
function broken(text: string, bytes: number): ReadableStream<Uint8Array> {
  const reader = pieces(new TextEncoder().encode(text).slice(0, bytes), 100).getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.error(new TypeError('network error'));
      else controller.enqueue(value);
    },
  });
}

test('a connection that breaks anywhere is read on behind the last whole line, and nothing is taken twice', async (context) => {
  const ledger = await history(context);
  const stated = await statedOf(ledger);
  const seed = 20;
  context.diagnostic(`seed ${seed}`);
  const chance = chanceFrom(seed);
  for (let round = 0; round < 30; round += 1) {
    const proof = new Proof(stated, null);
    const asked: number[] = [];
    let breaks = 4;
    const open = async (after: number) => {
      asked.push(after);
      const rest = await exportOf(ledger, after as Position);
      breaks -= 1;
      return breaks > 0 ? broken(rest, chance.below(rest.length)) : pieces(rest, 100);
    };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await rejects(readExport(proof, open), /network error/);
      deepEqual(proof.found, 0);
    }
    const { findings, events, erased } = proof.result(await readExport(proof, open));
    deepEqual([findings, events, erased], [[], 41, 1], `asked after ${asked}`);
    deepEqual(
      asked,
      asked.toSorted((left, right) => left - right),
    );
  }
});

test('an export that ends early, at the end of a line or within one, is found', async (context) => {
  const ledger = await history(context);
  const stated = await statedOf(ledger);
  const text = await exportOf(ledger);
  const end = text.split('\n').slice(0, 20).join('\n').length;
  for (const [cut, kinds] of [
    [end + 1, ['retraction', 'count', 'count', 'digest']],
    [end + 50, ['unreadable', 'retraction', 'count', 'count', 'digest']],
  ] as const) {
    const proof = new Proof(stated, null);
    const open = async (after: number) => pieces(after === 0 ? text.slice(0, cut) : '', 100);
    const { findings } = proof.result(await readExport(proof, open));
    deepEqual(
      findings.map(({ kind }) => kind),
      kinds,
    );
  }
});

test('a checkpoint is read as the command line prints it, and what is wrong with it is said', () => {
  const ends = 'a1'.repeat(32);
  const kept = { position: 3, events: 3, streams: 1, recordedAt: null, ends };
  deepEqual(readCheckpoint(`${JSON.stringify(kept)}\n`), { position: 3, events: 3, streams: 1, ends, keyId: null });
  const signed = { ...kept, signature: { algorithm: 'Ed25519', keyId: '21fe31dfa154a261', publicKey: '', value: '' } };
  equal((readCheckpoint(JSON.stringify(signed)) as Checkpoint).keyId, '21fe31dfa154a261');
  for (const [text, fault] of [
    ['', 'it is no JSON, or cut short'],
    ['{"position":3', 'it is no JSON, or cut short'],
    ['null', 'position must be a whole number from 0'],
    ['[]', 'position must be a whole number from 0'],
    [JSON.stringify({ ...kept, events: -1 }), 'events must be a whole number from 0'],
    [JSON.stringify({ ...kept, streams: 1.5 }), 'streams must be a whole number from 0'],
    [JSON.stringify({ ...kept, ends: 'A1'.repeat(32) }), 'ends must be 64 hexadecimal digits'],
  ] as const) {
    equal(readCheckpoint(text), fault, text);
  }
});
