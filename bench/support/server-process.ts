/** One server of `serving.ts`, told what to do by its parent. */
import express from 'express';
import { createSchema, createYoga } from 'graphql-yoga';
import { cluster } from '../../projections/cluster/cluster.ts';
import { PROJECTIONS } from '../../projections/list.ts';
import { recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import type { Position } from '../../schemas/ids.ts';
import { createAccept } from '../../src/accept/create.ts';
import { systemClock, uuidV7 } from '../../src/clock.ts';
import { exportPages } from '../../src/egress/export.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { startProjecting } from '../../src/project/start.ts';
import type { View, Views } from '../../src/project/views.ts';
import { ROLES } from '../../src/serve/auth.ts';
import { startServer } from '../../src/serve/server.ts';
import { CLUSTER_QUERY, JOBS, NODES, type Order, type Serving, type Word } from './serving.ts';

const serving = process.argv[2] as Serving;
const say = (word: Word): void => void process.send?.(word);

interface Started {
  readonly port: number;
  /** Makes one change, which carries this stamp. */
  change(stamp: string): void;
}

const started = serving === 'yoga' ? await startYoga() : await startOurs();
process.on('message', ({ perSecond, count }: Order) => changeAtRate(perSecond, count));
say({ port: started.port });

/** On a fixed grid: a late timer does not slow the rate down. */
function changeAtRate(perSecond: number, count: number): void {
  const begun = performance.now();
  let made = 0;
  const timer = setInterval(() => {
    while (made < count && performance.now() - begun >= (made * 1_000) / perSecond) {
      made += 1;
      started.change(String(performance.timeOrigin + performance.now()));
    }
    if (made >= count) clearInterval(timer);
  }, 5);
}

async function startOurs(): Promise<Started & { readonly ask: () => Promise<unknown> }> {
  const ledger = openMemoryLedger();
  const { views } = await startProjecting({ ledger, projections: PROJECTIONS, keep: 'memory', onTrouble: fail });
  const accept = createAccept({ ledger, clock: systemClock, newId: uuidV7, source: 'musterbook' });
  const caller = { name: null, authType: 'unauthenticated', roles: new Set(ROLES), door: 'graphql' } as const;
  const tell = (events: readonly (readonly [type: string, data: object])[]) =>
    accept.facts(
      events.map(([type, data]) => ({
        value: { specversion: '1.0', id: uuidV7(), source: '/bench', type, subject: 'bench', data },
      })),
      caller,
    );
  const { position } = await tell(story());
  await views.reached(position, 10_000);
  const server = await startServer({
    ...{
      ledger,
      accept,
      clock: systemClock,
      newId: uuidV7,
      store: 'memory',
      tokens: null,
      publicUrl: null,
      routes: [],
    },
    views: serving === 'ours-changing' ? everChanging(views) : views,
    log: { info: () => {}, warn: () => {}, error: fail },
    ...{ host: '127.0.0.1', port: 0, answerCache: serving === 'ours-whole' },
    exported: { line: recordedLine, pages: (query) => exportPages(ledger, query) },
  });
  return {
    port: server.port,
    change: (stamp) => void tell([['NodeJoined', { nodeId: 'n0', name: stamp }]]).catch(fail),
    ask: async () => {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: CLUSTER_QUERY }),
      });
      return response.json();
    },
  };
}

/** Views whose cluster has been read anew, from its bytes, whenever anyone asks: what a change before every query costs its reader. */
function everChanging(views: Views): Views {
  const view = views.now().get(cluster, 'bench') as View<object>;
  const text = JSON.stringify(view.state);
  let position = views.position();
  const fresh = <State>(of: { readonly name: string }): View<State> | null =>
    of.name === 'cluster' ? { ...view, state: JSON.parse(text) as State } : null;
  return Object.assign(Object.create(views) as Views, {
    position: () => {
      position = (position + 1) as Position;
      return position;
    },
    at: (at: Position) => ({ position: at, get: fresh, list: () => [] }),
  });
}

/** The same answers from constant objects, by resolvers that do nothing. */
async function startYoga(): Promise<Started> {
  const ours = await startOurs();
  const { data } = (await ours.ask()) as { data: { cluster: Record<string, unknown> } };
  const changes: { readonly cursor: number; readonly cluster: object }[] = [];
  let wake = Promise.withResolvers<void>();
  const schema = createSchema({
    typeDefs: `
      type Query { cluster(id: ID!): Cluster }
      type Subscription { cluster(id: ID!): ClusterChange! }
      type ClusterChange { cursor: String! cluster: Cluster! }
      type Cluster { id: ID! term: Int electing: Boolean! leader: ClusterNode nodes: [ClusterNode!]! jobs: [Job!]! node(id: ID!): ClusterNode }
      type ClusterNode { id: ID! name: String zone: String kind: String role: String! liveness: String! following: ClusterNode since: String }
      type Job { id: ID! name: String critical: Boolean! state: String! node: ClusterNode assignedTerm: Int attempts: Int! since: String! }`,
    resolvers: {
      Query: { cluster: () => data.cluster },
      Subscription: {
        cluster: {
          // The way Yoga's guide has it: a generator for each subscriber, here reading from a cursor, so that nothing is dropped.
          async *subscribe() {
            for (let next = changes.length; ; ) {
              const change = changes[next];
              if (change) {
                next += 1;
                yield { cluster: change };
              } else await wake.promise;
            }
          },
        },
      },
    },
  });
  const yoga = createYoga({ schema, logging: false, maskedErrors: false });
  const app = express();
  app.use('/graphql', yoga as unknown as express.RequestHandler);
  const server = app.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.on('listening', () => resolve()));
  return {
    port: (server.address() as { port: number }).port,
    change(stamp) {
      changes.push({ cursor: changes.length + 1, cluster: { ...data.cluster, node: { id: 'n0', name: stamp } } });
      const ring = wake;
      wake = Promise.withResolvers<void>();
      ring.resolve();
    },
  };
}

function story(): (readonly [string, object])[] {
  const events: (readonly [string, object])[] = [];
  for (let node = 0; node < NODES; node += 1) {
    events.push(['NodeJoined', { nodeId: `n${node}`, name: `node ${node}`, zone: `zone-${node % 3}`, kind: 'voter' }]);
  }
  events.push(['LeaderElected', { leaderId: 'n0', term: 7 }]);
  for (let node = 1; node < NODES; node += 1) {
    events.push(['FollowerAttached', { nodeId: `n${node}`, leaderId: 'n0', term: 7 }]);
  }
  for (let job = 0; job < JOBS; job += 1) {
    const nodeId = `n${job % NODES}`;
    events.push(['JobSubmitted', { jobId: `job-${job}`, name: `job ${job}`, critical: job % 10 === 0 }]);
    events.push(
      ['JobAssigned', { jobId: `job-${job}`, nodeId, term: 7 }],
      ['JobStarted', { jobId: `job-${job}`, nodeId }],
    );
  }
  return events;
}

function fail(error: unknown): never {
  process.stderr.write(`${JSON.stringify(error)}\n`);
  process.exit(1);
}
