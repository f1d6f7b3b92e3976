/** `musterbook status`: what the status page says, and how the ledger and its projections are. */
import type { Command } from 'commander';
import { type ReadingOptions, withReading } from './options.ts';
import type { ItemShape, Look } from './print/format.ts';
import { table } from './print/table.ts';
import { age, duration, moment, type Paint, plain } from './print/text.ts';
import type { Runtime } from './runtime.ts';
import { showItem } from './show.ts';
import { addStatusExport } from './status-export.ts';

interface Link {
  readonly name: string;
  readonly state: string;
  readonly since: string;
  readonly fault: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly parts: readonly { name: string; at: number | null; lag: number | null; paused: boolean }[];
}

interface Status {
  readonly statusPage: {
    readonly indicator: string;
    readonly description: string;
    readonly components: readonly {
      id: string;
      name: string;
      status: string;
      statusSince: string | null;
      noData: boolean;
    }[];
    readonly incidents: readonly {
      id: string;
      title: string;
      status: string | null;
      impact: string | null;
      declaredAt: string;
      resolvedAt: string | null;
    }[];
    readonly maintenances: readonly { id: string; title: string; state: string; startsAt: string; endsAt: string }[];
    readonly completeness: { readonly complete: boolean };
  };
  readonly ledger: {
    readonly head: string;
    readonly store: string;
    readonly events: number;
    readonly streams: number;
    readonly restoredUpTo: string | null;
    readonly links: readonly Link[];
    readonly projections: readonly {
      name: string;
      version: number;
      state: string;
      position: string;
      lagEvents: number;
      lagMs: number;
      error: string | null;
    }[];
  };
}

const STATUS = /* GraphQL */ `
  query Status($moment: Moment, $atLeast: Position) {
    statusPage(moment: $moment, atLeast: $atLeast) {
      indicator description
      components { id name status statusSince noData }
      incidents { id title status impact declaredAt resolvedAt }
      maintenances { id title state startsAt endsAt }
      completeness { complete }
    }
    ledger(atLeast: $atLeast) {
      head store events streams restoredUpTo
      links { name state since fault { code message hint } parts { name at lag paused } }
      projections { name version state position lagEvents lagMs error }
    }
  }`;

const INDICATOR_PAINT: Readonly<Record<string, Paint>> = { none: 'green', maintenance: 'cyan', minor: 'yellow' };
const SHAPE: ItemShape<Status> = { draw, name: () => 'status' };

export function addStatus(program: Command, runtime: Runtime): void {
  const status = withReading(program.command('status'), { watch: true }).enablePositionalOptions();
  addStatusExport(status, runtime);
  status
    .description('the status page, the ledger and its projections')
    .action((options: ReadingOptions) =>
      showItem(runtime, options, { shape: SHAPE, read: (client, variables) => client.ask<Status>(STATUS, variables) }),
    );
}

function draw({ statusPage, ledger }: Status, look: Look): string {
  const { paint } = look;
  const indicator = paint(plain(statusPage.description), INDICATOR_PAINT[statusPage.indicator] ?? 'red', 'bold');
  const gaps = statusPage.completeness.complete ? '' : paint('  (incomplete: some of it has no data)', 'yellow');
  return [
    `${indicator}${gaps}\n`,
    drawComponents(statusPage.components, look),
    drawOpen(statusPage, look),
    drawLedger(ledger, look),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function drawComponents(components: Status['statusPage']['components'], look: Look): string {
  if (components.length === 0) return '';
  const paintOf = (status: string): Paint =>
    status === 'operational' ? 'green' : status === 'degraded_performance' ? 'yellow' : 'red';
  return table(
    components,
    [
      { title: 'COMPONENT', cell: ({ name }) => plain(name) },
      { title: 'ID', wide: true, cell: ({ id }) => plain(id) },
      {
        title: 'STATUS',
        cell: ({ status, noData }) => (noData ? look.paint('no data', 'yellow') : look.paint(status, paintOf(status))),
      },
      { title: 'FOR', alignRight: true, cell: ({ statusSince }) => age(statusSince, look.nowMs) },
    ],
    look,
  );
}

function drawOpen({ incidents, maintenances }: Status['statusPage'], look: Look): string {
  const open = incidents.filter(({ resolvedAt }) => resolvedAt === null);
  const rows = [
    ...open.map(({ id, title, status, impact, declaredAt }) => ({
      kind: 'incident',
      id,
      title,
      state: plain(status),
      more: plain(impact),
      at: declaredAt,
    })),
    ...maintenances
      .filter(({ state }) => state === 'scheduled' || state === 'in_progress')
      .map(({ id, title, state, startsAt, endsAt }) => ({
        kind: 'maintenance',
        id,
        title,
        state,
        more: `until ${moment(endsAt)}`,
        at: startsAt,
      })),
  ];
  if (rows.length === 0) return '';
  return table(
    rows,
    [
      { title: 'OPEN', cell: ({ kind, id }) => `${kind}/${plain(id)}` },
      { title: 'STATE', cell: ({ state }) => look.paint(state, 'yellow') },
      { title: '', cell: ({ more }) => more },
      { title: 'SINCE', cell: ({ at }) => moment(at) },
      { title: 'TITLE', cell: ({ title }) => plain(title) },
    ],
    look,
  );
}

function drawLedger(ledger: Status['ledger'], look: Look): string {
  const { paint } = look;
  const restored = ledger.restoredUpTo === null ? '' : `, restored up to ${ledger.restoredUpTo}`;
  const line = `Ledger   ${ledger.store}, head ${ledger.head}, ${ledger.events} events in ${ledger.streams} streams${restored}\n`;
  const rows = table(
    ledger.projections,
    [
      { title: 'PROJECTION', cell: ({ name }) => name },
      {
        title: 'STATE',
        cell: ({ state }) => paint(state, state === 'LIVE' ? 'green' : state === 'STOPPED' ? 'red' : 'yellow'),
      },
      { title: 'POSITION', alignRight: true, cell: ({ position }) => position },
      {
        title: 'BEHIND',
        alignRight: true,
        cell: ({ lagEvents, lagMs }) => (lagEvents === 0 ? '' : `${lagEvents} events, ${duration(lagMs / 1000)}`),
      },
      { title: 'VERSION', wide: true, alignRight: true, cell: ({ version }) => String(version) },
      { title: '', cell: ({ error }) => paint(plain(error), 'red') },
    ],
    look,
  );
  return line + rows + drawLinks(ledger.links, look);
}

function drawLinks(links: readonly Link[], look: Look): string {
  if (links.length === 0) return '';
  const { paint } = look;
  const lagOf = ({ parts }: Link): number | null =>
    parts.some(({ lag }) => lag === null) ? null : parts.reduce((sum, { lag }) => sum + (lag ?? 0), 0);
  const rows = table(
    links,
    [
      { title: 'CONNECTION', cell: ({ name }) => name },
      { title: 'STATE', cell: ({ state }) => paint(state, paintOfLink(state)) },
      { title: 'FOR', alignRight: true, cell: ({ since }) => age(since, look.nowMs) },
      { title: 'PARTS', alignRight: true, cell: ({ parts }) => String(parts.length) },
      { title: 'BEHIND', alignRight: true, cell: (link) => String(lagOf(link) ?? 'unknown') },
      { title: 'PAUSED', alignRight: true, cell: ({ parts }) => String(parts.filter(({ paused }) => paused).length) },
      { title: '', cell: ({ fault }) => paint(plain(fault && `${fault.code}: ${fault.message}`), 'red') },
    ],
    look,
  );
  return `\n${rows}`;
}

function paintOfLink(state: string): Paint {
  return state === 'UP' ? 'green' : state === 'STOPPED' ? 'red' : 'yellow';
}
