/** What the demo leaves its audience with: where to look, and questions to try. */
import type { Cast } from './story.ts';

export function placesOf(url: string, { clusterId }: Cast): readonly string[] {
  return [`GraphiQL  ${url}/graphql`, `terminal  npx musterbook cluster get ${clusterId} --watch --url ${url}`];
}

/** A GraphQL question as a command line for any shell that knows single quotes. */
function curlOf(url: string, question: string): string {
  return `curl -s ${url}/graphql -H 'content-type: application/json' -d '${JSON.stringify({ query: question })}'`;
}

/** `folder` is where the record lies; null where it goes with the process. */
export function questionsOf(url: string, cast: Cast, folder: string | null): string {
  const { clusterId, incidentId } = cast;
  const lost = {
    specversion: '1.0',
    id: `${clusterId}-orch-3-is-lost`,
    source: 'me',
    type: 'HeartbeatLost',
    subject: clusterId,
    data: { nodeId: 'orch-3' },
  };
  return `
The story is told. In 2022: first word 13 min after the errors began, errors over after 14 min, resolved 90 min after that.

Who leads, and what does not run?
  ${curlOf(url, `{ cluster(id: "${clusterId}") { leader { id } term nodes { id liveness following { id } } jobs(states: [SUBMITTED, ASSIGNED, ORPHANED]) { id critical node { id } } } }`)}
What was said, when did it happen, and when did we know?
  ${curlOf(url, `{ incident(id: "${incidentId}") { title status impactStartedAt impactEndedAt updates { at recordedAt status message } measures { name ms } } }`)}
Send an event of your own: a node is heard no more, and what ran there is orphaned. Then ask the first question again.
  curl -s ${url}/v1/events -H 'content-type: application/cloudevents+json' -d '${JSON.stringify(lost)}'
The same in a terminal
  npx musterbook cluster get ${clusterId} --url ${url}
  npx musterbook incident get ${incidentId} --url ${url}
  npx musterbook events ls --cluster ${clusterId} --url ${url}

${folder === null ? 'The record is in memory and goes with this process; Ctrl-C ends it.' : `The record is in ${folder}. End this with Ctrl-C, or even kill -9; then start it again and ask: nothing is lost.\n  npx musterbook serve --data ${folder}`}
`;
}
