/** `musterbook incident ls|get|declare|update|resolve`. */
import { type Command, Option } from 'commander';
import { COMPONENT_STATUSES, IMPACTS, INCIDENT_STATUSES, VISIBILITIES } from '../../schemas/words.ts';
import { readPages } from './client/pages.ts';
import { drawIncident } from './draw-incident.ts';
import { notFoundFailure, refusalFailure, usageFailure } from './failure.ts';
import {
  askedMoment,
  atMoment,
  type ReadingOptions,
  settingsOf,
  withClient,
  withReading,
  withWriting,
} from './options.ts';
import { type Format, formatItem, type ItemShape, type ListShape, printAgain, printItem } from './print/format.ts';
import { age, moment, plain } from './print/text.ts';
import type { Runtime } from './runtime.ts';
import { showList } from './show.ts';

interface IncidentRow {
  readonly id: string;
  readonly title: string;
  readonly status: string | null;
  readonly impact: string | null;
  readonly severity: string | null;
  readonly visibility: string;
  readonly declaredAt: string;
  readonly resolvedAt: string | null;
}

/** What `incident get` shows, as GraphQL answers it. */
export interface IncidentItem extends IncidentRow {
  readonly impactStartedAt: string | null;
  readonly impactEndedAt: string | null;
  readonly impactOpen: boolean | null;
  readonly origin: string | null;
  readonly duplicateOf: { readonly id: string } | null;
  readonly components: readonly {
    readonly component: { readonly id: string; readonly name: string };
    readonly status: string | null;
  }[];
  readonly clusters: readonly { readonly id: string }[];
  readonly updates: readonly {
    readonly id: string;
    readonly status: string | null;
    readonly message: string | null;
    readonly at: string;
    readonly recordedAt: string;
    readonly by: string | null;
    readonly visibility: string | null;
    readonly amendments: readonly { readonly message: string | null; readonly reason: string }[];
  }[];
  readonly actionItems: readonly {
    id: string;
    title: string;
    kind: string;
    owner: string | null;
    completedAt: string | null;
  }[];
  readonly responders: readonly {
    responder: string;
    role: string | null;
    notifiedAt: string | null;
    acknowledgedAt: string | null;
  }[];
  readonly measures: readonly { readonly name: string; readonly ms: number; readonly msMax: number }[];
  readonly asOf: { readonly position: string; readonly recordedAt: string };
}

const ROW = 'id title status impact severity visibility declaredAt resolvedAt';
const LIST = /* GraphQL */ `
  query Incidents($after: String, $status: [IncidentStatus!], $clusterId: ID, $moment: Moment, $atLeast: Position) {
    incidents(first: 100, after: $after, status: $status, clusterId: $clusterId, moment: $moment, atLeast: $atLeast) {
      nodes { ${ROW} }
      pageInfo { hasNextPage endCursor }
    }
  }`;
const ITEM = /* GraphQL */ `
  ${ROW} impactStartedAt impactEndedAt impactOpen origin duplicateOf { id }
  components { component { id name } status } clusters { id }
  updates { id status message at recordedAt by visibility amendments { message reason } }
  actionItems { id title kind owner completedAt }
  responders { responder role notifiedAt acknowledgedAt }
  measures { name ms msMax }
  asOf { position recordedAt }`;
const GET = `query Incident($id: ID!, $moment: Moment) { incident(id: $id, moment: $moment) { ${ITEM} } }`;
const WATCH = `subscription Incident($id: ID!, $after: Position) { incident(id: $id, after: $after) { cursor incident { ${ITEM} } } }`;

const LIST_SHAPE: ListShape<IncidentRow> = {
  none: 'no incidents',
  name: ({ id }) => `incident/${plain(id)}`,
  columns: ({ paint, nowMs }) => [
    { title: 'INCIDENT', cell: ({ id }) => paint(plain(id), 'bold') },
    { title: 'STATUS', cell: ({ status }) => paint(status ?? 'not stated', status === 'resolved' ? 'green' : 'red') },
    { title: 'IMPACT', cell: ({ impact }) => plain(impact) },
    { title: 'DECLARED', cell: ({ declaredAt }) => moment(declaredAt) },
    { title: 'AGE', alignRight: true, cell: ({ declaredAt }) => age(declaredAt, nowMs) },
    { title: 'RESOLVED', wide: true, cell: ({ resolvedAt }) => moment(resolvedAt) },
    { title: 'SEVERITY', wide: true, cell: ({ severity }) => plain(severity) },
    { title: 'VISIBILITY', wide: true, cell: ({ visibility }) => visibility },
    { title: 'TITLE', cell: ({ title }) => plain(title) },
  ],
};
const ITEM_SHAPE: ItemShape<IncidentItem> = { draw: drawIncident, name: ({ id }) => `incident/${plain(id)}` };

export function addIncident(program: Command, runtime: Runtime): void {
  const incident = program.command('incident').description('incidents: look, declare, update, resolve');
  addReading(incident, runtime);

  withStatement(incident.command('declare [id]'))
    .description('declare an incident; without an id the server draws one')
    .requiredOption('--title <text>', 'what it is called')
    .option('-m, --message <text>', 'the first post')
    .option('--dedup-key <key>', 'by which an alerting source recognises it')
    .action((id: string | undefined, options: StatementOptions) =>
      command(runtime, options, { mutation: 'declareIncident', input: { incidentId: id, ...statement(options) } }),
    );

  withStatement(incident.command('update <id>'))
    .description('post an update')
    .requiredOption('-m, --message <text>', 'what is said')
    .option('--title <text>', 'a new title')
    .option('--impact-ended-at <time>', 'when users stopped being affected; `none` takes it back')
    .option('--duplicate-of <id>', 'the incident that this one repeats')
    .action((id: string, options: StatementOptions) =>
      command(runtime, options, { mutation: 'updateIncident', input: { incidentId: id, ...statement(options) } }),
    );

  withWriting(incident.command('resolve <id>'))
    .description('say that it is over')
    .requiredOption('-m, --message <text>', 'what is said')
    .option('--impact-ended-at <time>', 'when users stopped being affected')
    .addOption(new Option('--visibility <word>', 'of this post').choices([...VISIBILITIES]))
    .option('--at <time>', 'when it was resolved; absent: now')
    .option('--idempotency-key <key>', 'the same key again answers the first result again')
    .action((id: string, options: StatementOptions) =>
      command(runtime, options, { mutation: 'resolveIncident', input: { incidentId: id, ...statement(options) } }),
    );
}

interface ListOptions extends ReadingOptions {
  readonly status?: string[];
  readonly cluster?: string;
}

function addReading(incident: Command, runtime: Runtime): void {
  withReading(incident.command('ls'), { watch: true })
    .description('incidents, a line each')
    .addOption(new Option('--status <status...>', 'only those').choices([...INCIDENT_STATUSES]))
    .option('--cluster <id>', 'only those of this cluster')
    .action(async (options: ListOptions) => {
      const filter = { status: options.status ?? null, clusterId: options.cluster ?? null };
      await showList(runtime, options, {
        shape: LIST_SHAPE,
        read: (client, variables) =>
          readPages<IncidentRow>(client, {
            document: LIST,
            field: 'incidents',
            variables: { ...filter, ...variables },
          }),
      });
    });

  withReading(incident.command('get <id>'), { watch: true })
    .description('one incident: what is said, what is affected, how long it took')
    .action(async (id: string, options: ReadingOptions) => {
      const { output } = options;
      const { variables, seenFrom } = atMoment(askedMoment(options));
      await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
        const { incident: item } = await client.ask<{ incident: IncidentItem | null }>(GET, { id, ...variables });
        if (!item) throw notFoundFailure(`incident ${id}`, '`musterbook incident ls` lists those there are.');
        if (!options.watch) return printItem(item, output, { ...ITEM_SHAPE, ...seenFrom }, runtime.terminal);
        const subscription = { document: WATCH, field: 'incident', variables: { id } };
        for await (const change of client.watch<{ incident: IncidentItem }>(subscription, runtime.signal)) {
          await printAgain(formatItem(change.incident, output, ITEM_SHAPE, runtime.terminal), output, runtime.terminal);
        }
      });
    });
}

interface StatementOptions {
  readonly output: Format;
  readonly title?: string;
  readonly message?: string;
  readonly status?: string;
  readonly impact?: string;
  readonly severity?: string;
  readonly visibility?: string;
  readonly component?: string[];
  readonly cluster?: string[];
  readonly impactStartedAt?: string;
  readonly impactEndedAt?: string;
  readonly duplicateOf?: string;
  readonly dedupKey?: string;
  readonly at?: string;
  readonly idempotencyKey?: string;
}

function withStatement(command: Command): Command {
  return withWriting(command)
    .addOption(new Option('--status <word>', 'where it stands').choices([...INCIDENT_STATUSES]))
    .addOption(new Option('--impact <word>', 'how bad it is for users').choices([...IMPACTS]))
    .addOption(new Option('--visibility <word>', 'whether the status page shows it').choices([...VISIBILITIES]))
    .option('--severity <text>', 'your own scale, such as SEV2')
    .option(
      '--component <component...>',
      `affected components, each as id or id=status; status: ${COMPONENT_STATUSES.join(', ')}`,
    )
    .option('--cluster <id...>', 'the clusters concerned')
    .option('--impact-started-at <time>', 'when users began to be affected')
    .option('--at <time>', 'when this is said (RFC 3339); absent: now')
    .option('--idempotency-key <key>', 'the same key again answers the first result again');
}

/** The part of a mutation's input that options state; what is not stated is left out. */
function statement(options: StatementOptions): Readonly<Record<string, unknown>> {
  const {
    title,
    message,
    status,
    impact,
    severity,
    visibility,
    impactStartedAt,
    duplicateOf,
    dedupKey,
    at,
    idempotencyKey,
  } = options;
  const stated = {
    title,
    message,
    status,
    impact,
    severity,
    visibility,
    impactStartedAt,
    duplicateOf,
    dedupKey,
    at,
    idempotencyKey,
  };
  const ended = options.impactEndedAt;
  return {
    ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)),
    ...(ended !== undefined && { impactEndedAt: ended === 'none' ? null : ended }),
    ...(options.component && { components: options.component.map(readComponent) }),
    ...(options.cluster && { clusterIds: options.cluster }),
  };
}

function readComponent(text: string): { componentId: string; status?: string } {
  const at = text.lastIndexOf('=');
  if (at < 0) return { componentId: text };
  const status = text.slice(at + 1);
  if (!(COMPONENT_STATUSES as readonly string[]).includes(status)) {
    throw usageFailure(`--component ${text}: expected a status among ${COMPONENT_STATUSES.join(', ')}`);
  }
  return { componentId: text.slice(0, at), status };
}

interface Asked {
  readonly mutation: 'declareIncident' | 'updateIncident' | 'resolveIncident';
  readonly input: Readonly<Record<string, unknown>>;
}

const INPUT_OF = {
  declareIncident: 'DeclareIncidentInput',
  updateIncident: 'UpdateIncidentInput',
  resolveIncident: 'ResolveIncidentInput',
} as const;

type MutationAnswer =
  | { readonly __typename: 'IncidentPayload'; readonly position: string; readonly incident: IncidentItem }
  | {
      readonly __typename: 'UnknownSubject' | 'IllegalTransition' | 'RevisionConflict' | 'InvalidInput';
      readonly code: string;
      readonly message: string;
    };

async function command(runtime: Runtime, options: StatementOptions, { mutation, input }: Asked): Promise<void> {
  const document = /* GraphQL */ `
    mutation Command($input: ${INPUT_OF[mutation]}!) {
      answer: ${mutation}(input: $input) {
        __typename
        ... on Refusal { code message }
        ... on IncidentPayload { position incident { ${ITEM} } }
      }
    }`;
  await withClient(runtime.openForWriting(settingsOf(runtime, options)), async (client) => {
    const { answer } = await client.ask<{ answer: MutationAnswer }>(document, { input });
    if (answer.__typename !== 'IncidentPayload') throw refusalFailure(answer);
    await printItem(answer.incident, options.output, ITEM_SHAPE, runtime.terminal);
  });
}
