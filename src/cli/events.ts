/** `musterbook events ls|tail`: the record itself. */
import type { Command } from 'commander';
import { readPages } from './client/pages.ts';
import { usageFailure } from './failure.ts';
import { askedMoment, atMoment, type ReadingOptions, settingsOf, withClient, withReading } from './options.ts';
import { formatList, type ListShape, printList } from './print/format.ts';
import { plain } from './print/text.ts';
import type { Runtime } from './runtime.ts';

interface EventRow {
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly subject: string;
  readonly source: string;
  readonly id: string;
  readonly occurredAt: string;
  readonly occurredAtKnown: boolean;
  readonly recordedAt: string;
  readonly clockAhead: boolean;
  readonly synthetic: boolean;
  readonly actor: string | null;
  readonly hash: string;
  readonly erased: boolean;
  readonly retractedBy: { readonly position: string } | null;
  readonly data: unknown;
}

const EVENT = /* GraphQL */ `
  position stream revision type subject source id occurredAt occurredAtKnown recordedAt clockAhead synthetic actor hash erased
  retractedBy { position } data`;
const OLDEST = /* GraphQL */ `
  query Events($filter: EventFilter, $after: String, $moment: Moment) {
    events(filter: $filter, first: 200, after: $after, moment: $moment) { nodes { ${EVENT} } pageInfo { hasNextPage endCursor } }
  }`;
const NEWEST = /* GraphQL */ `
  query Events($filter: EventFilter, $last: Int!, $before: String, $moment: Moment) {
    events(filter: $filter, last: $last, before: $before, moment: $moment) { nodes { ${EVENT} } pageInfo { hasPreviousPage startCursor } }
  }`;
const TAIL = `subscription Tail($filter: EventFilter, $after: Position) { events(after: $after, filter: $filter) { cursor event { ${EVENT} } } }`;

const PAGE = 200;

interface EventOptions extends ReadingOptions {
  readonly stream?: string;
  readonly cluster?: string;
  readonly incident?: string;
  readonly node?: string;
  readonly job?: string;
  readonly type?: string[];
  readonly from?: string;
  readonly to?: string;
  readonly text?: string;
  readonly after?: string;
  readonly limit: number;
}

const SHAPE: ListShape<EventRow> = {
  none: 'no such events',
  name: ({ position }) => `event/${position}`,
  columns: ({ paint }) => [
    { title: 'POSITION', alignRight: true, cell: ({ position }) => position },
    {
      title: 'HAPPENED',
      cell: ({ occurredAt, occurredAtKnown }) => `${time(occurredAt)}${occurredAtKnown ? '' : '?'}`,
    },
    { title: 'RECORDED', wide: true, cell: ({ recordedAt }) => time(recordedAt) },
    { title: 'STREAM', cell: ({ stream }) => plain(stream) },
    {
      title: 'EVENT',
      cell: ({ type, retractedBy }) => paint(plain(type.replace('io.musterbook.', '')), retractedBy ? 'dim' : 'bold'),
    },
    { title: 'SOURCE', wide: true, cell: ({ source }) => plain(source) },
    { title: 'ID', wide: true, cell: ({ id }) => plain(id) },
    { title: 'BY', wide: true, cell: ({ actor }) => plain(actor) },
    {
      title: 'DATA',
      cell: (event) => `${event.erased ? paint('erased', 'dim') : dataText(event.data)}${remarks(event)}`,
    },
  ],
};

export function addEvents(program: Command, runtime: Runtime): void {
  const events = program.command('events').description('the record itself: list it, follow it');

  withFilter(withReading(events.command('ls'), { watch: false }))
    .description('events: the newest, or with --after the oldest after a position')
    .option('--after <position>', 'from here on, oldest first', readPosition)
    .option('--limit <count>', 'how many at most', readCount, 50)
    .action(async (options: EventOptions) => {
      const variables = { filter: filterOf(options), ...atMoment(askedMoment(options)).variables };
      await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
        const { limit } = options;
        const rows =
          options.after === undefined
            ? await readNewest((page) => client.ask(NEWEST, { ...variables, ...page }), limit)
            : await readPages<EventRow>(client, {
                document: OLDEST,
                field: 'events',
                variables,
                limit,
                after: options.after,
              });
        await printList(rows, options.output, SHAPE, runtime.terminal);
      });
    });

  withFilter(withReading(events.command('tail'), { watch: false }))
    .description('events as they are recorded, until interrupted')
    .option('--after <position>', 'begin after this position; absent: now', readPosition)
    .option('-n, --limit <count>', 'end after so many', readCount)
    .action(async (options: EventOptions) => {
      if (askedMoment(options) !== null)
        throw usageFailure('events tail follows the present: `events ls` takes --at and --known-at');
      const variables = { filter: filterOf(options), ...(options.after !== undefined && { after: options.after }) };
      await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
        let left = options.limit ?? Number.POSITIVE_INFINITY;
        const subscription = { document: TAIL, field: 'events', variables };
        for await (const { event } of client.watch<{ event: EventRow }>(subscription, runtime.signal)) {
          await printEvent(event, options, runtime);
          left -= 1;
          if (left <= 0) return;
        }
      });
    });
}

/** One line an event, without titles, whatever comes between: columns of a fixed width. */
async function printEvent(event: EventRow, { output }: EventOptions, { terminal }: Runtime): Promise<void> {
  if (output === 'json') return terminal.write(`${JSON.stringify(event)}\n`);
  if (output === 'yaml') return terminal.write(`---\n${formatList([event], output, SHAPE, terminal)}`);
  if (output !== 'table' && output !== 'wide') return terminal.write(formatList([event], output, SHAPE, terminal));
  const text = formatList([event], output, SHAPE, terminal);
  await terminal.write(text.slice(text.indexOf('\n') + 1));
}

function withFilter(command: Command): Command {
  return command
    .option('--stream <name>', 'of one stream, such as cluster-payments')
    .option('--cluster <id>', 'of one cluster, and what names it')
    .option('--incident <id>', 'of one incident')
    .option('--node <id>', 'that name this node')
    .option('--job <id>', 'that name this job')
    .option('--type <name...>', 'of these types, such as LeaderElected')
    .option('--from <time>', 'that happened at or after this time')
    .option('--to <time>', 'that happened before this time')
    .option('--text <words>', 'that contain these words');
}

function filterOf(options: EventOptions): Readonly<Record<string, unknown>> | null {
  const { stream, cluster, incident, node, job, type, from, to, text } = options;
  const given = {
    stream,
    clusterId: cluster,
    incidentId: incident,
    nodeId: node,
    jobId: job,
    types: type,
    from,
    to,
    text,
  };
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return Object.keys(filter).length === 0 ? null : filter;
}

interface NewestPage {
  readonly events: {
    readonly nodes: readonly EventRow[];
    readonly pageInfo: { readonly hasPreviousPage: boolean; readonly startCursor: string | null };
  };
}

/** The newest `limit` events, oldest of them first. */
async function readNewest(
  ask: (page: { readonly last: number; readonly before: string | null }) => Promise<NewestPage>,
  limit: number,
): Promise<EventRow[]> {
  const pages: (readonly EventRow[])[] = [];
  let before: string | null = null;
  let left = limit;
  do {
    const { events }: NewestPage = await ask({ last: Math.min(left, PAGE), before });
    pages.unshift(events.nodes);
    left -= events.nodes.length;
    before = events.pageInfo.hasPreviousPage ? events.pageInfo.startCursor : null;
  } while (before !== null && left > 0);
  return pages.flat();
}

function readPosition(text: string): string {
  if (!/^\d{1,16}$/.test(text)) throw usageFailure(`--after ${text}: expected a position, a whole number from 0`);
  return text;
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usageFailure(`--limit ${text}: expected a whole number from 1`);
  return Number(text);
}

/** With its fraction: events of one second are told apart. */
function time(at: string): string {
  return at.replace('T', ' ');
}

function dataText(data: unknown): string {
  if (typeof data !== 'object' || data === null) return '';
  return Object.entries(data)
    .map(([name, value]) => `${plain(name)}=${plain(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join(' ');
}

function remarks({ clockAhead, synthetic, retractedBy }: EventRow): string {
  const said = [
    clockAhead ? 'clock ahead' : '',
    synthetic ? 'synthetic' : '',
    retractedBy ? `retracted by ${retractedBy.position}` : '',
  ].filter((text) => text !== '');
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}
