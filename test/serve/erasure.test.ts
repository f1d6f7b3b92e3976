/** Erasing through GraphQL: who may, what is answered, and who is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken, readTokens } from '../../src/serve/auth.ts';
import { serve } from './serving.ts';
import { subscribe } from './streams.ts';

const ERASE = `mutation ($position: Position!) { retractEvent(input: { event: { position: $position }, reason: "a password", erase: true }) {
  __typename
  ... on RetractEventPayload { position event { type actor } retracted { position erased data retractedBy { position } } }
  ... on Refusal { code message } ... on IllegalTransition { from } } }`;

test('admin erases and sees it erased; once; others may not', async (t) => {
  const keys = { operate: createToken('on call', ['operate']), admin: createToken('root', ['admin', 'read']) };
  const { tokens } = readTokens(
    Object.values(keys)
      .map(({ line }) => line)
      .join('\n'),
  );
  const serving = await serve(t, { tokens });
  await serving.tell(['NodeJoined', 'c', { nodeId: 'n1', name: 'hunter2' }, 1]);
  const erase = (key: keyof typeof keys, position: string) =>
    serving.ask(ERASE, { position }, { authorization: `Bearer ${keys[key].token}` });
  const forbidden = await erase('operate', '1');
  assert.equal(forbidden.errors[0]?.extensions['code'], 'FORBIDDEN');
  const { data } = await erase('admin', '1');
  assert.deepEqual(data.retractEvent, {
    __typename: 'RetractEventPayload',
    position: '2',
    event: { type: 'io.musterbook.EventRetracted', actor: 'root' },
    retracted: { position: '1', erased: true, data: null, retractedBy: { position: '2' } },
  });
  for (const [position, from] of [
    ['1', 'erased'],
    ['2', 'retraction'],
  ] as const) {
    const { data: again } = await erase('admin', position);
    assert.deepEqual([again.retractEvent.__typename, again.retractEvent.from], ['IllegalTransition', from]);
  }
});

test('who watches the page is told when a public incident is erased, also when it was never read since the start', async (t) => {
  const serving = await serve(t);
  const declared = { title: 'hunter2', status: 'investigating', origin: 'manual' };
  await serving.tell(['IncidentDeclared', 'i', declared, 1]);
  const payloads = await subscribe(
    serving.url,
    'subscription { statusPage { cursor statusPage { incidents { title } } } }',
  );
  const first = await payloads.next();
  assert.deepEqual(first.statusPage.statusPage.incidents, [{ title: 'hunter2' }]);
  await serving.ask(ERASE, { position: '1' });
  const second = await payloads.next();
  assert.deepEqual([second.statusPage.cursor, second.statusPage.statusPage.incidents], ['2', []]);
  payloads.close();
});
