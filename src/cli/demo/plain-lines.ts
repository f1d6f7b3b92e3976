/** The demo where nothing can be redrawn: a line for each event, and one whenever the state of things changes. */
import { nameOf, wordsOf } from './say.ts';
import { type DemoAnswer, type DemoEvent, followersOf, runningOf } from './state.ts';

export function eventLine(event: DemoEvent): string {
  return `${event.occurredAt.slice(11, 19)}  ${nameOf(event.type).padEnd(22)}  ${wordsOf(event)}`.trimEnd();
}

export function captionLine(text: string, clockThen: string): string {
  return `\n-- then ${clockThen}: ${text}`;
}

/** The state of things on one line, or null before there is a cluster. */
export function stateLine({ cluster, incident, components }: DemoAnswer, componentId: string): string | null {
  if (cluster === null) return null;
  const { following, of } = followersOf(cluster);
  const component = components.find(({ id }) => id === componentId);
  const parts = [
    `leader ${cluster.leader?.id ?? 'nobody'}${cluster.term === null ? '' : ` term ${cluster.term}`}`,
    `${following} of ${of} follow`,
    `${runningOf(cluster)} of ${cluster.jobs.length} jobs run`,
    `API ${component?.status ?? 'unknown'}`,
    `incident ${incident === null ? 'none' : `${incident.status ?? 'unknown'}${incident.impactOpen ? ', impact open' : ''}`}`,
  ];
  return `          = ${parts.join(' | ')}`;
}
