/** `musterbook serve`: the server, until it is told to stop. */
import type { Command } from 'commander';
import { flagsOf } from './options.ts';
import type { RunningServer, Runtime } from './runtime.ts';

/** The settings of a server, as flags of `serve` and `demo`. */
export function withServing(command: Command): Command {
  return command
    .option('--host <host>', 'where to listen (MUSTERBOOK_HOST, 127.0.0.1)')
    .option('--port <port>', 'MUSTERBOOK_PORT, 4000; 0 takes a free one')
    .option('--data <folder>', 'the folder of the ledger (MUSTERBOOK_DATA, ./data)')
    .option('--store <store>', 'sqlite, memory or esdb://… (MUSTERBOOK_STORE, sqlite)')
    .option('--esdb-prefix <prefix>', 'before every stream name there (MUSTERBOOK_ESDB_PREFIX, musterbook.)')
    .option('--kafka-brokers <list>', 'host:port, with commas between them (MUSTERBOOK_KAFKA_BROKERS)')
    .option('--kafka-topic <topic>', 'events come in by it (MUSTERBOOK_KAFKA_TOPIC, musterbook.events)')
    .option('--kafka-group <group>', 'the consumer group (MUSTERBOOK_KAFKA_GROUP, musterbook)')
    .option('--kafka-role <role>', 'what may come in: ingest, operate, admin (MUSTERBOOK_KAFKA_ROLE, operate)')
    .option('--kafka-out <topic>', 'every recorded event goes out to it (MUSTERBOOK_KAFKA_OUT)')
    .option('--tokens <file>', 'the token file (MUSTERBOOK_TOKENS); without it only this machine is served')
    .option('--public-url <url>', 'where browsers reach it (MUSTERBOOK_PUBLIC_URL)')
    .option('--status-public <true|false>', 'the status page without a token (MUSTERBOOK_STATUS_PUBLIC, true)')
    .option('--status-title <title>', 'whose status page it is (MUSTERBOOK_STATUS_TITLE, Status)')
    .option('--status-text <text>', 'an intro line on it (MUSTERBOOK_STATUS_TEXT)')
    .option('--status-logo <file>', 'its logo, SVG or PNG (MUSTERBOOK_STATUS_LOGO)')
    .option('--status-color <#rrggbb>', 'the band at its top (MUSTERBOOK_STATUS_COLOR, #2f6f4f)')
    .option('--status-language <en|de>', 'the language of its words (MUSTERBOOK_STATUS_LANGUAGE, en)')
    .option('--log <level>', 'silent, fatal, error, warn, info, debug, trace (MUSTERBOOK_LOG, info)')
    .option('--config <file>', 'settings as JSON or YAML (MUSTERBOOK_CONFIG)');
}

export function addServe(program: Command, runtime: Runtime): void {
  withServing(program.command('serve'))
    .description('the server: take events, keep the record, answer GraphQL')
    .action(async (options: object) => {
      const server = await runtime.startServer(flagsOf(options));
      await runtime.terminal.write(welcome(server, runtime.version));
      await interrupted(runtime.signal);
      await server.close();
    });
}

function welcome({ url, folder }: RunningServer, version: string): string {
  const record = folder ?? 'in memory, gone with this process';
  return `Musterbook ${version} at ${url}\n  record    ${record}\n  GraphQL   ${url}/graphql\n  events    POST ${url}/v1/events\n`;
}

/** Resolves once the process was told to stop. */
export function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
