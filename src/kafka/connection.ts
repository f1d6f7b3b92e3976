/**
 * Clients of Kafka as the settings say, and what their failures mean. Only here is a client made. kafkajs logs through the log that is
 * passed in; nothing it says holds credentials.
 */
import { readFileSync } from 'node:fs';
import kafkajs, { type Kafka, type KafkaConfig, type LogEntry, type logLevel } from 'kafkajs';
import { type ErrorCode, MusterbookError } from '../errors.ts';
import type { LinkFault } from '../link.ts';
import { installCodecs } from './codecs.ts';

/** The part of the configuration that says how brokers are reached. */
export interface KafkaSettings {
  /** `host:port`. */
  readonly kafkaBrokers: readonly string[];
  readonly kafkaTls: boolean;
  /** Paths of PEM files. */
  readonly kafkaCa: string | null;
  readonly kafkaCert: string | null;
  readonly kafkaKey: string | null;
  readonly kafkaSasl: 'plain' | 'scram-sha-256' | 'scram-sha-512' | null;
  readonly kafkaUsername: string | null;
  readonly kafkaPassword: string | null;
}

/** What is written to: pino fits. */
export interface KafkaLog {
  error(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
  debug(facts: object, message: string): void;
}

export interface ConnectOptions {
  /** How brokers' logs and quotas name us. */
  readonly clientId: string;
  readonly log: KafkaLog;
  /**
   * Called when the client met trouble that it goes on to mend by itself for a while (a connection lost, a request refused), so that
   * it can be shown before the client gives up.
   */
  readonly onTrouble?: (fault: LinkFault) => void;
  /** How often a client tries to connect before it gives up; absent: for about 20 s. It cannot be told to stop trying. */
  readonly connectRetries?: number;
}

/**
 * How the client tries again by itself: with the growing pauses about 20 s, which outlasts the restart of a broker. Whoever uses it
 * begins anew, with a pause, once it gives up.
 */
export const RETRY = { initialRetryTime: 200, maxRetryTime: 4_000, multiplier: 2, factor: 0.2, retries: 8 } as const;

/**
 * A client; it connects when it is used. Throws KAFKA_REFUSED when a PEM file cannot be read: reading it again later may work, so
 * this belongs inside whatever tries again.
 */
export function connectKafka(settings: KafkaSettings, options: ConnectOptions): Kafka {
  installCodecs();
  return new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...settings.kafkaBrokers],
    ...tls(settings),
    ...sasl(settings),
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    // A consumer begins anew under its own loop (see consumer.ts), never behind its back.
    retry: { ...RETRY, retries: options.connectRetries ?? RETRY.retries, restartOnFailure: async () => false },
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => passOn(entry, options),
  });
}

function tls(settings: KafkaSettings): Pick<KafkaConfig, 'ssl'> {
  if (!settings.kafkaTls) return {};
  const { kafkaCa, kafkaCert, kafkaKey } = settings;
  return {
    ssl: {
      ...(kafkaCa !== null && { ca: [pem(kafkaCa, 'MUSTERBOOK_KAFKA_CA')] }),
      ...(kafkaCert !== null && { cert: pem(kafkaCert, 'MUSTERBOOK_KAFKA_CERT') }),
      ...(kafkaKey !== null && { key: pem(kafkaKey, 'MUSTERBOOK_KAFKA_KEY') }),
    },
  };
}

function pem(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new MusterbookError('KAFKA_REFUSED', `${setting} cannot be read (${why})`, { setting }, error);
  }
}

function sasl({ kafkaSasl, kafkaUsername, kafkaPassword }: KafkaSettings): Pick<KafkaConfig, 'sasl'> {
  if (kafkaSasl === null) return {};
  const who = { username: kafkaUsername ?? '', password: kafkaPassword ?? '' };
  switch (kafkaSasl) {
    case 'plain':
      return { sasl: { mechanism: 'plain', ...who } };
    case 'scram-sha-256':
      return { sasl: { mechanism: 'scram-sha-256', ...who } };
    case 'scram-sha-512':
      return { sasl: { mechanism: 'scram-sha-512', ...who } };
  }
}

/** kafkajs calls "error" what it goes on to mend: here that is a warning, and whoever keeps the connection says what came of it. */
function passOn(
  { level, namespace, log: { message, timestamp: _, stack: __, ...facts } }: LogEntry,
  options: ConnectOptions,
): void {
  const { ERROR, WARN, INFO }: Record<'ERROR' | 'WARN' | 'INFO', logLevel> = kafkajs.logLevel;
  const said = `kafka: ${message}`;
  const all = { ...facts, part: namespace };
  if (level === ERROR) options.log.warn(all, said);
  else if (level === WARN || level === INFO) options.log.debug(all, said);
  // `Response …` are answers with an error: whoever asked is told, and that a group rebalances is no trouble.
  if (level === ERROR && namespace === 'Connection' && message.startsWith('Connection ')) {
    options.onTrouble?.(faultOf({ name: 'KafkaJSConnectionError', message, broker: facts['broker'] }));
  }
}

const MISSING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION']);
const REFUSED = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'SECURITY_DISABLED',
  'POLICY_VIOLATION',
]);

/** What a failure means outside: its code of `ERRORS`, and a message that names broker, topic and partition where known. */
export function faultOf(failure: unknown): LinkFault {
  if (failure instanceof MusterbookError) return { code: failure.code, message: failure.message };
  const causes = causesOf(failure);
  // What we say ourselves says more than what it came from.
  const last = causes.find((cause) => cause instanceof MusterbookError) ?? causes.at(-1);
  const said = typeof last?.message === 'string' && last.message !== '' ? last.message : String(failure);
  const place = causes.map(placeOf).find((text) => text !== '') ?? '';
  const found = causes.map(codeOf).find((code) => code !== null);
  const code: ErrorCode = found ?? (causes.some(isOfKafka) ? 'KAFKA_UNREACHABLE' : 'INTERNAL');
  return { code, message: said.includes(place) ? said : `${said} (${place})` };
}

interface Cause {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly broker?: unknown;
  readonly topic?: unknown;
  readonly partition?: unknown;
  readonly cause?: unknown;
}

function causesOf(failure: unknown): readonly Cause[] {
  const causes: Cause[] = [];
  let one: unknown = failure;
  while (typeof one === 'object' && one !== null && causes.length < 10) {
    causes.push(one);
    one = (one as Cause).cause;
  }
  return causes;
}

function codeOf(cause: Cause): ErrorCode | null {
  const { name, type, message, code } = cause;
  if (typeof type === 'string') {
    if (MISSING.has(type)) return 'KAFKA_TOPIC_MISSING';
    if (REFUSED.has(type) || type.endsWith('_AUTHORIZATION_FAILED')) return 'KAFKA_REFUSED';
  }
  if (name === 'KafkaJSSASLAuthenticationError') return 'KAFKA_REFUSED';
  if (name === 'KafkaJSTopicMetadataNotLoaded') return 'KAFKA_TOPIC_MISSING';
  if (name !== 'KafkaJSConnectionError') return null;
  // Certificates that are not trusted, not for this name, or asked of us.
  const isTls = /certificate|self-signed|\bSSL\b|\bTLS\b|altnames/i.test(String(message));
  return isTls || /CERT|ERR_TLS|ERR_SSL|EPROTO/.test(String(code)) ? 'KAFKA_REFUSED' : null;
}

function placeOf({ broker, topic, partition }: Cause): string {
  if (typeof broker === 'string') return broker;
  if (typeof topic !== 'string') return '';
  return typeof partition === 'number' ? `${topic}/${partition}` : topic;
}

function isOfKafka({ name }: Cause): boolean {
  return typeof name === 'string' && name.startsWith('KafkaJS');
}
