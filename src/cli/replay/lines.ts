/** A replay where nothing can be redrawn: a line for each event, and one whenever the state of things changes. */
import { nameOf, wordsOf } from '../demo/say.ts';
import { followersOf, runningOf } from '../demo/state.ts';
import { moment, plain } from '../print/text.ts';
import type { DrawnFrame } from './frames.ts';

export async function* replayLines(frames: AsyncIterable<DrawnFrame>): AsyncGenerator<string> {
  let state = '';
  for await (const { at, event, cluster } of frames) {
    yield `${moment(at)}  ${nameOf(event.type).padEnd(22)}  ${wordsOf(event)}`.trimEnd();
    const changed = stateLine(cluster);
    if (changed !== state) yield `${' '.repeat(20)}  = ${changed}`;
    state = changed;
  }
}

function stateLine(cluster: DrawnFrame['cluster']): string {
  const { following, of } = followersOf({ ...cluster, maintenances: [] });
  const term = cluster.term === null ? '' : ` term ${cluster.term}`;
  const running = runningOf({ ...cluster, maintenances: [] });
  return `leader ${cluster.leader === null ? 'nobody' : plain(cluster.leader.id)}${term} | ${following} of ${of} follow | ${running} of ${cluster.jobs.length} jobs run`;
}
