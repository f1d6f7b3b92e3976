/** What the dashboard and the alerts ask Prometheus for is what a server gives; the paths that are probed answer. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startServer } from '../support/server.ts';
import { deployText, deployYaml, manifest } from './files.ts';

/** Metrics of the links to Kafka and EventStoreDB: a server shows them once its links are wired; then this list goes. */
const COMING = ['musterbook_link_up', 'musterbook_link_lag', 'musterbook_link_paused', 'musterbook_link_count'];

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly description?: string;
    readonly type: string;
    readonly gridPos: { readonly x: number; readonly w: number };
    readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly description: string };
    }[];
  }[];
}

const dashboard = JSON.parse(deployText('grafana-dashboard.json')) as Dashboard;
const { groups } = deployYaml<Rules>('prometheus-rules.yaml');
const rules = groups.flatMap((group) => group.rules);

/** Each metric's labels, by the names that Prometheus gives its series. */
async function metricsOf(url: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = new Map<string, Set<string>>();
  for (const [, name = ''] of text.matchAll(/^# TYPE (\w+) (?!histogram)/gm)) found.set(name, new Set());
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

const LABELS_OF_SCRAPING = ['instance', 'job'];

describe('metrics', () => {
  test('every name and label that the dashboard and the alerts ask for is in /metrics', async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    const event = {
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 'LeaderElected',
      subject: 'web',
      data: { leaderId: 'a', term: 1 },
    };
    await fetch(`${server.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    });
    const there = await metricsOf(server.url);
    const asked = [
      ...rules.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
      ...dashboard.templating.list.map(({ definition }) => definition ?? ''),
    ];
    const wanted = new Set(asked.flatMap((expr) => expr.match(/\bmusterbook_\w+/g) ?? []));
    assert.ok(wanted.size > 10);
    for (const name of wanted) assert.ok(there.has(name) !== COMING.includes(name), name);
    for (const expr of asked) {
      for (const [, name = '', matchers = ''] of expr.matchAll(/\b(musterbook_\w+)\{([^}]*)\}/g)) {
        for (const [, label = ''] of matchers.matchAll(/(\w+)=/g)) {
          const known = [...LABELS_OF_SCRAPING, ...(there.get(name) ?? [])];
          assert.ok(COMING.includes(name) || known.includes(label), `${name}{${label}}`);
        }
      }
    }
  });

  test('every path that is probed or scraped answers', async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    const [container] = manifest('StatefulSet').spec.template.spec.containers;
    assert.ok(container);
    const paths = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
      ({ httpGet }) => httpGet.path,
    );
    const health = /health_uri (\S+)/.exec(deployText('Caddyfile'))?.[1] ?? '';
    const scraped = /metrics_path: (\S+)/.exec(deployText('prometheus.yaml'))?.[1] ?? '';
    for (const path of [...paths, health, scraped]) {
      assert.equal((await fetch(`${server.url}${path}`)).status, 200, path);
    }
  });

  test('every alert says what is wrong and what to look at, every panel what it shows, and none lies over another', () => {
    for (const { alert, labels, annotations } of rules) {
      assert.match(labels.severity, /^(page|ticket)$/, alert);
      assert.ok(annotations.summary.length > 20 && annotations.description.length > 20, alert);
    }
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
    const shown = dashboard.panels.filter(({ type }) => type !== 'row');
    for (const { title, description, targets = [], gridPos } of shown) {
      assert.ok(description && targets.length > 0, title);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
      assert.ok(gridPos.x + gridPos.w <= 24, title);
    }
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  });
});
