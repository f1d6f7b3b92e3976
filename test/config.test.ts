import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  ConfigError,
  type ConfigFault,
  type ConfigSources,
  isLoopback,
  readConfig,
  wantsColor,
} from '../src/config.ts';
import { temporaryFolder } from './support/temporary.ts';

function faultsOf(sources: ConfigSources): readonly ConfigFault[] {
  try {
    readConfig({ env: {}, folder: '/x', ...sources });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.faults;
  }
  return [];
}

describe('settings', () => {
  test('have the defaults of the contract', () => {
    const config = readConfig({ env: {}, folder: '/x' });
    assert.deepEqual(config, {
      host: '127.0.0.1',
      port: 4000,
      publicUrl: null,
      data: '/x/data',
      store: 'sqlite',
      esdbPrefix: 'musterbook.',
      kafkaBrokers: null,
      kafkaTopic: 'musterbook.events',
      kafkaGroup: 'musterbook',
      kafkaRole: 'operate',
      kafkaOut: null,
      kafkaTls: false,
      kafkaCa: null,
      kafkaCert: null,
      kafkaKey: null,
      kafkaSasl: null,
      kafkaUsername: null,
      kafkaPassword: null,
      tokens: null,
      statusPublic: true,
      statusTitle: 'Status',
      statusText: null,
      statusLogo: null,
      statusColor: '#2f6f4f',
      statusLanguage: 'en',
      log: 'info',
      url: null,
      token: null,
    });
  });

  test('come from the flag before the environment, from that before the file, from that before the default', (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'm.yaml'), 'port: 1\nhost: localhost\nstatusPublic: false\n');
    const env = { MUSTERBOOK_CONFIG: 'm.yaml', MUSTERBOOK_PORT: '2', MUSTERBOOK_HOST: '127.0.0.2' };
    const config = readConfig({ folder, env, flags: { port: '3' } });
    assert.deepEqual([config.port, config.host, config.statusPublic, config.store], [3, '127.0.0.2', false, 'sqlite']);
  });

  test('come from a file in JSON as in YAML, which --config names before MUSTERBOOK_CONFIG does', (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'm.json'), '{"port": 1, "publicUrl": "https://muster.example/"}');
    const config = readConfig({ folder, env: { MUSTERBOOK_CONFIG: 'missing.yaml' }, flags: { config: 'm.json' } });
    assert.equal(config.port, 1);
    assert.equal(config.publicUrl?.href, 'https://muster.example/');
  });

  test('an empty variable is no setting', () => {
    assert.equal(readConfig({ env: { MUSTERBOOK_PORT: '', MUSTERBOOK_KAFKA_BROKERS: '' } }).port, 4000);
  });

  test('every wrong one is listed at once, each with its name, its value and what was expected', (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'm.yaml'), 'statusPublic: perhaps\ncolour: red\nlog: [info]\n');
    const env = {
      MUSTERBOOK_CONFIG: 'm.yaml',
      MUSTERBOOK_PORT: '70000',
      MUSTERBOOK_STORE: 'kurrent://x',
      MUSTERBOOK_URL: 'ftp://x',
    };
    const faults = faultsOf({ folder, env, flags: { host: 'not a host' } });
    assert.deepEqual(faults.map(({ setting, value }) => [setting, value]).sort(), [
      ['--host', 'not a host'],
      ['MUSTERBOOK_PORT', '70000'],
      ['MUSTERBOOK_STORE', '(not shown)'],
      ['MUSTERBOOK_URL', 'ftp://x'],
      ['colour in m.yaml', 'red'],
      ['log in m.yaml', '["info"]'],
      ['statusPublic in m.yaml', 'perhaps'],
    ]);
    for (const { expected } of faults) assert.match(expected, /\S/);
  });

  test('whose part comes later are refused with that reason', () => {
    const [fault, ...others] = faultsOf({ env: { MUSTERBOOK_JWKS: 'https://id.example/jwks' } });
    assert.equal(fault?.setting, 'MUSTERBOOK_JWKS');
    assert.match(fault.expected, /comes with a later version and is not in this one/);
    assert.deepEqual(others, []);
  });

  test('of EventStoreDB and Kafka are read', () => {
    const env = {
      MUSTERBOOK_STORE: 'esdb+discover://user:secret@db:2113?tls=false',
      MUSTERBOOK_ESDB_PREFIX: 'x.',
      MUSTERBOOK_KAFKA_BROKERS: 'b:9092, [::1]:9093',
      MUSTERBOOK_KAFKA_TLS: 'true',
      MUSTERBOOK_KAFKA_CA: 'ca.pem',
      MUSTERBOOK_KAFKA_SASL: 'scram-sha-512',
      MUSTERBOOK_KAFKA_USERNAME: 'u',
      MUSTERBOOK_KAFKA_PASSWORD: 'p',
      MUSTERBOOK_KAFKA_OUT: 'out',
    };
    const config = readConfig({ env, folder: '/x' });
    assert.equal(config.store, env.MUSTERBOOK_STORE);
    assert.deepEqual(config.kafkaBrokers, ['b:9092', '[::1]:9093']);
    assert.deepEqual([config.kafkaCa, config.kafkaSasl, config.kafkaOut], ['/x/ca.pem', 'scram-sha-512', 'out']);
  });

  test('that cannot be used are told apart without showing a secret', () => {
    const wrong = {
      MUSTERBOOK_STORE: 'esdb:/user:secret@db',
      MUSTERBOOK_ESDB_PREFIX: '$all',
      MUSTERBOOK_KAFKA_BROKERS: 'broker',
      MUSTERBOOK_KAFKA_TOPIC: 'a topic',
      MUSTERBOOK_KAFKA_ROLE: 'read',
      MUSTERBOOK_KAFKA_SASL: 'gssapi',
    };
    const faults = faultsOf({ env: wrong });
    assert.deepEqual(faults.map(({ setting }) => setting).sort(), Object.keys(wrong).sort());
    assert.doesNotMatch(JSON.stringify(faults), /secret/);
  });

  test('that do not go together are refused', () => {
    const kafka = { MUSTERBOOK_KAFKA_BROKERS: 'b:9092' };
    const settings = (env: Record<string, string>) => faultsOf({ env }).map(({ setting }) => setting);
    assert.deepEqual(settings({ MUSTERBOOK_KAFKA_OUT: 'o' }), ['MUSTERBOOK_KAFKA_OUT']);
    assert.deepEqual(settings({ ...kafka, MUSTERBOOK_KAFKA_OUT: 'musterbook.events' }), ['MUSTERBOOK_KAFKA_OUT']);
    assert.deepEqual(settings({ ...kafka, MUSTERBOOK_KAFKA_CA: 'ca.pem' }), ['MUSTERBOOK_KAFKA_CA']);
    assert.deepEqual(settings({ ...kafka, MUSTERBOOK_KAFKA_SASL: 'plain' }), ['MUSTERBOOK_KAFKA_SASL']);
    const secret = { ...kafka, MUSTERBOOK_KAFKA_PASSWORD: 'hush' };
    assert.deepEqual(settings(secret), ['MUSTERBOOK_KAFKA_PASSWORD']);
    assert.doesNotMatch(JSON.stringify(faultsOf({ env: secret })), /hush/);
  });

  test('a file that cannot be read, or is no object, is a wrong setting', (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'list.yaml'), '- port\n');
    writeFileSync(join(folder, 'broken.yaml'), 'port: [1\n');
    for (const config of ['list.yaml', 'broken.yaml', 'missing.yaml']) {
      assert.deepEqual(
        faultsOf({ folder, flags: { config } }).map(({ value }) => value),
        [config],
      );
    }
  });
});

describe('without tokens', () => {
  const serving = (host: string, tokens?: string) =>
    faultsOf({
      serving: true,
      env: { MUSTERBOOK_HOST: host, ...(tokens !== undefined && { MUSTERBOOK_TOKENS: tokens }) },
    });

  test('another host than loopback is refused when a server is to start', () => {
    for (const host of ['0.0.0.0', '192.168.1.4', '::', 'muster.example']) {
      assert.deepEqual(
        serving(host).map(({ setting }) => setting),
        ['MUSTERBOOK_HOST'],
        host,
      );
    }
    for (const host of ['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]'])
      assert.deepEqual(serving(host), [], host);
  });

  test('with tokens it is served', () => assert.deepEqual(serving('0.0.0.0', 'tokens.txt'), []));
  test('a command that starts no server does not mind', () =>
    assert.deepEqual(faultsOf({ env: { MUSTERBOOK_HOST: '0.0.0.0' } }), []));
  test('a name that only begins like loopback is none', () => assert.equal(isLoopback('127.0.0.1.example.com'), false));
});

test('NO_COLOR and a dumb terminal get no colours', () => {
  assert.deepEqual(
    [wantsColor({}), wantsColor({ NO_COLOR: '1' }), wantsColor({ NO_COLOR: '' }), wantsColor({ TERM: 'dumb' })],
    [true, false, true, false],
  );
});
