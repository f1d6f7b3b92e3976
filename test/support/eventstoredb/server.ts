/**
 * An EventStoreDB on the wire, without TLS, for tests: the client's own service definitions on @grpc/grpc-js. What it models and what it
 * cannot prove is in docs/eventstoredb-testing.md.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server as Listener, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js';
import { append, BatchAppends, type Context, expectedOf } from './appending.ts';
import { Faults } from './faults.ts';
import * as say from './messages.ts';
import { read } from './reading.ts';
import { Store } from './store.ts';

const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState;

/** A member of the cluster as gossip tells of it. */
export interface Member extends say.Endpoint {
  readonly state: 'leader' | 'follower';
  readonly alive: boolean;
}

export interface ServerOptions {
  /** Default: a new store in memory. */
  readonly store?: Store;
  /** Default 0: chosen by the system at the first start, kept after that. */
  readonly port?: number;
  /** Servers before 23.10 do not tell a subscriber that it caught up or fell behind. Default: the newer one. */
  readonly version?: '22.10.5' | '24.10.0';
  /** What gossip answers. Default: this server alone, as the leader. */
  readonly members?: () => readonly Member[];
}

export class EventStoreServer {
  readonly store: Store;
  readonly faults = new Faults();
  readonly #instance = randomUUID();
  readonly #sockets = new Map<string, Socket>();
  readonly #subscriptions = new Set<unknown>();
  readonly #members: () => readonly Member[];
  readonly #version: NonNullable<ServerOptions['version']>;
  #port: number;
  #running: { readonly grpc: Server; readonly listener: Listener } | undefined;

  constructor(options: ServerOptions = {}) {
    this.store = options.store ?? new Store();
    this.#version = options.version ?? '24.10.0';
    this.#port = options.port ?? 0;
    this.#members = options.members ?? (() => [{ host: '127.0.0.1', port: this.#port, state: 'leader', alive: true }]);
  }

  get port(): number {
    return this.#port;
  }

  /** For one node: the client asks what the server can do, then appends. */
  get connectionString(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** For a cluster: the client asks gossip first. Three attempts, so that a refused discovery is known soon. */
  get discoveryString(): string {
    return `esdb+discover://127.0.0.1:${this.#port}?tls=false&maxDiscoverAttempts=3&discoveryInterval=10`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** How many subscriptions are open. */
  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  /** Listens, on the port of before if it ran before. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.store.forgetRecentIds();
    const grpc = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    this.#serve(grpc);
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const listener = createServer((socket) => {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      this.#sockets.set(peer, socket);
      socket.on('close', () => this.#sockets.delete(peer)).on('error', () => undefined);
      injector.injectConnection(socket);
    });
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#running = { grpc, listener };
    const address = listener.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Stops at once, like a killed process: connections are cut, nothing is answered any more. The store stays. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const closed = new Promise((resolve) => running.listener.close(resolve));
    this.dropConnections();
    running.grpc.forceShutdown();
    await closed;
  }

  /** Cuts every connection, and goes on listening. */
  dropConnections(): void {
    for (const socket of this.#sockets.values()) socket.resetAndDestroy();
  }

  #serve(grpc: Server): void {
    const context: Context = {
      store: this.store,
      faults: this.faults,
      subscriptions: this.#subscriptions,
      tellsCaughtUp: this.#version !== '22.10.5',
      drop: (peer) => this.#sockets.get(peer)?.resetAndDestroy(),
    };
    grpc.addService(StreamsService, {
      batchAppend: (call: ConstructorParameters<typeof BatchAppends>[1]) => void new BatchAppends(context, call),
      append: (call: Parameters<typeof append>[1], answer: Parameters<typeof append>[2]) =>
        append(context, call, answer),
      read: (call: Parameters<typeof read>[1]) => void read(context, call),
      delete: (call: { request: streams.DeleteReq }, answer: sendUnaryData<streams.DeleteResp>) => {
        const outcome = remove(this.store, call.request.getOptions(), 'soft');
        if (outcome instanceof Error) answer(outcome);
        else answer(null, new streams.DeleteResp().setPosition(at(new streams.DeleteResp.Position(), outcome)));
      },
      tombstone: (call: { request: streams.TombstoneReq }, answer: sendUnaryData<streams.TombstoneResp>) => {
        const outcome = remove(this.store, call.request.getOptions(), 'tombstone');
        if (outcome instanceof Error) answer(outcome);
        else answer(null, new streams.TombstoneResp().setPosition(at(new streams.TombstoneResp.Position(), outcome)));
      },
    });
    grpc.addService(GossipService, {
      read: (_call: unknown, answer: sendUnaryData<gossip.ClusterInfo>) => {
        const fault = this.faults.gossip.firing(undefined)?.fault;
        if (fault === undefined) answer(null, this.#clusterInfo());
        else if (fault === 'refuse') answer(say.notReady());
      },
    });
    grpc.addService(ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, answer: sendUnaryData<features.SupportedMethods>) => {
        const fault = this.faults.features.firing(undefined)?.fault;
        if (fault === undefined) answer(null, supportedMethods(this.#version));
        else if (fault === 'refuse') answer(say.notReady());
      },
    });
  }

  #clusterInfo(): gossip.ClusterInfo {
    const members = this.#members().map(({ host, port, state, alive }) =>
      new gossip.MemberInfo()
        .setInstanceId(new shared.UUID().setString(this.#instance))
        .setTimeStamp(`${BigInt(Date.now()) * 10_000n}`)
        .setState(state === 'leader' ? LEADER : FOLLOWER)
        .setIsAlive(alive)
        .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port)),
    );
    return new gossip.ClusterInfo().setMembersList(members);
  }
}

/** A server that a test starts, stopped when the test ends. */
export async function eventStoreFor(test: TestContext, options: ServerOptions = {}): Promise<EventStoreServer> {
  const server = new EventStoreServer(options);
  await server.start();
  test.after(() => server.stop());
  return server;
}

/** Names in lower case, as the server says them. */
function supportedMethods(version: string): features.SupportedMethods {
  const methods = Object.values(StreamsService).map(({ path }) => {
    const [, service = '', method = ''] = path.toLowerCase().split('/');
    return new features.SupportedMethod().setServiceName(service).setMethodName(method);
  });
  return new features.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion(version);
}

type RemoveOptions = streams.DeleteReq.Options | streams.TombstoneReq.Options;

/** The position of what was written, or what the call ends with. */
function remove(store: Store, options: RemoveOptions | undefined, how: 'soft' | 'tombstone'): bigint | Error {
  if (options === undefined) return say.callError(status.INVALID_ARGUMENT, 'No options.');
  const stream = say.streamName(options.getStreamIdentifier());
  const expected = expectedOf(options, options.getRevision());
  const outcome = store.delete(stream, expected, how);
  if (outcome.kind === 'deleted') return say.streamDeleted(stream);
  if (outcome.kind === 'wrong-version') return say.wrongVersion(stream, expected, outcome.current);
  return outcome.position!;
}

interface Placed {
  setCommitPosition(value: string): unknown;
  setPreparePosition(value: string): unknown;
}

function at<T extends Placed>(message: T, position: bigint): T {
  message.setCommitPosition(`${position}`);
  message.setPreparePosition(`${position}`);
  return message;
}
