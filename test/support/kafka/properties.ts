/** What a broker for tests is told: one node that is broker and controller, on loopback only. */
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';

/** How clients may come in. Every broker has a plain listener too, for the test's own use. */
export const LISTENERS = ['SASL_PLAINTEXT', 'SSL', 'SASL_SSL'] as const;
export type Listener = (typeof LISTENERS)[number];

/** Who may sign in on the SASL listeners, by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
export const USER = { username: 'muster', password: 'muster-secret' } as const;

export interface BrokerPorts {
  readonly plain: number;
  readonly controller: number;
  readonly others: Readonly<Partial<Record<Listener, number>>>;
}

export interface PropertiesOptions {
  readonly folder: string;
  readonly ports: BrokerPorts;
  /** Null without a TLS listener. */
  readonly certificates: Certificates | null;
  /** Set last: they win. */
  readonly more: Readonly<Record<string, string>>;
}

/** The text of `server.properties`. */
export function serverProperties({ folder, ports, certificates, more }: PropertiesOptions): string {
  const named = Object.entries(ports.others) as (readonly [Listener, number])[];
  const clients = [['PLAINTEXT', ports.plain] as const, ...named].map(([name, port]) => `${name}://127.0.0.1:${port}`);
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: [...clients, `CONTROLLER://127.0.0.1:${ports.controller}`].join(','),
    'advertised.listeners': clients.join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': [
      'CONTROLLER:PLAINTEXT',
      ...['PLAINTEXT', ...LISTENERS].map((name) => `${name}:${name}`),
    ].join(','),
    'log.dirs': join(folder, 'log'),
    // One node cannot keep more copies, and fifty partitions of internal topics only cost time.
    ...Object.fromEntries(
      ['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic'].flatMap((topic) => [
        [`${topic}.replication.factor`, '1'],
        [`${topic}.num.partitions`, '1'],
        [`${topic}.min.isr`, '1'],
      ]),
    ),
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // A wrong topic is to be told as such.
    'auto.create.topics.enable': 'false',
    'log.retention.check.interval.ms': '1000',
    ...sasl(named.map(([name]) => name)),
    ...(certificates && {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': certificates.broker,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': certificates.ca,
      'ssl.client.auth': 'requested',
    }),
    ...more,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function sasl(listeners: readonly Listener[]): Record<string, string> {
  const modules = 'org.apache.kafka.common.security';
  return Object.fromEntries(
    listeners
      .filter((name) => name.startsWith('SASL'))
      .map((name) => `listener.name.${name.toLowerCase()}`)
      .flatMap((listener) => [
        [`${listener}.sasl.enabled.mechanisms`, 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512'],
        [
          `${listener}.plain.sasl.jaas.config`,
          `${modules}.plain.PlainLoginModule required user_${USER.username}="${USER.password}";`,
        ],
        [`${listener}.scram-sha-256.sasl.jaas.config`, `${modules}.scram.ScramLoginModule required;`],
        [`${listener}.scram-sha-512.sasl.jaas.config`, `${modules}.scram.ScramLoginModule required;`],
      ]),
  );
}
