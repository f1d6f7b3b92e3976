import { deepEqual, rejects } from 'node:assert/strict';
import { mock, test } from 'node:test';
import { ask } from '../../src/web/api/ask.ts';

test('a question that can be called off is answered anew each time it is asked', async (t) => {
  let answered = 0;
  const server = mock.method(globalThis, 'fetch', async () => {
    answered += 1;
    return Response.json({ data: { answered } });
  });
  t.after(() => server.mock.restore());
  const { signal } = new AbortController();
  for (const due of [1, 2, 3]) deepEqual(await ask('{ answered }', {}, signal), { answered: due });
  const calledOff = new AbortController();
  const asked = ask('{ answered }', {}, calledOff.signal);
  calledOff.abort(new Error('not wanted any more'));
  await rejects(asked, /not wanted any more/);
});
