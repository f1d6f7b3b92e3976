/** Every file of deploy/ is read as the server would read what it gives, and the files are held to each other. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { readTokens } from '../../src/serve/auth.ts';
import { originFault } from '../../src/serve/http/origin.ts';
import { type Config, SETTING_NAMES } from '../../src/settings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { stagesOf } from './dockerfile.ts';
import {
  compose,
  composeReplicas,
  deployText,
  deployYaml,
  type Environment,
  manifest,
  manifests,
  podEnvironment,
  ROOT,
  unitEnvironment,
  unitLines,
} from './files.ts';

const SYSTEMD = 'systemd-analyze';
const POD_IP = '10.1.2.3';
/** Named in the environment and no setting: the file that settings may be in, and what bin/musterbook.js tells its child. */
const BESIDE = ['MUSTERBOOK_CONFIG', 'MUSTERBOOK_PARENT'];

const serving = (env: Environment): Config => readConfig({ env, serving: true, folder: '/' });
const isFor = (host: string, { host: own, publicUrl }: Config): boolean =>
  originFault({ host }, { host: own, publicUrl }) === null;

describe('what the files of deploy/ set', () => {
  test('every setting that is named there exists', () => {
    const known = SETTING_NAMES.map(
      (name) => `MUSTERBOOK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
    );
    for (const file of readdirSync(join(ROOT, 'deploy')).filter((name) =>
      statSync(join(ROOT, 'deploy', name)).isFile(),
    )) {
      const named = deployText(file).match(/MUSTERBOOK_[A-Z_]*[A-Z]/g) ?? [];
      const unknown = named.filter((name) => !known.includes(name) && !BESIDE.includes(name));
      assert.deepEqual(unknown, [], file);
    }
  });

  test('the replicas of compose start with what they are given, and share all but their name and their volume', () => {
    const replicas = composeReplicas();
    assert.equal(replicas.length, 2);
    const shared = replicas.map(([name, { environment = {}, hostname, volumes = [], secrets = [] }]) => {
      const { host, ...rest } = serving(environment);
      assert.deepEqual([host, hostname], [name, name]);
      assert.deepEqual(volumes, [`${name}:${rest.data}`]);
      assert.ok(name in compose().volumes);
      assert.deepEqual(
        secrets.map((secret) => `/run/secrets/${secret}`),
        [rest.tokens],
      );
      return rest;
    });
    assert.deepEqual(shared[0], shared[1]);
  });

  test('what compose names is there: services, volumes, secrets, configs, mounted files', () => {
    const { services, secrets, configs, volumes } = compose();
    for (const [name, service] of Object.entries(services)) {
      const needs = service.depends_on ?? [];
      for (const other of Array.isArray(needs) ? needs : Object.keys(needs))
        assert.ok(other in services, `${name}: ${other}`);
      for (const secret of service.secrets ?? []) assert.ok(secret in secrets, `${name}: ${secret}`);
      for (const { source } of service.configs ?? []) assert.ok(source in configs, `${name}: ${source}`);
      for (const volume of service.volumes ?? []) {
        const [origin = ''] = volume.split(':');
        if (origin.startsWith('./')) assert.ok(statSync(join(ROOT, 'deploy', origin)).isFile(), volume);
        else assert.ok(origin in volumes, volume);
      }
      assert.ok(service.image === 'musterbook' || /:v?\d+\.\d+/.test(service.image ?? ''), `${name} is not pinned`);
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
    }
  });

  test('broker, store and topics of compose are where its replicas look for them', () => {
    const { services } = compose();
    const [[, { environment = {} }] = ['', {}]] = composeReplicas();
    const { store, kafkaBrokers, kafkaTopic, kafkaOut } = serving(environment);
    const database = services['kurrentdb']?.environment ?? {};
    assert.equal(store, `esdb://kurrentdb:${database['KURRENTDB_NODE_PORT']}?tls=false`);
    assert.equal(database['KURRENTDB_INSECURE'], 'true');
    const advertised = services['kafka']?.environment?.['KAFKA_ADVERTISED_LISTENERS'];
    assert.deepEqual(
      kafkaBrokers?.map((broker) => `PLAINTEXT://${broker}`),
      [advertised],
    );
    const made = /for topic in (.+); do/.exec(services['kafka-topics']?.command?.[0] ?? '')?.[1]?.split(' ');
    assert.deepEqual(made, [kafkaTopic, kafkaOut]);
  });

  test('balancer and Prometheus call the replicas by names that these answer to', () => {
    const upstreams = /reverse_proxy ([^{]+) \{/.exec(deployText('Caddyfile'))?.[1]?.split(' ') ?? [];
    const [scrape] = deployYaml<{ scrape_configs: { static_configs: { targets: string[] }[] }[] }>(
      'prometheus.yaml',
    ).scrape_configs;
    const replicas = composeReplicas().map(([, { environment = {} }]) => serving(environment));
    const called = replicas.map(({ host, port }) => `${host}:${port}`);
    assert.deepEqual(upstreams, called);
    assert.deepEqual(scrape?.static_configs[0]?.targets, called);
    for (const [index, config] of replicas.entries()) {
      assert.ok(isFor(called[index] ?? '', config));
      assert.ok(isFor(config.publicUrl?.host ?? '', config));
      assert.ok(!isFor('elsewhere.example:4000', config));
    }
    const published = compose().services['balancer']?.ports?.[0];
    const balancerPort = /^:(\d+) \{$/m.exec(deployText('Caddyfile'))?.[1];
    assert.equal(published, `127.0.0.1:${replicas[0]?.publicUrl?.port}:${balancerPort}`);
  });

  test('the image alone asks for tokens, and starts with them', () => {
    const env: Record<string, string> = {};
    for (const { instruction, rest } of stagesOf(deployText('Dockerfile')).at(-1)?.steps ?? []) {
      if (instruction !== 'ENV') continue;
      for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) env[name] = value;
    }
    assert.throws(() => serving(env), /MUSTERBOOK_TOKENS is unset/);
    assert.equal(serving({ ...env, MUSTERBOOK_TOKENS: '/tokens' }).port, 4000);
  });
});

describe('kubernetes.yaml', () => {
  const [container] = manifest('StatefulSet').spec.template.spec.containers;

  test('a pod starts with what it is given and answers to probes, Prometheus and the Service by name', () => {
    const config = serving(podEnvironment(POD_IP));
    const port = container?.ports.find(({ name }) => name === 'http')?.containerPort;
    assert.equal(config.port, port);
    assert.ok(isFor(`${POD_IP}:${port}`, config));
    assert.equal(config.publicUrl?.host, `musterbook.${manifest('Service').metadata.namespace}.svc:${port}`);
    assert.ok(isFor(config.publicUrl?.host ?? '', config));
    const { annotations } = manifest('StatefulSet').spec.template.metadata;
    assert.equal(annotations['prometheus.io/port'], String(port));
    for (const name of ['musterbook', 'musterbook-replicas']) {
      assert.deepEqual(
        manifest('Service', name).spec.ports.map((each) => [each.port, each.targetPort]),
        [[port, 'http']],
      );
    }
    assert.deepEqual(readTokens(manifest('Secret').stringData['tokens'] ?? '').faults, []);
  });

  test('data and tokens are mounted where the settings look for them, and nothing else can be written', () => {
    const { data, tokens } = serving(podEnvironment(POD_IP));
    const mounts = new Map(container?.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
    const claims = manifest('StatefulSet').spec.volumeClaimTemplates.map(({ metadata }) => metadata.name);
    const { volumes, securityContext } = manifest('StatefulSet').spec.template.spec;
    assert.deepEqual([...mounts.keys()].sort(), [...claims, ...volumes.map(({ name }) => name)].sort());
    assert.equal(mounts.get('data'), data);
    const [item] = volumes.find(({ name }) => name === 'tokens')?.secret?.items ?? [];
    assert.equal(`${mounts.get('tokens')}/${item?.path}`, tokens);
    assert.ok(container?.securityContext.readOnlyRootFilesystem);
    assert.equal(container?.securityContext.allowPrivilegeEscalation, false);
    assert.ok(securityContext.runAsNonRoot);
    const user = stagesOf(deployText('Dockerfile'))
      .at(-1)
      ?.steps.find(({ instruction }) => instruction === 'USER')?.rest;
    assert.equal(user, `${securityContext.runAsUser}:${securityContext.fsGroup}`);
  });

  test('everything is in the one namespace, and what selects pods selects these', () => {
    const { labels = {} } = manifest('StatefulSet').spec.template.metadata;
    for (const { kind, metadata, spec } of manifests()) {
      if (kind !== 'Namespace') assert.equal(metadata.namespace, manifest('Namespace').metadata.name, kind);
      const selector =
        kind === 'NetworkPolicy' ? spec.podSelector.matchLabels : (spec?.selector?.matchLabels ?? spec?.selector);
      if (selector) assert.deepEqual(selector, labels, `${kind} ${metadata.name}`);
    }
    const { replicas, serviceName } = manifest('StatefulSet').spec;
    assert.equal(manifest('Service', serviceName).spec.clusterIP, 'None');
    assert.ok(manifest('PodDisruptionBudget').spec.minAvailable < replicas);
  });

  test('the network policy lets out to where the settings point, by namespace and port', () => {
    const { store, kafkaBrokers } = serving(podEnvironment(POD_IP));
    const out = manifest('NetworkPolicy').spec.egress.flatMap(({ to, ports }) =>
      to.flatMap(({ namespaceSelector }) =>
        ports.map(({ port }) => `${namespaceSelector.matchLabels['kubernetes.io/metadata.name']}:${port}`),
      ),
    );
    const wanted = [new URL(store).host, ...(kafkaBrokers ?? [])].map((address) => {
      const [, namespace, port] = /^[^.]+\.([^.]+)\.svc:(\d+)$/.exec(address) ?? [];
      return `${namespace}:${port}`;
    });
    for (const address of wanted) assert.ok(out.includes(address), address);
    assert.deepEqual(
      manifest('NetworkPolicy').spec.ingress[0]?.ports.map(({ port }) => port),
      ['http'],
    );
  });
});

describe('musterbook.service', () => {
  const lines = unitLines(deployText('musterbook.service'));
  const valuesOf = (key: string): readonly string[] =>
    lines.filter((line) => line.key === key).map(({ value }) => value);

  test('the server starts with what it is given, in the folder that systemd makes for it', () => {
    const config = serving(unitEnvironment());
    assert.equal(config.data, `/var/lib/${valuesOf('StateDirectory')[0]}`);
    const [credential = ''] = valuesOf('LoadCredential');
    assert.equal(config.tokens, `/run/credentials/musterbook.service/${credential.split(':')[0]}`);
    assert.match(valuesOf('ExecStart')[0] ?? '', /^\/usr\/bin\/node \/\S+\/bin\/musterbook\.js serve$/);
    // What a wrong setting ends with; see the command line.
    assert.deepEqual(valuesOf('RestartPreventExitStatus'), ['2']);
  });

  test('it is hardened', () => {
    for (const [key, value] of [
      ['DynamicUser', 'yes'],
      ['ProtectSystem', 'strict'],
      ['NoNewPrivileges', 'yes'],
      ['CapabilityBoundingSet', ''],
      ['PrivateDevices', 'yes'],
    ] as const) {
      assert.deepEqual(valuesOf(key), [value], key);
    }
  });

  test('systemd itself finds nothing wrong with it, where there is systemd', (t) => {
    const version = /^systemd (\d+)/.exec(spawnSync(SYSTEMD, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
    // Without it the two tests above have read every line of the file.
    if (version === undefined) return t.diagnostic('no systemd here');
    const unit = join(temporaryFolder(t), 'musterbook.service');
    writeFileSync(unit, deployText('musterbook.service').replace('/usr/bin/node', process.execPath));
    const verified = spawnSync(SYSTEMD, ['verify', '--man=no', unit], { encoding: 'utf8' });
    assert.deepEqual([verified.status, verified.stderr], [0, '']);
    if (Number(version) < 250) return;
    // 0 is closed, 10 wide open.
    const rated = spawnSync(SYSTEMD, ['security', '--offline=true', '--threshold=20', unit], {
      encoding: 'utf8',
    });
    assert.equal(rated.status, 0, rated.stdout.slice(-300));
  });
});
