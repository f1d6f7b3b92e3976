/** Incidents in the explorer: what is sent, what is kept, what a refusal says, and how the timeline reads. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Draft, draftNamed, dropDraft, keepDraft, toSend } from '../../src/web/incidents/draft.ts';
import { COMPONENT_STATUSES, FORMS, type FormSpec, inputOf } from '../../src/web/incidents/forms.ts';
import { mutationText, refusalIn, refusalOf } from '../../src/web/incidents/refusal.ts';
import { lagOf, measureWords, storyRows } from '../../src/web/incidents/story.ts';
import { serve } from '../serve/serving.ts';

describe('forms', () => {
  const ABOUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    declare: { incidentId: 'outage' },
    amend: { updateId: 'u1' },
    'complete-item': { itemId: 'i1' },
  };
  /** Something that every field takes. */
  function filled({ fields }: FormSpec): Record<string, string> {
    return Object.fromEntries(
      fields.map(({ name, kind, choices, canClear }) => {
        if (choices) return [name, choices[0] ?? ''];
        if (kind === 'time') return [name, canClear ? 'none' : '2022-12-13 20:10'];
        if (kind === 'components') return [name, 'core-api = major_outage\n\nweb'];
        return [name, name === 'duplicateOf' ? 'another' : `some ${name}`];
      }),
    );
  }

  test('what every form sends with all its fields, and with the needed ones alone, is taken by the server', async (t) => {
    const serving = await serve(t);
    await serving.tell(
      ['IncidentDeclared', 'another', { title: 'Another', status: 'investigating', origin: 'manual' }, 0],
      ['IncidentDeclared', 'old', { title: 'Old', status: 'resolved', origin: 'manual' }, 0],
    );
    let key = 0;
    const send = async (name: keyof typeof FORMS, values: Readonly<Record<string, string>>): Promise<void> => {
      const spec: FormSpec = FORMS[name];
      const read = inputOf(spec, values);
      assert.ok(read.ok, name);
      const about = { incidentId: name === 'reopen' ? 'old' : 'outage', ...ABOUT[name] };
      const input = { ...about, ...read.input, idempotencyKey: `${name} ${key++}` };
      if (name === 'declare' && Object.keys(values).length === 1) Object.assign(input, { incidentId: 'shorter' });
      const { data, errors } = await serving.ask(mutationText(spec), { input });
      assert.deepEqual(errors, [], name);
      assert.equal(data[spec.mutation].__typename, 'IncidentPayload', JSON.stringify(data));
      assert.equal(refusalIn(data[spec.mutation], spec), null);
    };
    await send('declare', filled(FORMS.declare));
    await serving.ask(
      'mutation { updateIncident(input: { incidentId: "outage", updateId: "u1", message: "x" }) { __typename } }',
    );
    await serving.ask(
      'mutation { addActionItem(input: { incidentId: "outage", itemId: "i1", title: "x", kind: "other" }) { __typename } }',
    );
    await send('update', filled(FORMS.update));
    for (const name of ['amend', 'notify', 'acknowledge', 'add-item', 'complete-item', 'link', 'publish'] as const) {
      await send(name, filled(FORMS[name]));
    }
    await send('resolve', { message: 'Over.', impactEndedAt: '2022-12-13 20:28' });
    await send('reopen', { message: 'Not over.', at: '' });
    await send('declare', { title: 'Shorter' });
  });

  test('empty fields are left out, lines become lists, times are written in UTC', () => {
    const read = inputOf(FORMS.declare, {
      title: '  Outage ',
      message: '',
      impactStartedAt: '2022-12-13 21:10 +01:00',
      clusterIds: 'web\n  db \n',
      components: 'core api = partial_outage\na=b=major_outage\nC=D',
    });
    assert.deepEqual(read, {
      ok: true,
      input: {
        title: 'Outage',
        impactStartedAt: '2022-12-13T20:10:00Z',
        clusterIds: ['web', 'db'],
        // Only what could be a status is taken for one.
        components: [
          { componentId: 'core api', status: 'partial_outage' },
          { componentId: 'a=b', status: 'major_outage' },
          { componentId: 'C=D' },
        ],
      },
    });
  });

  test('each field that is needed and missing, or cannot be read, is named', () => {
    const read = inputOf(FORMS.update, { message: ' ', impactStartedAt: 'ten past eight', components: 'x = broken' });
    assert.ok(!read.ok);
    assert.deepEqual(
      read.faults.map(({ field }) => field),
      ['message', 'impactStartedAt', 'components'],
    );
  });

  test('the statuses of components are those of the schema', async (t) => {
    const { ask } = await serve(t);
    const { data } = await ask('{ __type(name: "ComponentStatus") { enumValues { name } } }');
    assert.deepEqual(
      data.__type.enumValues.map(({ name }: { name: string }) => name),
      COMPONENT_STATUSES,
    );
  });
});

describe('refusals', () => {
  test('stand beside the field that the server names', async (t) => {
    const serving = await serve(t);
    await serving.tell(['IncidentDeclared', 'outage', { title: 'Outage', status: 'resolved', origin: 'manual' }, 0]);
    const refused = async (name: keyof typeof FORMS, values: object) => {
      const spec: FormSpec = FORMS[name];
      const { data } = await serving.ask(mutationText(spec), { input: { incidentId: 'outage', ...values } });
      return refusalIn(data[spec.mutation], spec);
    };
    const early = { message: 'x', impactStartedAt: '2022-12-13T20:10:00Z', impactEndedAt: '2022-12-13T20:00:00Z' };
    const fault = await refused('update', early);
    assert.deepEqual([fault?.field, fault?.code, fault?.canRetry], ['impactEndedAt', 'INVALID_INPUT', false]);
    const resolved = await refused('update', { message: 'x', status: 'monitoring' });
    assert.deepEqual([resolved?.field, resolved?.code], ['status', 'ILLEGAL_TRANSITION']);
    assert.match(resolved?.advice ?? '', /resolved/);
    const again = await refused('resolve', { message: 'x' });
    assert.deepEqual([again?.field, again?.code], [null, 'ILLEGAL_TRANSITION']);
    const unknown = await refused('amend', { updateId: 'nothing', message: 'x', reason: 'x' });
    assert.deepEqual([unknown?.field, unknown?.code], [null, 'UNKNOWN_UPDATE']);
  });

  test('of values that GraphQL itself cannot take stand beside their field, too', () => {
    const message = 'Variable "$input" has invalid value at "input.at": not a time';
    const refusal = refusalOf({ kind: 'refused', code: 'BAD_VALUE', message }, FORMS.update);
    assert.deepEqual([refusal.field, refusal.canRetry], ['at', false]);
  });

  test('no answer may be sent again, a missing role may not', () => {
    const unreachable = refusalOf({ kind: 'unreachable', code: '', message: 'Failed to fetch' }, FORMS.update);
    assert.equal(unreachable.canRetry, true);
    const forbidden = refusalOf({ kind: 'forbidden', code: 'FORBIDDEN', message: 'no' }, FORMS.update);
    assert.deepEqual([forbidden.canRetry, /operate/.test(forbidden.advice)], [false, true]);
  });
});

describe('drafts', () => {
  const begin = (): Draft => ({ values: {}, key: 'first', unanswered: null });
  function storage(): Storage {
    const kept = new Map<string, string>();
    return {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => void kept.set(name, text),
      removeItem: (name: string) => void kept.delete(name),
    } as Storage;
  }

  test('come back after a reload, each under its own name, until they are dropped', () => {
    const store = storage();
    keepDraft(store, 'update outage', { values: { message: 'half a sentence' }, key: 'k', unanswered: '{}' });
    assert.equal(draftNamed(store, 'update outage', begin).values['message'], 'half a sentence');
    assert.deepEqual(draftNamed(store, 'resolve outage', begin), begin());
    dropDraft(store, 'update outage');
    assert.deepEqual(draftNamed(store, 'update outage', begin), begin());
  });

  test('a storage that refuses, or holds something else, is as an empty one', () => {
    const full = {
      getItem: () => '{"key": 3}',
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => {},
    };
    keepDraft(full, 'x', begin());
    assert.deepEqual(draftNamed(full, 'x', begin), begin());
  });

  test('sent again unchanged it counts once; other words after no answer are another command', () => {
    const first = toSend(begin(), { message: 'x' }, () => 'second');
    assert.equal(first.key, 'first');
    assert.equal(toSend(first, { message: 'x' }, () => 'second').key, 'first');
    assert.equal(toSend(first, { message: 'y' }, () => 'second').key, 'second');
    // An answer, though a refusal, settles that nothing was recorded.
    assert.equal(toSend({ ...first, unanswered: null }, { message: 'y' }, () => 'second').key, 'first');
  });
});

describe('the timeline', () => {
  test('tells an amended post with its first words, and only the post of an event that did two things', async (t) => {
    const serving = await serve(t);
    const base = {
      title: 'Outage',
      status: 'investigating',
      origin: 'manual',
      impactStartedAt: '2022-12-13T20:00:00Z',
    };
    await serving.tell(
      ['IncidentDeclared', 'outage', { ...base, message: 'Sommething broke', updateId: 'u0' }, 10],
      ['IncidentUpdateAmended', 'outage', { updateId: 'u0', message: 'Something broke', reason: 'Spelling' }, 11],
    );
    const { data, errors } = await serving.ask(`{
      incident(id: "outage") { updates {
        id status message at recordedAt by visibility amendments { message at reason recordedAt by } event { position data } } }
      postmortem(incidentId: "outage") { timeline {
        at notBefore recordedAt kind summary count until clusterId late event { position type } } }
    }`);
    assert.deepEqual(errors, []);
    const rows = storyRows(data.postmortem.timeline, data.incident.updates);
    assert.deepEqual(
      rows.map(({ kind, firstWords, update }) => [kind, firstWords, update?.id ?? null]),
      [
        ['impact started', null, null],
        ['declared', 'Sommething broke', 'u0'],
        ['amended', null, null],
      ],
    );
    assert.match(rows[1]?.words ?? '', /Something broke/);
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
  });

  test('says how much later something became known', () => {
    assert.equal(lagOf('2022-12-13T20:14:00Z', '2022-12-13T20:45:00Z'), '31 min later');
    assert.equal(lagOf('2022-12-13T20:14:00Z', '2022-12-13T20:14:01Z'), '');
    assert.equal(lagOf('2022-12-13T20:14:00Z', '2022-12-13T20:13:00Z'), '');
  });

  test('a measure that is known as an interval is told as one', () => {
    assert.equal(measureWords({ ms: 840_000, msMax: 840_000 }), '14 min');
    assert.equal(measureWords({ ms: 840_000, msMax: 900_000 }), '14 min to 15 min');
  });
});
