/** Facts for the browser tests, told over HTTP like a collector would. */
import assert from 'node:assert/strict';

export type Fact = readonly [type: string, subject: string, data: object];

let told = 0;

/** Appends facts, now, in this order; resolves with the position of the last one. */
export async function tell(url: string, ...facts: readonly Fact[]): Promise<number> {
  const events = facts.map(([type, subject, data]) => {
    told += 1;
    return { specversion: '1.0', id: `b${told}`, source: '/browser', type, subject, data };
  });
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  });
  const answer = (await response.json()) as { appended: number; position: number };
  assert.equal(answer.appended, facts.length, JSON.stringify(answer));
  return Number(answer.position);
}
