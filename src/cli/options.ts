/** Options that several commands take, and what they mean. */
import type { Command } from 'commander';
import type { Client } from './client/client.ts';
import { CommandFailure, EXIT, usageFailure } from './failure.ts';
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
    .option('--at <time>', 'as it was at this time (comes with the next version)')
    .option('--known-at <time>', 'as it was known at this time (comes with the next version)');
  return watch ? command.option('-w, --watch', 'go on showing it as it changes') : command;
}

export function withOutput(command: Command): Command {
  return command.option('-o, --output <format>', FORMATS.join(', '), readFormat, 'table' as Format);
}

/** A command that changes something, by a command judged by the server's deciders. */
export function withWriting(command: Command): Command {
  return withSettings(withOutput(command));
}

/** Refuses moments, which this version cannot answer: an answer about the present would be a wrong one. */
export function refuseMoments({ at, knownAt }: ReadingOptions): void {
  const flag = at !== undefined ? '--at' : knownAt !== undefined ? '--known-at' : null;
  if (flag === null) return;
  throw new CommandFailure(EXIT.usage, {
    code: 'MOMENT_NOT_YET',
    message: `${flag} asks for a past moment, which this version cannot answer yet`,
    hint: `Moments come with the next version. Without ${flag} you get the present.`,
  });
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
  'tokens',
  'statusPublic',
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
