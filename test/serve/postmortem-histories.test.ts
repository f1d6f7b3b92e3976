/** Whatever the history, an incident is written up: no error, texts that hold together, the answers of the incident itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lexer, type Tokens } from 'marked';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { formatTime } from '../../schemas/time.ts';
import { historyOf } from '../support/histories.ts';
import { elementsOf } from '../support/html.ts';
import { CALLER, serve } from './serving.ts';

function cloudEvent(event: AnyFoldEvent): { readonly text: string } {
  const { id, source, type, subject, data, occurredAt, occurredAtKnown, recordedAt, notBefore } = event;
  const time = occurredAtKnown ? { time: formatTime(occurredAt) } : {};
  const notbefore = notBefore === null ? {} : { notbefore: formatTime(notBefore) };
  const recordedat = formatTime(recordedAt);
  return {
    text: JSON.stringify({ specversion: '1.0', id, source, type, subject, ...time, ...notbefore, recordedat, data }),
  };
}

const ASKED = `
  markdown html
  timeline { at late events { id } } measures { name ms msMax } gaps { reason } omissions
  contradictions { statements { event { position } } }
  beliefs { status impactEndedAt }
  incident { status impactEndedAt measures { name ms msMax } completeness { gaps { reason } } timeline { at } }`;

for (const seed of [1, 2, 3, 4]) {
  test(`a history of seed ${seed}`, async (t) => {
    const serving = await serve(t);
    const history = historyOf({ seed, events: 400 });
    const { rejected, position } = await serving.accept.restore(history.map(cloudEvent), CALLER);
    assert.deepEqual(rejected, []);
    assert.ok(await serving.views.reached(position, 5_000));
    for (const moment of ['null', `{ position: ${Math.floor(position / 2)} }`]) {
      for (const id of ['outage-0', 'outage-1']) {
        const { data, errors } = await serving.ask(
          `{ postmortem(incidentId: "${id}", moment: ${moment}) { ${ASKED} } }`,
        );
        assert.deepEqual([errors, serving.errors], [[], []]);
        const { postmortem } = data;
        if (postmortem === null) continue;
        const { incident, measures, gaps, beliefs, markdown, html, contradictions } = postmortem;
        assert.deepEqual(measures, incident.measures);
        assert.deepEqual(gaps, incident.completeness.gaps);
        assert.deepEqual(beliefs.at(-1), { status: incident.status, impactEndedAt: incident.impactEndedAt });
        for (const { statements } of contradictions) assert.ok(statements.length > 0);
        const titles = lexer(markdown).filter(
          (token) => token.type === 'heading' && (token as Tokens.Heading).depth === 2,
        );
        const headings = elementsOf(html).filter(({ name }) => name === 'h2');
        assert.equal(titles.length, headings.filter(({ text }) => text !== 'The published account').length);
      }
    }
  });
}
