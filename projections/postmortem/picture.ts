/** A cluster at one instant, in numbers. */
import type { Micros } from '../../schemas/time.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { ClusterPicture } from './record.ts';

const LIVENESS = ['ALIVE', 'LOST', 'LEFT', 'UNKNOWN'] as const;
const JOB_STATES = ['RUNNING', 'ASSIGNED', 'ORPHANED', 'UNASSIGNED', 'FAILED', 'SUBMITTED', 'COMPLETED'] as const;

export function pictureOf(view: ClusterView, at: Micros, when: ClusterPicture['when']): ClusterPicture {
  const leaders = Object.entries(view.state.leadership.scopes).flatMap(([scope, { open, leading }]) => {
    const claim = open.find((each) => each.claim === leading?.claim);
    return claim === undefined ? [] : [{ nodeId: claim.leaderId, scope: scope || null, term: claim.term }];
  });
  return {
    clusterId: view.id,
    at,
    when,
    leaders,
    followers: view.nodes.filter(({ following }) => following !== null).length,
    nodes: numbers(LIVENESS, view.nodes, ({ liveness }) => liveness),
    jobs: numbers(JOB_STATES, view.jobs, ({ state }) => state),
  };
}

function numbers<Word extends string, Each>(
  words: readonly Word[],
  all: readonly Each[],
  wordOf: (each: Each) => Word,
): ClusterPicture['nodes'] {
  return words.flatMap((word) => {
    const count = all.filter((each) => wordOf(each) === word).length;
    return count === 0 ? [] : [[word.toLowerCase(), count] as const];
  });
}
