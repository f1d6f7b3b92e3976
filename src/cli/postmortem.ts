/** `musterbook postmortem ID`: an incident written up from the record. */
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { parseTime } from '../../schemas/time.ts';
import { notFoundFailure, usageFailure } from './failure.ts';
import { settingsOf, withClient, withSettings } from './options.ts';
import type { Runtime } from './runtime.ts';

const FORMATS = ['md', 'html', 'json'] as const;

interface PostmortemOptions {
  readonly output: (typeof FORMATS)[number];
  readonly published?: boolean;
  readonly to?: string;
  readonly at?: string;
  readonly knownAt?: string;
}

const ROW =
  'at notBefore recordedAt until kind summary clusterId count late events { position source id type hash actor }';
const EVENT = 'event { position source id type hash actor }';
const WHOLE = /* GraphQL */ `
  incident {
    id title status impact severity visibility impactStartedAt impactEndedAt impactOpen declaredAt resolvedAt origin
    duplicateOf { id title }
    components { component { id name status } status }
    clusters { id }
    actionItems { id title kind owner dueAt completedAt }
    responders { responder role notifiedAt acknowledgedAt }
    evidence { clusterId from to note ${EVENT} }
  }
  timeline { ${ROW} }
  measures { name ms msMax anchors { position source id } }
  absentMeasures { name reason }
  beliefs { recordedAt title status impact impactOpen impactStartedAt impactEndedAt resolvedAt ${EVENT} }
  contradictions { kind about goesBy statements { ${ROW} } }
  gaps { collector from to reason clusterIds componentIds ${EVENT} }
  before { ${ROW} }
  leadership { ${ROW} }
  anomalies { ${ROW} }
  pictures { clusterId at when leaders { nodeId scope term } followers nodes { word count } jobs { word count } }
  omissions
  published
  publishedEvent { position source id type hash actor }
  asOf { position recordedAt occurredAt restored }`;

const FIELDS = { md: 'markdown', html: 'html', json: WHOLE } as const;

export function addPostmortem(program: Command, runtime: Runtime): void {
  withSettings(program.command('postmortem <id>'))
    .description('an incident written up from the record: every row cites its events, nothing is guessed')
    .addOption(
      new Option('-o, --output <format>', 'md, html (one file, with the published account beside) or json')
        .choices([...FORMATS])
        .default('md'),
    )
    .option('--published', 'the published account alone, as its author wrote it, instead of the record')
    .option('--to <file>', 'write here instead of stdout; the file must not exist')
    .option('--at <time>', 'as it was at this time (RFC 3339)', readTime('--at'))
    .option('--known-at <time>', 'as it was known at this time (RFC 3339)', readTime('--known-at'))
    .action((id: string, options: PostmortemOptions) => write(runtime, id, options));
}

interface Answer {
  readonly postmortem: Readonly<Record<string, unknown>> | null;
}

async function write(runtime: Runtime, id: string, options: PostmortemOptions): Promise<void> {
  const { output, to } = options;
  if (options.published === true && output !== 'md') throw usageFailure('--published is Markdown: leave -o out');
  const fields = options.published === true ? 'published' : FIELDS[output];
  const document = /* GraphQL */ `
    query Postmortem($id: ID!, $moment: Moment) { postmortem(incidentId: $id, moment: $moment) { ${fields} } }`;
  await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
    const { postmortem } = await client.ask<Answer>(document, { id, moment: momentOf(options) });
    if (postmortem === null) throw notFoundFailure(`incident ${id}`, 'See `musterbook incident ls`.');
    const text = textOf(postmortem, options);
    if (text === null) throw notFoundFailure(`published account of incident ${id}`);
    if (to === undefined) await runtime.terminal.write(text);
    else {
      await save(to, text);
      runtime.terminal.note(`written to ${to}\n`);
    }
  });
}

function textOf(
  postmortem: Readonly<Record<string, unknown>>,
  { output, published }: PostmortemOptions,
): string | null {
  if (published === true) {
    const body = postmortem['published'];
    return typeof body === 'string' ? `${body.replace(/\n$/, '')}\n` : null;
  }
  return output === 'json' ? `${JSON.stringify(postmortem, null, 2)}\n` : String(postmortem[FIELDS[output]]);
}

function momentOf({ at, knownAt }: PostmortemOptions): Readonly<Record<string, unknown>> | null {
  if (at !== undefined && knownAt !== undefined) return { bitemporal: { happenedAt: at, knownAt } };
  if (at !== undefined) return { happenedAt: at };
  return knownAt === undefined ? null : { knownAt };
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    throw usageFailure(`--to ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readTime(flag: string): (text: string) => string {
  return (text) => {
    if (typeof parseTime(text) === 'number') return text;
    throw usageFailure(`${flag} ${text}: expected a time with its zone, such as 2022-12-13T20:30:00Z`);
  };
}
