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
      tokens: null,
      statusPublic: true,
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
      MUSTERBOOK_STORE: 'esdb://x',
      MUSTERBOOK_URL: 'ftp://x',
    };
    const faults = faultsOf({ folder, env, flags: { host: 'not a host' } });
    assert.deepEqual(faults.map(({ setting, value }) => [setting, value]).sort(), [
      ['--host', 'not a host'],
      ['MUSTERBOOK_PORT', '70000'],
      ['MUSTERBOOK_STORE', 'esdb://x'],
      ['MUSTERBOOK_URL', 'ftp://x'],
      ['colour in m.yaml', 'red'],
      ['log in m.yaml', '["info"]'],
      ['statusPublic in m.yaml', 'perhaps'],
    ]);
    for (const { expected } of faults) assert.match(expected, /\S/);
  });

  test('whose part comes later are refused with that reason', () => {
    const env = {
      MUSTERBOOK_STORE: 'esdb://db:2113',
      MUSTERBOOK_ESDB_PREFIX: 'x.',
      MUSTERBOOK_KAFKA_BROKERS: 'b:9092',
      MUSTERBOOK_KAFKA_TOPIC: 't',
      MUSTERBOOK_KAFKA_GROUP: 'g',
      MUSTERBOOK_KAFKA_ROLE: 'operate',
      MUSTERBOOK_KAFKA_OUT: 'o',
      MUSTERBOOK_JWKS: 'https://id.example/jwks',
    };
    const faults = faultsOf({ env });
    assert.deepEqual(faults.map(({ setting }) => setting).sort(), Object.keys(env).sort());
    for (const { expected } of faults) assert.match(expected, /comes with a later version and is not in this one/);
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
