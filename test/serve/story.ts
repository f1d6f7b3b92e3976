/** A short story that the tests of answers ask about. */
import type { Serving } from './serving.ts';

/** Twelve events: who leads payments, a node that falls silent with a job on it, an incident, a maintenance to come. */
export async function story(serving: Serving): Promise<void> {
  await serving.tell(
    ['ComponentRegistered', 'api', { name: 'API', clusterId: 'payments' }, 0],
    ['NodeJoined', 'payments', { nodeId: 'n1', labels: { rack: 'r1' } }, 1],
    ['NodeJoined', 'payments', { nodeId: 'n2' }, 1],
    ['LeaderElected', 'payments', { leaderId: 'n1', term: 3 }, 2],
    ['FollowerAttached', 'payments', { nodeId: 'n2', leaderId: 'n1', term: 3 }, 3],
    ['JobAssigned', 'payments', { jobId: 'j1', nodeId: 'n2' }, 4],
    ['JobStarted', 'payments', { jobId: 'j1', nodeId: 'n2' }, 5],
    ['HeartbeatLost', 'payments', { nodeId: 'n2', lastSeenAt: '2022-12-13T21:14:30.1234567+01:00' }, 15],
    ['NodeJoined', 'search', { nodeId: 's1' }, 1],
    [
      'IncidentDeclared',
      'i1',
      {
        title: 'Jobs stopped',
        status: 'investigating',
        origin: 'manual',
        clusterIds: ['payments'],
        components: [{ componentId: 'api', status: 'major_outage' }, { componentId: 'ghost' }],
      },
      20,
    ],
    ['IncidentUpdated', 'i1', { message: 'a bad deploy', status: 'identified', updateId: 'u2' }, 25],
    [
      'MaintenanceScheduled',
      'm1',
      {
        title: 'Upgrade',
        startsAt: '2023-01-01T00:00:00Z',
        endsAt: '2023-01-01T01:00:00Z',
        components: [{ componentId: 'api' }],
        clusterIds: ['payments'],
      },
      30,
    ],
  );
}
