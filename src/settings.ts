/** What can be set: each setting's meaning, its default, what may stand there, and which do not go together. Pure. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where the record is: a file under `data`, this process's memory, or an EventStoreDB or KurrentDB. */
export type StoreSetting = 'sqlite' | 'memory' | `esdb${string}`;

/** The roles that Kafka-in may have: what it may append. */
export const KAFKA_ROLES = ['ingest', 'operate', 'admin'] as const;
/** Languages of the status page: each has its catalogue in src/serve/status/words. */
export const STATUS_LANGUAGES = ['en', 'de'] as const;
export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** What the process was told. Paths are absolute. */
export interface Config {
  readonly host: string;
  /** 0 asks the system for a free one. */
  readonly port: number;
  readonly publicUrl: URL | null;
  /** The folder of `ledger.sqlite` (or `mirror.sqlite`), `views.sqlite` and `lock.sqlite`. */
  readonly data: string;
  readonly store: StoreSetting;
  /** Before every stream name in an EventStoreDB. */
  readonly esdbPrefix: string;
  /** `host:port`, several; null: no Kafka. */
  readonly kafkaBrokers: readonly string[] | null;
  /** The topic that events come in by. */
  readonly kafkaTopic: string;
  readonly kafkaGroup: string;
  /** What Kafka-in may append. */
  readonly kafkaRole: (typeof KAFKA_ROLES)[number];
  /** The topic that recorded events go out to; null: none. */
  readonly kafkaOut: string | null;
  readonly kafkaTls: boolean;
  /** PEM files: who signed the brokers' certificates (null: those the system trusts), and our own certificate and key. */
  readonly kafkaCa: string | null;
  readonly kafkaCert: string | null;
  readonly kafkaKey: string | null;
  readonly kafkaSasl: (typeof SASL_MECHANISMS)[number] | null;
  readonly kafkaUsername: string | null;
  readonly kafkaPassword: string | null;
  /** The token file; null means no tokens, and then only loopback is served. */
  readonly tokens: string | null;
  readonly statusPublic: boolean;
  /** Whose status page it is. */
  readonly statusTitle: string;
  /** An intro line on it. */
  readonly statusText: string | null;
  /** An SVG or PNG file. */
  readonly statusLogo: string | null;
  /** `#rrggbb`. */
  readonly statusColor: string;
  readonly statusLanguage: (typeof STATUS_LANGUAGES)[number];
  readonly log: LogLevel;
  /** The server that commands talk to; null: the ledger under `data`. */
  readonly url: URL | null;
  /** Sent as `Authorization: Bearer` to `url`. */
  readonly token: string | null;
}

export interface Setting<Value> {
  readonly expected: string;
  readonly fallback: Value;
  /** The value meant by a text; undefined when the text means none. */
  readonly read: (text: string, folder: string) => Value | undefined;
}

const path = (what: string): Setting<string | null> => ({
  expected: `the path of ${what}`,
  fallback: null,
  read: (text, folder) => resolve(folder, text),
});
const topic = (text: string): string | undefined =>
  /^[A-Za-z0-9._-]{1,249}$/.test(text) && text !== '.' && text !== '..' ? text : undefined;
const TOPIC = 'a topic: 1 to 249 letters, digits, dots, underscores or hyphens';

export const SETTINGS: { readonly [Name in keyof Config]: Setting<Config[Name]> } = {
  host: { expected: 'a host name or an IP address to listen on', fallback: '127.0.0.1', read: readHost },
  port: { expected: 'a port from 0 to 65535', fallback: 4000, read: readPort },
  publicUrl: { expected: 'an http:// or https:// URL', fallback: null, read: readHttpUrl },
  data: { expected: 'the path of a folder', fallback: './data', read: (text, folder) => resolve(folder, text) },
  store: {
    expected:
      'sqlite, memory or the connection string of an EventStoreDB or KurrentDB, such as esdb://db:2113?tls=false',
    fallback: 'sqlite',
    read: readStore,
  },
  esdbPrefix: {
    expected: 'up to 100 letters, digits, dots, underscores or hyphens, the first a letter or digit',
    fallback: 'musterbook.',
    // What begins with $ is the store's own; a hyphen ends a category there, so ours may hold some.
    read: (text) => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text) ? text : undefined),
  },
  kafkaBrokers: {
    expected: 'brokers as host:port, with commas between them',
    fallback: null,
    read: readBrokers,
  },
  kafkaTopic: { expected: TOPIC, fallback: 'musterbook.events', read: topic },
  kafkaGroup: {
    expected: 'the name of a consumer group, 1 to 249 characters',
    fallback: 'musterbook',
    read: readGroup,
  },
  kafkaRole: {
    expected: `one of ${KAFKA_ROLES.join(', ')}`,
    fallback: 'operate',
    read: (text) => oneOf(KAFKA_ROLES, text),
  },
  kafkaOut: { expected: TOPIC, fallback: null, read: topic },
  kafkaTls: { expected: 'true or false', fallback: false, read: readBoolean },
  kafkaCa: path('a PEM file with the certificates of who signs for the brokers'),
  kafkaCert: path('a PEM file with our own certificate'),
  kafkaKey: path('a PEM file with the key of our own certificate'),
  kafkaSasl: {
    expected: `one of ${SASL_MECHANISMS.join(', ')}`,
    fallback: null,
    read: (text) => oneOf(SASL_MECHANISMS, text),
  },
  kafkaUsername: { expected: 'a user name', fallback: null, read: (text) => text },
  kafkaPassword: { expected: 'a password', fallback: null, read: (text) => text },
  tokens: { ...path('a token file') },
  statusPublic: { expected: 'true or false', fallback: true, read: readBoolean },
  statusTitle: {
    expected: 'a title of 1 to 100 characters on one line',
    fallback: 'Status',
    read: (text) => readLine(text, 100),
  },
  statusText: {
    expected: 'a text of 1 to 500 characters on one line',
    fallback: null,
    read: (text) => readLine(text, 500),
  },
  statusLogo: path('an SVG or PNG file'),
  statusColor: {
    expected: 'a colour as #rrggbb',
    fallback: '#2f6f4f',
    read: (text) => (/^#[0-9A-Fa-f]{6}$/.test(text) ? text.toLowerCase() : undefined),
  },
  statusLanguage: {
    expected: `one of ${STATUS_LANGUAGES.join(', ')}`,
    fallback: 'en',
    read: (text) => oneOf(STATUS_LANGUAGES, text),
  },
  log: { expected: `one of ${LOG_LEVELS.join(', ')}`, fallback: 'info', read: (text) => oneOf(LOG_LEVELS, text) },
  url: { expected: 'the http:// or https:// URL of a server', fallback: null, read: readHttpUrl },
  token: { expected: 'a token as `musterbook token create` prints it', fallback: null, read: readToken },
};

/** Settings whose value is never repeated: not in a fault, not in a log. */
export const SECRET: ReadonlySet<SettingName> = new Set<SettingName>(['kafkaPassword', 'token', 'store']);

/** Settings of the contract whose parts come later: whoever sets one would wait for something that does not happen. */
export const LATER = {
  jwks: 'nothing: sign-in by JWKS comes with a later version and is not in this one',
} as const;

export type SettingName = keyof Config | keyof typeof LATER;
export const SETTING_NAMES = [...Object.keys(SETTINGS), ...Object.keys(LATER)] as SettingName[];

/** Settings that make no sense beside the others; `isGiven` tells which were set. */
export function conflicts(
  config: Config,
  isGiven: (name: SettingName) => boolean,
): readonly { readonly name: SettingName; readonly expected: string }[] {
  const found: { name: SettingName; expected: string }[] = [];
  const refuse = (name: SettingName, isWrong: boolean, expected: string): void => {
    if (isWrong && isGiven(name)) found.push({ name, expected });
  };
  const kafka = SETTING_NAMES.filter((name) => name.startsWith('kafka') && name !== 'kafkaBrokers');
  if (!isGiven('kafkaBrokers')) {
    for (const name of kafka) refuse(name, true, 'nothing while MUSTERBOOK_KAFKA_BROKERS is unset');
    return found;
  }
  refuse(
    'kafkaOut',
    config.kafkaOut === config.kafkaTopic,
    'another topic than events come in by: they would go round',
  );
  const withTls = 'nothing while MUSTERBOOK_KAFKA_TLS is not true';
  for (const name of ['kafkaCa', 'kafkaCert', 'kafkaKey'] as const) refuse(name, !config.kafkaTls, withTls);
  refuse('kafkaCert', config.kafkaTls && config.kafkaKey === null, 'MUSTERBOOK_KAFKA_KEY beside it');
  refuse('kafkaKey', config.kafkaTls && config.kafkaCert === null, 'MUSTERBOOK_KAFKA_CERT beside it');
  const unnamed = config.kafkaUsername === null || config.kafkaPassword === null;
  refuse('kafkaSasl', unnamed, 'MUSTERBOOK_KAFKA_USERNAME and MUSTERBOOK_KAFKA_PASSWORD beside it');
  for (const name of ['kafkaUsername', 'kafkaPassword'] as const) {
    refuse(name, config.kafkaSasl === null, 'nothing while MUSTERBOOK_KAFKA_SASL is unset');
  }
  return found;
}

function readHost(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) > 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(bare) ? bare : undefined;
}

function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  return port >= 0 && port <= 65_535 ? port : undefined;
}

function readHttpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined;
}

function readToken(text: string): string | undefined {
  // What may stand in an HTTP header: RFC 6750's b64token is narrower, but a token made by hand should not fail here.
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined;
}

function oneOf<Word extends string>(words: readonly Word[], text: string): Word | undefined {
  return words.find((word) => word === text);
}

function readLine(text: string, lengthMax: number): string | undefined {
  const line = text.trim();
  return line !== '' && [...line].length <= lengthMax && !/\p{Cc}/u.test(line) ? line : undefined;
}

function readBoolean(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function readStore(text: string): StoreSetting | undefined {
  if (text === 'sqlite' || text === 'memory') return text;
  // The client reads the rest; here only what cannot be one is told apart.
  return /^esdb(\+discover)?:\/\/[^\s/?]+/.test(text) ? (text as StoreSetting) : undefined;
}

function readBrokers(text: string): readonly string[] | undefined {
  const brokers = text.split(',').map((broker) => broker.trim());
  const isBroker = (broker: string): boolean => {
    const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/@]+):(\d{1,5})$/.exec(broker) ?? [];
    return host !== undefined && readHost(host) !== undefined && Number(port) > 0 && Number(port) <= 65_535;
  };
  return brokers.every(isBroker) ? brokers : undefined;
}

function readGroup(text: string): string | undefined {
  return text.length <= 249 && text.trim() === text ? text : undefined;
}
