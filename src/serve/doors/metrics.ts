/** Counters and gauges for Prometheus. Gauges are read when they are asked for. */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Ledger } from '../../ledger/port.ts';
import { LINK_STATES, type Link, type LinkPart } from '../../link.ts';
import type { Views } from '../../project/views.ts';
import type { HubCounts } from '../graphql/hub.ts';
import type { Route } from '../http/route.ts';
import { eventsBehind } from '../lag.ts';

export interface Metrics {
  readonly route: Route;
  /** Notes an answered request; `seconds` until its last byte was handed over. */
  answered(door: string, status: number, seconds: number): void;
  /** Notes that a subscriber was given the newest state in place of this many changes. */
  skipped(changes: number): void;
  close(): void;
}

export interface MetricsParts {
  readonly ledger: Ledger;
  readonly views: Views;
  readonly links: readonly Link[];
  hub(): HubCounts;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createMetrics(parts: MetricsParts): Metrics {
  const { ledger, views } = parts;
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const commits = new Counter({
    name: 'musterbook_appends_total',
    help: 'Times that newly durable events were announced.',
    registers,
  });
  const skipped = new Counter({
    name: 'musterbook_skipped_changes_total',
    help: 'Changes that slow readers were not sent one by one.',
    registers,
  });
  const duration = new Histogram({
    name: 'musterbook_request_seconds',
    help: 'Time to answer, by door and status.',
    labelNames: ['door', 'status'],
    buckets: SECONDS,
    registers,
  });
  const stop = ledger.onAppend(() => commits.inc());
  gauges(parts, registers);
  linkGauges(parts.links, registers);
  return {
    route: {
      method: 'GET',
      path: '/metrics',
      role: 'read',
      handle: async () => ({
        status: 200,
        headers: { 'content-type': registry.contentType },
        body: await registry.metrics(),
      }),
    },
    answered: (door, status, seconds) => duration.observe({ door, status: String(status) }, seconds),
    skipped: (changes) => skipped.inc(changes),
    close() {
      stop();
      registry.clear();
    },
  };

  function gauges({ hub }: MetricsParts, into: Registry[]): void {
    const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
      new Gauge({
        name: `musterbook_${name}`,
        help,
        registers: into,
        async collect() {
          this.set(await read());
        },
      });
    };
    gauge('ledger_events', 'Events in the ledger.', async () => (await ledger.head()).events);
    gauge('ledger_streams', 'Streams in the ledger.', async () => (await ledger.head()).streams);
    gauge('ledger_head_position', 'The highest position.', async () => (await ledger.head()).position);
    gauge('views_position', 'The position that all views have reached.', () => views.position());
    gauge(
      'rejections',
      'Records refused since the ledger began, those dropped since included.',
      async () => (await ledger.rejections({ limit: 1 })).total,
    );
    gauge('subscribers', 'Open subscriptions.', () => hub().subscribers);
    gauge('subscription_topics', 'Distinct subscriptions among them.', () => hub().topics);
    gauge('subscription_payloads_executed', 'Payloads executed for subscriptions since start.', () => hub().executed);
    gauge('subscription_payloads_delivered', 'Payloads written to subscribers since start.', () => hub().delivered);
    gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
    new Gauge({
      name: 'musterbook_projection_lag_events',
      help: 'Events between the head and a projection.',
      labelNames: ['projection', 'state'],
      registers: into,
      async collect() {
        this.reset();
        const head = await ledger.head();
        for (const status of views.statuses()) {
          this.set({ projection: status.name, state: status.state }, await eventsBehind(ledger, head, status.position));
        }
      },
    });
  }
}

/** Of each connection its state, and how far each of its parts is. */
function linkGauges(links: readonly Link[], registers: Registry[]): void {
  if (links.length === 0) return;
  const gauge = (name: string, help: string, labelNames: string[], read: (into: Gauge) => void): void => {
    new Gauge({
      name: `musterbook_link_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        // A partition that went to another replica is no longer ours to tell of.
        this.reset();
        read(this);
      },
    });
  };
  const each = links.map((link) => link.status.bind(link));
  gauge('up', '1 while the connection works.', ['link'], (into) => {
    for (const status of each) {
      const { name: link, state } = status();
      into.set({ link }, state === 'up' ? 1 : 0);
    }
  });
  gauge('state', '1 for the state that the connection is in.', ['link', 'state'], (into) => {
    for (const status of each) {
      const { name, state: now } = status();
      for (const state of LINK_STATES) into.set({ link: name, state }, state === now ? 1 : 0);
    }
  });
  gauge('at', 'Last offset or position that was confirmed.', ['link', 'part'], (into) =>
    eachPart((labels, { at }) => at !== null && into.set(labels, at)),
  );
  gauge('lag', 'Records or events that are left.', ['link', 'part'], (into) =>
    eachPart((labels, { lag }) => lag !== null && into.set(labels, lag)),
  );
  gauge('paused', '1 while held back, since the other side takes no more.', ['link', 'part'], (into) =>
    eachPart((labels, { isPaused }) => into.set(labels, isPaused ? 1 : 0)),
  );
  gauge('count', 'Counted since the process started.', ['link', 'name'], (into) => {
    for (const status of each) {
      const { name: link, counts } = status();
      for (const [name, count] of Object.entries(counts)) into.set({ link, name }, count);
    }
  });

  function eachPart(show: (labels: { link: string; part: string }, part: LinkPart) => unknown): void {
    for (const status of each) {
      const { name, parts } = status();
      for (const part of parts) show({ link: name, part: part.name }, part);
    }
  }
}
