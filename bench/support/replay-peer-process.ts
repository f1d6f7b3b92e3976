/** Bare Yoga on express that streams one constant frame, told by its parent, as often as its subscriber asks for. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import express from 'express';
import { createSchema, createYoga } from 'graphql-yoga';

let frame: object = {};
const schema = createSchema({
  typeDefs: `
    scalar JSON
    type Query { ok: Boolean }
    type Subscription { replay(count: Int!): ReplayFrame! }
    type ReplayFrame { cursor: String! at: String! event: Event! cluster: Cluster! }
    type Event { position: String! type: String! subject: ID! occurredAt: String! data: JSON }
    type Cluster { id: ID! term: Int electing: Boolean! leader: ClusterNode nodes: [ClusterNode!]! jobs: [Job!]! }
    type ClusterNode { id: ID! role: String! liveness: String! following: ClusterNode since: String }
    type Job { id: ID! state: String! node: ClusterNode }`,
  resolvers: {
    Subscription: {
      replay: {
        async *subscribe(_root: unknown, { count }: { readonly count: number }) {
          for (let told = 0; told < count; told += 1) {
            // Always ready, it would starve the process.
            if (told % 50 === 49) await nextTurn();
            yield { replay: frame };
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
process.on('message', (told: object) => {
  frame = told;
  process.send?.({ taken: true });
});
server.on('listening', () => process.send?.({ port: (server.address() as { port: number }).port }));
