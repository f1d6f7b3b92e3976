// What was said, in the words in which it was said, and what it said before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime, type Micros } from '../../../schemas/time.ts';
import { serveStatus } from './site.ts';

const DECLARED = { title: 'Payments fail', status: 'investigating', impact: 'major', origin: 'manual' };

test('an update that was put right says when and why, and leads to what it said before', async (t) => {
  const site = await serveStatus(t);
  await site.tell(['IncidentDeclared', 'i', { ...DECLARED, message: 'All is lost.', updateId: 'u1' }, 5]);
  await site.tell([
    'IncidentUpdateAmended',
    'i',
    { updateId: 'u1', message: 'Little is lost.', correctedAt: '2022-12-13T20:02:00Z', reason: 'We counted again.' },
    9,
  ]);
  const page = await site.page('/status/incidents/i');
  assert.deepEqual(page.all('.said'), ['Little is lost.']);
  assert.match(
    page.all('.amended')[0] ?? '',
    /^Amended 14 Dec 2022, .*Reason: We counted again\. \(this happened 13 Dec 2022, 20:02\)/,
  );
  const before = page.elements.find(({ text }) => text === 'The page before that')?.attributes['href'] ?? '';
  const then = await site.page(before);
  assert.deepEqual(then.all('.said'), ['All is lost.']);
  assert.deepEqual(then.all('.amended'), []);
});

test('what an update said before stands beside it, once for each time it was put right', async (t) => {
  const site = await serveStatus(t);
  const amended = (message: string | null, reason: string) => ({
    updateId: 'u1',
    reason,
    ...(message === null ? { correctedAt: '2022-12-13T20:02:00Z' } : { message }),
  });
  await site.tell(['IncidentDeclared', 'i', { ...DECLARED, message: 'All is <lost>.', updateId: 'u1' }, 5]);
  await site.tell(['IncidentUpdateAmended', 'i', amended('Mrs Smith is lost.', 'We asked.'), 9]);
  await site.tell(['IncidentUpdateAmended', 'i', amended(null, 'The clock was wrong.'), 10]);
  await site.tell(['IncidentUpdateAmended', 'i', amended('Little is lost.', 'We counted.'), 11]);
  const page = await site.page('/status/incidents/i');
  assert.deepEqual(page.all('.said'), ['Little is lost.']);
  assert.deepEqual(
    page.all('.was'),
    ['Mrs Smith is lost.', 'All is <lost>.'],
    'the last first; the time changed no words',
  );
  assert.equal(page.all('details').length, 2);
  const [declared, second, , last] = await site.ledger.readAll({ limit: 9 });
  assert.ok(declared && second && last);
  const recorded = page.elements.filter(({ name, attributes }) => name === 'time' && attributes['datetime']);
  for (const { recordedAt } of [declared, second])
    assert.ok(
      recorded.some(({ attributes }) => attributes['datetime'] === formatTime(recordedAt)),
      'when each was recorded',
    );

  const then = await site.page(`/status/incidents/i?as_of=${formatTime((last.recordedAt - 1) as Micros)}`);
  assert.deepEqual(
    [then.all('.said'), then.all('.was')],
    [['Mrs Smith is lost.'], ['All is <lost>.']],
    'as known then',
  );

  const erasing = { eventSource: '/tests', eventId: second.id, reason: 'personal', erase: true };
  await site.tell(['EventRetracted', 'i', erasing]);
  for (const path of [
    '/status',
    '/status/incidents/i',
    `/status/incidents/i?as_of=${formatTime((last.recordedAt - 1) as Micros)}`,
  ])
    assert.doesNotMatch((await site.page(path)).text, /Smith/, path);
  assert.deepEqual((await site.page('/status/incidents/i')).all('.was'), ['All is <lost>.']);
});

test('an account that was published anew says so, and what it said before', async (t) => {
  const site = await serveStatus(t);
  await site.tell(
    ['IncidentDeclared', 'i', { ...DECLARED, status: 'resolved' }, 1],
    ['PostmortemPublished', 'i', { body: 'It was *them*.' }, 2],
    ['PostmortemPublished', 'i', { body: 'SECRET', visibility: 'private' }, 3],
    ['PostmortemPublished', 'i', { body: 'It was *us*.' }, 4],
  );
  const page = await site.page('/status/incidents/i');
  assert.deepEqual(page.all('.account'), ['It was us.']);
  assert.deepEqual(page.all('.was'), ['It was *them*.'], 'as it was written');
  assert.match(page.elements.find(({ name }) => name === 'section')?.text ?? '', /Published anew/);
  assert.match(await (await site.get('/history.atom')).text(), /the published account/, 'who follows by feed is told');
  assert.doesNotMatch(page.text, /SECRET/);
});

test('an address in an update leads there, and takes nothing of the sentence with it', async (t) => {
  const site = await serveStatus(t);
  const message = 'See (https://example.org/a?b=1&c=2), or "http://example.org". Not javascript:x or https://.';
  await site.tell(['IncidentDeclared', 'i', { ...DECLARED, message }, 1]);
  const page = await site.page('/status/incidents/i');
  assert.deepEqual(page.all('.said'), [message]);
  const links = page.elements.filter(({ attributes }) => attributes['rel'] === 'nofollow noopener');
  assert.deepEqual(
    links.map(({ attributes, text }) => [attributes['href'], text]),
    [
      ['https://example.org/a?b=1&c=2', 'https://example.org/a?b=1&c=2'],
      ['http://example.org/', 'http://example.org'],
    ],
  );
});
