/** What the explorer keeps of the questions that it asked. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ask } from '../../src/web/api/ask.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Told {
  /** Which request it answers, from 1. */
  readonly told: { readonly request: number };
}
const QUESTION = 'query Told($at: Int) { told(at: $at) { request } }';

const fetchBefore = globalThis.fetch;
let requests: number;
let ended: number;
/** A server that says what it was asked, or nothing. */
let answers: boolean;
beforeEach(() => {
  [requests, ended] = [0, 0];
  answers = true;
  globalThis.fetch = async (_url, init) => {
    requests += 1;
    if (!answers) await new Promise((resolve) => init?.signal?.addEventListener('abort', resolve));
    if (!answers) ended += 1;
    return Response.json({ data: { told: { request: requests } } });
  };
});
afterEach(() => {
  globalThis.fetch = fetchBefore;
});

for (const [how, signal] of [
  ['that may be called off', () => new AbortController().signal],
  ['that may not', () => undefined],
] as const) {
  test(`of a question ${how} nothing is kept once it was answered, however many follow`, async () => {
    const kept: WeakRef<Told>[] = [];
    for (let at = 0; at < 20; at += 1) kept.push(new WeakRef(await ask<Told>(QUESTION, { at }, signal())));
    await turn();
    collect();
    const left = kept.filter((answer) => answer.deref() !== undefined).length;
    assert.ok(left <= 1, `${left} answers are held`);
  });
}

test('the same question again is answered anew, not by what was said before', async () => {
  const once = await ask<Told>(QUESTION, { at: 1 }, new AbortController().signal);
  const again = await ask<Told>(QUESTION, { at: 1 }, new AbortController().signal);
  assert.deepEqual([once, again], [{ told: { request: 1 } }, { told: { request: 2 } }]);
});

test('a question that is called off ends its request', async () => {
  answers = false;
  const controller = new AbortController();
  const asked = ask<Told>(QUESTION, { at: 2 }, controller.signal);
  await turn();
  controller.abort(new Error('not looked at'));
  await assert.rejects(asked, /not looked at/);
  await turn();
  assert.equal(ended, 1);
});
