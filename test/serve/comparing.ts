/** Asks for the difference between two moments. */
import assert from 'node:assert/strict';
import type { Serving } from './serving.ts';

const DIFF = /* GraphQL */ `
  query Diff($id: ID!, $from: Moment!, $to: Moment!) {
    topologyDiff(clusterId: $id, from: $from, to: $to) {
      leader { id from { id } to { id } fromTerm toTerm causes { id } }
      term { from to causes { id } }
      scopes { scope from { id } to { id } fromTerm toTerm causes { id } }
      nodes { id change from { liveness } to { liveness } causes { id } }
      followings { id from { id } to { id } fromTerm toTerm causes { id } }
      jobs { id change from { id } to { id } fromState toState causes { id } }
    }
  }`;

export type Moment = Readonly<Record<string, unknown>>;
export const at = (time: string): string => `2022-12-13T${time}:00Z`;
export const happened = (time: string): Moment => ({ happenedAt: at(time) });

export async function diff({ ask }: Serving, id: string, from: Moment, to: Moment) {
  const { data, errors } = await ask(DIFF, { id, from, to });
  assert.deepEqual(errors, []);
  return data.topologyDiff;
}

/** By row, the ids of its causes. */
export function causesIn(
  rows: readonly { readonly id: string; readonly causes: readonly { readonly id: string }[] }[],
) {
  return Object.fromEntries(rows.map(({ id, causes }) => [id, causes.map((cause) => cause.id)]));
}
