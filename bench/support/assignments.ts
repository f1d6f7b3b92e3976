/** Events as a busy collector sends them: one job assignment after another, over a few clusters. */
import type { NewEvent } from '../../schemas/event.ts';
import { streamName } from '../../schemas/ids.ts';
import { microsFromMs } from '../../schemas/time.ts';
import type { NewId } from '../../src/clock.ts';
import type { AppendRequest } from '../../src/ledger/port.ts';

/** Clusters that the assignments go round. */
const SUBJECTS = 20;
export const ACTOR = { authType: 'unauthenticated', authId: null };

let made = 0;

/** The next one, a millisecond after the last. */
export function newAssignment(newId: NewId): NewEvent<'JobAssigned'> {
  made += 1;
  return {
    id: newId(),
    source: 'bench://collector',
    type: 'JobAssigned',
    subject: `cluster-${made % SUBJECTS}`,
    time: microsFromMs(1_670_961_600_000 + made),
    notBefore: null,
    synthetic: false,
    extensions: {},
    data: { jobId: `job-${made % 1000}`, nodeId: `node-${made % 40}`, leaderId: 'node-1', term: 7, attempt: 1 },
  };
}

/** As a request of its own. */
export function newRequest(newId: NewId): AppendRequest {
  const event = newAssignment(newId);
  return { stream: streamName('cluster', event.subject), expected: 'any', events: [event], actor: ACTOR };
}
