/** The command line: which commands there are, and how each of them ends. */
import { Command, CommanderError } from 'commander';
import { addCheckpoint } from './checkpoint.ts';
import { addCluster } from './cluster.ts';
import { addDemo } from './demo.ts';
import { addEvents } from './events.ts';
import { addExport } from './export.ts';
import { CommandFailure, EXIT, type Exit } from './failure.ts';
import { addImport } from './import.ts';
import { addIncident } from './incident.ts';
import { addPostmortem } from './postmortem.ts';
import { painter, plain } from './print/text.ts';
import { addRebuild } from './rebuild.ts';
import { addReplay } from './replay.ts';
import { OutputClosed, type Runtime } from './runtime.ts';
import { addServe } from './serve.ts';
import { addSnapshot } from './snapshot.ts';
import { addStatus } from './status.ts';
import { addToken } from './token.ts';
import { addVerify } from './verify.ts';

const AFTER_HELP = `
With MUSTERBOOK_URL (and MUSTERBOOK_TOKEN) a command talks to that server; without it to the ledger under
MUSTERBOOK_DATA (./data), beside a running server where it only reads.
Exit: 0 ok, 1 error, 2 usage, 3 not found, 4 auth, 5 conflict, 6 unreachable, 7 condition false (verify, rebuild --verify, cluster diff --exit-code).
Begin:  musterbook demo   |   musterbook serve, then open http://127.0.0.1:4000/graphql`;

/** Turns an operating error of the house into a failure with its exit code; null for what nobody expected. */
export type ExplainError = (error: unknown) => CommandFailure | null;

export interface ProgramParts {
  readonly runtime: Runtime;
  readonly explain: ExplainError;
}

/** Runs one command line. Never rejects for what a user can cause; what nobody expected is thrown on. */
export async function runProgram(argv: readonly string[], { runtime, explain }: ProgramParts): Promise<Exit> {
  const program = buildProgram(runtime);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT.ok;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = error instanceof CommandFailure ? error : explain(error);
    if (failure === null) throw error;
    printFailure(failure, runtime);
    return failure.exit;
  }
}

function buildProgram(runtime: Runtime): Command {
  const { terminal } = runtime;
  const program = new Command('musterbook')
    .description(
      'The ledger of clusters that elect a leader: who led, who followed, what ran where, what was known when.',
    )
    .version(runtime.version, '-V, --version')
    .exitOverride()
    // Options belong to the command that they stand behind: `status export --url` is no option of `status`.
    .enablePositionalOptions()
    .showHelpAfterError('Try the command with --help.')
    .configureHelp({ helpWidth: Math.min(terminal.columns, 120), showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void terminal.write(text).catch(() => {}),
      writeErr: (text) => terminal.note(text),
    })
    .addHelpText('after', AFTER_HELP);
  addServe(program, runtime);
  addDemo(program, runtime);
  addImport(program, runtime);
  addExport(program, runtime);
  addStatus(program, runtime);
  addCluster(program, runtime);
  addIncident(program, runtime);
  addEvents(program, runtime);
  addReplay(program, runtime);
  addPostmortem(program, runtime);
  addVerify(program, runtime);
  addCheckpoint(program, runtime);
  addRebuild(program, runtime);
  addSnapshot(program, runtime);
  addToken(program, runtime);
  return program;
}

/** Code, message and hint, each on its line. */
function printFailure({ code, message, hint }: CommandFailure, { terminal }: Runtime): void {
  const paint = painter(terminal.color && terminal.showsProgress);
  const lines = message.split('\n').map((line) => plain(line));
  terminal.note(`${paint(code, 'red', 'bold')}: ${lines.join('\n  ')}\n`);
  if (hint !== null) terminal.note(`${plain(hint)}\n`);
}
