/** CloudEvents as texts, for tests that come in from outside. */
export interface Told {
  readonly type: string;
  readonly subject: string;
  readonly id: string;
  readonly time?: string;
  readonly recordedat?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function told(event: Told): string {
  return JSON.stringify({ specversion: '1.0', source: '/told', ...event });
}

/** A small cluster: `a` leads term 3 and is followed by `b`; `c` is lost with the job `j1` on it. */
export const SMALL_CLUSTER: readonly string[] = [
  told({ type: 'NodeJoined', subject: 'web', id: '1', time: '2022-12-13T20:00:00Z', data: { nodeId: 'a' } }),
  told({ type: 'NodeJoined', subject: 'web', id: '2', time: '2022-12-13T20:00:01Z', data: { nodeId: 'b' } }),
  told({
    type: 'LeaderElected',
    subject: 'web',
    id: '3',
    time: '2022-12-13T20:00:02Z',
    data: { leaderId: 'a', term: 3 },
  }),
  told({
    type: 'FollowerAttached',
    subject: 'web',
    id: '4',
    time: '2022-12-13T20:00:03Z',
    data: { nodeId: 'b', leaderId: 'a', term: 3 },
  }),
  told({
    type: 'JobStarted',
    subject: 'web',
    id: '5',
    time: '2022-12-13T20:00:04Z',
    data: { jobId: 'j1', nodeId: 'c' },
  }),
  told({ type: 'HeartbeatLost', subject: 'web', id: '6', time: '2022-12-13T20:00:05Z', data: { nodeId: 'c' } }),
];

/** An incident about it. */
export const SMALL_INCIDENT: readonly string[] = [
  told({
    type: 'IncidentDeclared',
    subject: 'outage',
    id: '7',
    time: '2022-12-13T20:01:00Z',
    data: { title: 'Web is slow', status: 'investigating', impact: 'major', clusterIds: ['web'], origin: 'manual' },
  }),
];
