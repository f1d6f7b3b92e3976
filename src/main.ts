/**
 * The assembly, in the order in which an event flows: ledger → project → accept → ingest → serve; and the command line's
 * ways to it. The only file that imports across folders.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { PROJECTIONS } from '../projections/list.ts';
import { recordedLine } from '../schemas/cloudevents/recorded-line.ts';
import type { Position, StreamName } from '../schemas/ids.ts';
import { MICROS_PER_SECOND } from '../schemas/time.ts';
import type { Accept, Caller, FactsResult, Role } from './accept/accept.ts';
import { createAccept } from './accept/create.ts';
import type { Client } from './cli/client/client.ts';
import { httpClient } from './cli/client/http.ts';
import { localClient } from './cli/client/local.ts';
import { CommandFailure, EXIT, type Exit, exitOfCode } from './cli/failure.ts';
import { runProgram } from './cli/program.ts';
import type { FactsAnswer, Runtime, Settings, Terminal } from './cli/runtime.ts';
import { processTerminal } from './cli/terminal.ts';
import { type Clock, type NewId, systemClock, systemTimer, uuidV7 } from './clock.ts';
import { ConfigError, type ConfigSources, type Flags, readConfig, wantsColor } from './config.ts';
import { bundlePages } from './egress/bundle.ts';
import { exportPages } from './egress/export.ts';
import { startKafkaOut } from './egress/kafka.ts';
import { MusterbookError } from './errors.ts';
import { bundleFormat } from './ingest/formats/bundle.ts';
import { IMPORT_FORMATS } from './ingest/formats/list.ts';
import { eventsRoute } from './ingest/http/events.ts';
import { startKafkaIn } from './ingest/kafka/kafka-in.ts';
import { BundleWriter } from './ledger/bundle.ts';
import { readExpectations, readOrigin } from './ledger/expectations.ts';
import {
  type HeldLedger,
  ledgerFile,
  openHeldLedger,
  openProofLedger,
  openReadLedger,
  storeName,
} from './ledger/open.ts';
import type { Ledger } from './ledger/port.ts';
import { newKeyPair, signCheckpoint } from './ledger/signature.ts';
import { copyLedgerFile } from './ledger/sqlite/copy.ts';
import { holdLock } from './ledger/sqlite/lock.ts';
import { makeCheckpoint, verifyLedger } from './ledger/verify.ts';
import { firstFault, verifyBundle } from './ledger/verify-bundle.ts';
import type { Link } from './link.ts';
import { openStoreBeside, viewsBeside } from './project/beside.ts';
import { compareRebuild, notBuilt } from './project/compare.ts';
import { forgetInFolder, forgottenBy } from './project/forgotten.ts';
import { rebuildHere } from './project/rebuild-here.ts';
import { copyViewsFile } from './project/sqlite/copy.ts';
import { type Projecting, startProjecting } from './project/start.ts';
import type { Views } from './project/views.ts';
import { createToken, ROLES, readTokens, type TokenTable } from './serve/auth.ts';
import { createGraph } from './serve/graphql/graph.ts';
import { DEFAULT_LIMITS } from './serve/graphql/limits.ts';
import { localGraph, localStatusPage } from './serve/local.ts';
import { startServer } from './serve/server.ts';
import { readStatusSettings, type StatusSettings } from './serve/status/settings.ts';
import type { Config } from './settings.ts';
import { fillEmptyFolder } from './whole-files.ts';

/** Events named by commands carry this source. */
const COMMAND_SOURCE = 'musterbook';

const packageJson = new URL(
  import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json',
  import.meta.url,
);
const VERSION = (JSON.parse(readFileSync(packageJson, 'utf8')) as { version: string }).version;

/** A whole Musterbook in this process. */
export interface Assembly {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
  readonly ledger: Ledger;
  readonly views: Views;
  readonly accept: Accept;
  /** Stops taking, finishes what is under way, closes everything and frees the folder. */
  close(): Promise<void>;
}

export interface AssemblyParts {
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly newId?: NewId;
}

/** Assembles and starts a server. Throws `ConfigError` for a token file it cannot use, `LEDGER_HELD`, and what opening the ledger throws. */
export async function assemble(config: Config, parts: AssemblyParts = {}): Promise<Assembly> {
  const {
    log = pino({ level: config.log }, pino.destination({ dest: 2, sync: true })),
    clock = systemClock,
    newId = uuidV7,
  } = parts;
  const tokens = readTokenFile(config.tokens);
  const status = readStatus(config);
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const held = await openRecord(config, parts);
    opened.push(held.close);
    const { ledger } = held;
    for (const warning of held.warnings) log.warn(warning);
    const projecting = await project(config, ledger, (error) =>
      log.error({ err: error }, 'projecting failed and is tried again'),
    );
    opened.push(() => projecting.close());
    const { views } = projecting;
    const accept = createAccept({ ledger, clock, newId, source: COMMAND_SOURCE, forgotten: forgottenBy(views) });
    const carried = carry(config, { ledger, accept, clock, log });
    for (const { close: end } of carried) opened.push(end);
    const links = [...held.links, ...carried.map(({ link }) => link)];
    const server = await startServer({
      ...{ views, ledger, accept, clock, newId, log, tokens, links, status },
      ...{ store: storeName(config), host: config.host, port: config.port, publicUrl: config.publicUrl },
      routes: [eventsRoute(accept)],
      exported: { line: recordedLine, pages: (query) => exportPages(ledger, query) },
    });
    opened.push(() => server.close());
    return { url: server.url, port: server.port, ledger, views, accept, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function readStatus(config: Config): StatusSettings {
  const { settings, fault } = readStatusSettings(config);
  if (fault !== null) throw new ConfigError([fault]);
  return settings;
}

/** What is wrong with the setting itself is a wrong setting, whoever finds it. */
async function judgingStore<Opened>(config: Config, opening: Promise<Opened>): Promise<Opened> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof MusterbookError) || error.code !== 'BAD_REQUEST') throw error;
    throw new ConfigError([{ setting: 'MUSTERBOOK_STORE', value: storeName(config), expected: error.message }]);
  }
}

function openRecord(config: Config, { clock }: AssemblyParts): Promise<HeldLedger> {
  return judgingStore(config, openHeldLedger(config, clock ? { clock } : {}));
}

interface Carried {
  readonly link: Link;
  close(): Promise<void>;
}

/** Kafka in and out, where the settings name them. */
function carry(
  config: Config,
  { ledger, accept, clock, log }: Pick<Assembly, 'ledger' | 'accept'> & Required<Pick<AssemblyParts, 'clock' | 'log'>>,
): readonly Carried[] {
  const { kafkaBrokers, kafkaOut } = config;
  if (kafkaBrokers === null) return [];
  const settings = { ...config, kafkaBrokers };
  const carried: Carried[] = [startKafkaIn({ settings, accept, clock, log })];
  if (kafkaOut !== null) {
    carried.push(startKafkaOut({ ledger, settings: { ...settings, kafkaOut }, clock, timer: systemTimer, log }));
  }
  return carried;
}

function project(config: Config, ledger: Ledger, onTrouble: (error: unknown) => void): Promise<Projecting> {
  const keep = config.store === 'memory' ? 'memory' : keptIn(config);
  return startProjecting({ ledger, projections: PROJECTIONS, keep, onTrouble });
}

function keptIn(config: Config) {
  return { folder: config.data, ledgerPath: ledgerFile(config) };
}

function readTokenFile(path: string | null): TokenTable | null {
  if (path === null) return null;
  const fault = (value: string, expected: string) => ({ setting: 'MUSTERBOOK_TOKENS', value, expected });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([fault(path, `a readable token file (${(error as Error).message})`)]);
  }
  const { tokens, faults } = readTokens(text);
  if (faults.length > 0) throw new ConfigError(faults.map((line) => fault(path, line)));
  if (tokens.length === 0)
    throw new ConfigError([fault(path, 'at least one token, as `musterbook token create` prints its line')]);
  return tokens;
}

// What commands do without a server, with the files under DATA.

/** Who works on the ledger's files may everything: they could change the files themselves. */
const LOCAL_CALLER: Caller = { name: null, authType: 'unauthenticated', roles: new Set<Role>(ROLES), door: 'import' };
const SILENT = pino({ level: 'silent' });

function openLocal(config: Config, ledger: Ledger, views: Views, close: () => Promise<void>): Client {
  const parts = { ledger, clock: systemClock, newId: uuidV7, source: COMMAND_SOURCE };
  const accept = createAccept({ ...parts, forgotten: forgottenBy(views) });
  const graph = createGraph({
    ...{ ledger, views, accept, clock: systemClock, newId: uuidV7, log: SILENT, store: storeName(config), links: [] },
    ...{ limits: DEFAULT_LIMITS, onSkipped: () => {} },
  });
  const status = { views, ledger, clock: systemClock, settings: readStatus(config) };
  const page = localStatusPage(status, config.publicUrl);
  return localClient({
    place: config.data,
    statusFile: page.file,
    graph: localGraph(graph, { ...LOCAL_CALLER, door: 'graphql' }),
    exportLines: ({ after, stream }) =>
      exportPages(ledger, { after: after as Position, stream: stream as StreamName | null }),
    takeFacts: async (lines) =>
      answerOf(
        await accept.facts(
          lines.map((text) => ({ text })),
          LOCAL_CALLER,
        ),
      ),
    async close() {
      page.close();
      graph.hub.close();
      await close();
    },
  });
}

async function openReading(config: Config): Promise<Client> {
  const ledger = await openBeside(config);
  try {
    const views = await viewsOf(config, ledger);
    return openLocal(config, ledger, views, async () => {
      await views.close();
      await ledger.close();
    });
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

async function openWriting(config: Config): Promise<Client> {
  refuseMemory(config);
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const { ledger, close: closeLedger } = await openRecord(config, {});
    opened.push(closeLedger);
    const { views, close: closeViews } = await project(config, ledger, () => {});
    opened.push(closeViews);
    return openLocal(config, ledger, views, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function openBeside(config: Config): Promise<Ledger> {
  refuseMemory(config);
  return judgingStore(config, openReadLedger(config));
}

async function openProof(config: Config): Promise<Ledger> {
  refuseMemory(config);
  return judgingStore(config, openProofLedger(config));
}

function refuseMemory({ store }: Config): void {
  if (store !== 'memory') return;
  const message = 'the memory store lives inside its server';
  throw new CommandFailure(EXIT.usage, { code: 'USAGE', message, hint: 'Name the server with MUSTERBOOK_URL.' });
}

/** The views of a ledger that is read beside whoever writes it. */
function viewsOf(config: Config, ledger: Ledger): Promise<Views> {
  return viewsBeside({
    ledger,
    projections: PROJECTIONS,
    ...keptIn(config),
    hold: () => holdLock(config.data),
  });
}

function answerOf({ rejected, ...rest }: FactsResult): FactsAnswer {
  return { ...rest, rejectedCount: rejected.length, rejected };
}

/** Where a command line comes from. */
export interface CommandLine {
  readonly terminal: Terminal;
  /** Aborted when the command is to end. */
  readonly signal: AbortSignal;
  /** Absent: the process's own. */
  readonly sources?: Pick<ConfigSources, 'env' | 'folder'>;
}

/** What commands are given. */
function createRuntime({ terminal, signal, sources = {} }: CommandLine): Runtime {
  const configOf = (settings: Settings): Config => settings as Config;
  return {
    ...{
      terminal,
      signal,
      version: VERSION,
      importFormats: [...IMPORT_FORMATS, bundleFormat(firstFault)],
      roles: ROLES,
    },
    projectionNames: PROJECTIONS.map(({ name }) => name),
    settings: (flags) => readConfig({ ...sources, flags: flags as Flags }),
    createToken: (name, roles) => createToken(name, roles as readonly Role[]),
    async startServer(flags) {
      const config = readConfig({ ...sources, flags: flags as Flags, serving: true });
      const { url, close } = await assemble(config);
      const client = httpClient({ url: new URL(url), token: config.token });
      return { url, close, client, folder: config.store === 'memory' ? null : config.data };
    },
    openForReading: async (settings) => remote(settings, terminal.note) ?? openReading(configOf(settings)),
    openForWriting: async (settings) => remote(settings, terminal.note) ?? openWriting(configOf(settings)),
    async openForImport(settings, { restore }) {
      const server = remote(settings, terminal.note);
      if (server) return { take: (lines) => server.takeFacts(lines), close: () => server.close() };
      refuseMemory(configOf(settings));
      const { ledger, close } = await openRecord(configOf(settings), {});
      const keptViews = { ledger, projections: PROJECTIONS, keep: keptIn(configOf(settings)), onTrouble: () => {} };
      const forgotten = (upTo: Position) => forgetInFolder(keptViews, upTo);
      const parts = { ledger, clock: systemClock, newId: uuidV7, source: COMMAND_SOURCE };
      const accept = createAccept({ ...parts, forgotten });
      const take = (records: readonly { text: string }[]) =>
        restore ? accept.restore(records, LOCAL_CALLER) : accept.facts(records, LOCAL_CALLER);
      return {
        take: async (lines) => answerOf(await take(lines.map((text) => ({ text })))),
        close,
      };
    },
    verify: (settings, expected, onProgress) =>
      withLedger(openProof(configOf(settings)), (ledger) =>
        verifyLedger(ledger, { onProgress, signal, ...readExpectations(expected) }),
      ),
    verifyBundle: (bytes, expected) => verifyBundle(bytes, readExpectations(expected)),
    checkpoint: (settings, signingKey, onProgress) =>
      withLedger(openProof(configOf(settings)), async (ledger) => {
        const checkpoint = await makeCheckpoint(ledger, { onProgress, signal });
        return signingKey === null ? checkpoint : signCheckpoint(checkpoint, signingKey);
      }),
    newKeyPair,
    async *exportBundle(settings, { marginMinutes, ...request }) {
      const ledger = await openBeside(configOf(settings));
      try {
        const origin = await readOrigin(ledger, { ...request, signal });
        const query = { ...request, marginMicros: marginMinutes * 60 * MICROS_PER_SECOND };
        yield* bundlePages(ledger, query, { frame: new BundleWriter(), origin });
      } finally {
        await ledger.close();
      }
    },
    async snapshot(settings, folder, onProgress) {
      refuseMemory(configOf(settings));
      const from = ledgerFile(configOf(settings));
      return fillEmptyFolder(folder, async (to) => {
        // Views first: they must not be ahead of the record they are of.
        const views = await copyViewsFile({ from: join(settings.data, 'views.sqlite'), to, signal });
        const { position, bytes } = await copyLedgerFile({ from, to, signal, onProgress });
        return { folder, position, views: views?.position ?? null, bytes: bytes + (views?.bytes ?? 0) };
      });
    },
    compareRebuild: (settings, name, onProgress) =>
      withLedger(openBeside(configOf(settings)), async (ledger) => {
        await (await viewsOf(configOf(settings), ledger)).close();
        const projections = PROJECTIONS.filter((projection) => name === null || projection.name === name);
        const store = openStoreBeside(join(settings.data, 'views.sqlite'), projections);
        if (store === null) return projections.map(notBuilt);
        try {
          return await compareRebuild({
            ledgerPath: ledgerFile(configOf(settings)),
            reader: ledger,
            store,
            projections,
            onProgress,
          });
        } finally {
          store.close();
        }
      }),
    rebuild: (settings, name, onProgress) =>
      withLedger(openBeside(configOf(settings)), async (ledger) => {
        const lock = holdLock(settings.data);
        try {
          return await rebuildHere({
            ...{ projections: PROJECTIONS, name, onProgress, upTo: (await ledger.head()).position },
            start: () => project(configOf(settings), ledger, () => {}),
            viewsPath: join(settings.data, 'views.sqlite'),
          });
        } finally {
          lock.release();
        }
      }),
  };
}

function remote({ url, token }: Settings, note: (text: string) => void): Client | null {
  return (
    url &&
    httpClient({
      url,
      token,
      onReconnect: (reason) => note(`${reason}; taking it up again\n`),
      onBuilding: (howFar) =>
        note(`the server is still building its views (${howFar}): answers lack what is recorded\n`),
    })
  );
}

async function withLedger<Result>(
  opening: Promise<Ledger>,
  work: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const ledger = await opening;
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

/** Operating errors and wrong settings as commands end with them; null for what nobody expected. */
function explain(error: unknown): CommandFailure | null {
  if (error instanceof ConfigError) {
    return new CommandFailure(EXIT.usage, { code: 'CONFIG', message: `wrong settings\n${error.message}`, hint: null });
  }
  if (error instanceof MusterbookError && error.code !== 'INTERNAL') {
    return new CommandFailure(exitOfCode(error.code), error);
  }
  if (!(error instanceof Error) || !('syscall' in error)) return null;
  const { code = 'ERROR', message } = error as NodeJS.ErrnoException;
  const hint =
    code === 'EADDRINUSE' ? 'Another process listens there: choose another with --port or MUSTERBOOK_PORT.' : null;
  return new CommandFailure(EXIT.error, { code, message, hint });
}

/** Runs one command line; gives its exit code. Rejects for what nobody expected. */
export function runCommandLine(argv: readonly string[], from: CommandLine): Promise<Exit> {
  return runProgram(argv, { runtime: createRuntime(from), explain });
}

/** Runs the process's command line and leaves its exit code to the process. */
export async function run(argv: readonly string[]): Promise<void> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // A second signal of the same kind ends the process at once, as the system does by default.
    process.once(name, () => interruption.abort());
  }
  for (const name of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(name, (error) => {
      pino(pino.destination({ dest: 2, sync: true })).fatal(
        { err: error },
        'an assumption of the program does not hold',
      );
      process.exit(EXIT.error);
    });
  }
  const terminal = processTerminal({ wantsColor: wantsColor() });
  process.exitCode = await runCommandLine(argv, { terminal, signal: interruption.signal });
}

if (import.meta.main) await run(process.argv.slice(2));
