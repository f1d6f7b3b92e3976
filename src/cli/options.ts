/** Options that several commands take, and what they mean. */
import type { Command } from 'commander';
import { MICROS_PER_MS, type Micros, parseTime } from '../../schemas/time.ts';
import type { Client } from './client/client.ts';
import { usageFailure } from './failure.ts';
import { FORMATS, type Format, readFormat } from './print/format.ts';
import type { Flags, Runtime, Settings } from './runtime.ts';

/** The settings that any command may be given as flags. */
export function withSettings(command: Command): Command {
  return command
    .option('--url <url>', 'talk to this server (MUSTERBOOK_URL); absent: the ledger under DATA')
    .option('--token <token>', 'for --url (MUSTERBOOK_TOKEN, which other users of this machine cannot see)')
    .option('--data <folder>', 'the folder of the ledger (MUSTERBOOK_DATA, ./data)')
    .option('--config <file>', 'settings as JSON or YAML (MUSTERBOOK_CONFIG)');
}

export interface ReadingOptions {
  readonly output: Format;
  readonly watch?: boolean;
  readonly at?: string;
  readonly knownAt?: string;
}

/** A command that reads: settings, `-o`, moments, and `--watch` where it can. */
export function withReading(command: Command, { watch }: { readonly watch: boolean }): Command {
  withSettings(withOutput(command))
    .option('--at <time>', 'as it was at this time (RFC 3339), by all that is known now')
    .option('--known-at <time>', 'as it was known at this time; with --at: what was then believed about that time');
  return watch ? command.option('-w, --watch', 'go on showing it as it changes') : command;
}

export function withOutput(command: Command): Command {
  return command.option('-o, --output <format>', FORMATS.join(', '), readFormat, 'table' as Format);
}

/** A command that changes something, by a command judged by the server's deciders. */
export function withWriting(command: Command): Command {
  return withSettings(withOutput(command));
}

/** A moment as GraphQL takes it, and the time that ages are counted to. */
export interface AskedMoment {
  readonly moment: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
}

/** The moment that `--at` and `--known-at` ask about together; null where neither is given: the present. */
export function askedMoment({ at, knownAt, watch }: Omit<ReadingOptions, 'output'>): AskedMoment | null {
  const happened = at === undefined ? null : readTime('--at', at);
  const known = knownAt === undefined ? null : readTime('--known-at', knownAt);
  const nowMs = (happened ?? known ?? 0) / MICROS_PER_MS;
  if (happened === null && known === null) return null;
  if (watch) throw usageFailure('--watch follows the present: leave it out, or leave out --at and --known-at');
  if (known === null) return { moment: { happenedAt: at }, nowMs };
  if (happened === null) return { moment: { knownAt }, nowMs };
  return { moment: { bitemporal: { happenedAt: at, knownAt } }, nowMs };
}

/** The variable of a document, and the part of a shape, that a moment gives. */
export function atMoment(asked: AskedMoment | null): {
  readonly variables: { readonly moment?: AskedMoment['moment'] };
  readonly seenFrom: { readonly nowMs?: number };
} {
  return asked === null
    ? { variables: {}, seenFrom: {} }
    : { variables: { moment: asked.moment }, seenFrom: { nowMs: asked.nowMs } };
}

function readTime(flag: string, text: string): Micros {
  const at = parseTime(text);
  if (typeof at === 'number') return at;
  throw usageFailure(`${flag} ${text}: expected an RFC 3339 time with a zone, such as 2022-12-13T20:15:00Z`);
}

const SETTING_FLAGS = [
  'url',
  'token',
  'data',
  'config',
  'host',
  'port',
  'publicUrl',
  'store',
  'esdbPrefix',
  'kafkaBrokers',
  'kafkaTopic',
  'kafkaGroup',
  'kafkaRole',
  'kafkaOut',
  'tokens',
  'statusPublic',
  'statusTitle',
  'statusText',
  'statusLogo',
  'statusColor',
  'statusLanguage',
  'log',
] as const;

/** The settings among a command's options. */
export function flagsOf(options: object): Flags {
  const given = options as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    SETTING_FLAGS.flatMap((name) => (typeof given[name] === 'string' ? [[name, given[name]]] : [])),
  );
}

export function settingsOf(runtime: Runtime, options: object): Settings {
  return runtime.settings(flagsOf(options));
}

/** Settings for a command that looks at the ledger's file: a server's word about itself would prove nothing. */
export function localSettings(runtime: Runtime, options: object, name: string): Settings {
  const settings = settingsOf(runtime, options);
  if (settings.url === null) return settings;
  throw usageFailure(
    `${name} reads the ledger's own file, not a server's word about it`,
    `Unset MUSTERBOOK_URL and name the folder with MUSTERBOOK_DATA; it works beside a running server.`,
  );
}

/** Does something with an open client, and closes it whatever happens. */
export async function withClient<Result>(
  opening: Promise<Client>,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await opening;
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
