/** What commands are given by `main.ts`: a terminal, settings, and the ways to a ledger. */
import type { Client } from './client/client.ts';

/** Where a command writes to and reads from. */
export interface Terminal {
  /** Results, to stdout. Resolves when more may be written; rejects with `OutputClosed` when nobody reads any more. */
  write(text: string | Uint8Array): Promise<void>;
  /** Progress, hints and errors, to stderr. */
  note(text: string): void;
  /** stdin, for `-`. */
  readonly input: AsyncIterable<Uint8Array>;
  /** stdout is a terminal: tables may redraw. */
  readonly isInteractive: boolean;
  /** stderr is a terminal: progress may redraw. */
  readonly showsProgress: boolean;
  readonly columns: number;
  /** Absent: nobody knows. */
  readonly rows?: number;
  readonly color: boolean;
}

/** The reader of our output went away (`| head`): the command ends, quietly. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Settings as flags, by setting name; undefined where the flag was not given. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** The settings that commands look at; `main.ts` reads them. */
export interface Settings {
  readonly data: string;
  readonly url: URL | null;
  readonly token: string | null;
}

/** What `verify` found; the ledger's own words. */
export interface Verification {
  readonly ok: boolean;
  readonly position: number;
  readonly events: number;
  readonly streams: number;
  /** Positions of events whose data was erased. */
  readonly erased: readonly number[];
  readonly erasures: readonly {
    readonly position: number;
    readonly stream: string;
    readonly retractedBy: number;
    /** The token's name; null without tokens. */
    readonly by: string | null;
    readonly at: string;
    readonly reason: string;
  }[];
  readonly endProved: boolean;
  readonly signature: SignatureVerdict | null;
  readonly findings: readonly {
    readonly kind: string;
    readonly stream: string | null;
    readonly revision: number | null;
    readonly position: number | null;
    readonly message: string;
  }[];
  readonly findingsOmitted: number;
}

/** What a checkpoint's signature is worth; the ledger's own words. */
export interface SignatureVerdict {
  readonly isSigned: boolean;
  readonly keyId: string | null;
  /** Null where nobody named a key. */
  readonly isExpectedKey: boolean | null;
  readonly fault: string | null;
}

/** What `verify --bundle` found; the ledger's own words. Lines count from 1. */
export interface BundleVerification {
  readonly ok: boolean;
  readonly incident: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly events: number;
  readonly erased: number;
  readonly withheld: number;
  readonly streams: readonly {
    readonly stream: string;
    readonly from: number;
    readonly to: number;
    readonly provedTo: number | null;
  }[];
  readonly originProved: boolean;
  readonly signature: SignatureVerdict | null;
  readonly findings: readonly {
    readonly kind: string;
    readonly line: number | null;
    readonly stream: string | null;
    readonly revision: number | null;
    readonly message: string;
  }[];
  readonly findingsOmitted: number;
}

/** What a proof is held against, as the texts of files; null where none was named. */
export interface Expectations {
  readonly checkpoint: string | null;
  readonly publicKey: string | null;
}

export interface BundleRequest {
  readonly incident: string;
  readonly marginMinutes: number;
  readonly isPublic: boolean;
  /** The private key to sign a new checkpoint with, or a checkpoint that was kept, as texts of files. */
  readonly signingKey: string | null;
  readonly checkpoint: string | null;
}

/** A ledger's size and digest at a position, to be kept elsewhere. */
export interface LedgerCheckpoint {
  readonly position: number;
  readonly events: number;
  readonly streams: number;
  readonly recordedAt: string | null;
  readonly ends: string;
  readonly signature?: {
    readonly algorithm: string;
    readonly keyId: string;
    readonly publicKey: string;
    readonly value: string;
  };
}

/** One projection before and after a rebuild. */
export interface RebuiltViews {
  readonly projection: string;
  readonly version: number;
  /** Where the views stand. */
  readonly position: number;
  /** Digests of the views' bytes, live and folded from zero; null: there were none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Why it stopped, at an event that it cannot fold; else null. */
  readonly error: string | null;
}

/** How one projection's live views compare with a fold from zero. */
export interface RebuildFinding extends Omit<RebuiltViews, 'error'> {
  /** Views that were compared. */
  readonly keys: number;
  /** Keys whose bytes differ, at most the first 20. */
  readonly different: readonly string[];
  readonly differentCount: number;
}

export interface FactsAnswer {
  readonly appended: number;
  readonly duplicates: number;
  readonly rejectedCount: number;
  readonly rejected: readonly {
    index: number;
    id: string | null;
    code: string;
    message: string;
    path: string | null;
  }[];
  readonly position: number;
}

export type ProgressListener = (done: number, all: number) => void;

/** One event on its way in, as the text of a CloudEvent. */
export interface ImportedRecord {
  readonly text: string;
}

/** An import format: turns a file into CloudEvents, oldest first. */
export interface ImportFormat {
  readonly name: string;
  readonly description: string;
  /** The CloudEvents of these files, in the order in which they are to be appended. */
  read(files: readonly string[], source: ImportSource): AsyncIterable<ImportedRecord>;
}

export interface ImportSource {
  /** A file's bytes; `-` is stdin. */
  open(file: string): AsyncIterable<Uint8Array>;
  /** Whose signature a bundle must bear, as text of a key. */
  readonly publicKey?: string;
}

/** Takes records in: CloudEvents, one JSON text each. */
export interface ImportDoor {
  take(lines: readonly string[]): Promise<FactsAnswer>;
  close(): Promise<void>;
}

/** A server that runs in this process. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** The folder of the record; null where it is in memory and goes with the process. */
  readonly folder: string | null;
  /** Talks to it from outside, like anyone. */
  readonly client: Client;
  close(): Promise<void>;
}

/** A copy of a data folder. */
export interface Snapshot {
  readonly folder: string;
  /** Up to where it holds the record. */
  readonly position: number;
  /** Up to where its views have come; null: it has none. */
  readonly views: number | null;
  readonly bytes: number;
}

export interface Runtime {
  readonly terminal: Terminal;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** Reads all settings; throws a usage failure that lists everything wrong. */
  settings(flags: Flags): Settings;
  /** Starts a server in this process. Throws a usage failure for wrong settings, `LEDGER_HELD` where another holds the folder. */
  startServer(flags: Flags): Promise<RunningServer>;
  /** The server that the settings name, or the ledger under DATA, opened for reading beside whoever writes to it. */
  openForReading(settings: Settings): Promise<Client>;
  /** The same, for commands. Without a server it holds the ledger's lock; fails with `LEDGER_HELD` when one runs. */
  openForWriting(settings: Settings): Promise<Client>;
  /**
   * The same, for facts alone: views are left to whoever reads next. With `restore` an empty local ledger is filled, in
   * order of recordedat, with what was recorded elsewhere.
   */
  openForImport(settings: Settings, how: { readonly restore: boolean }): Promise<ImportDoor>;
  verify(settings: Settings, expected: Expectations, onProgress: ProgressListener): Promise<Verification>;
  verifyBundle(bytes: AsyncIterable<Uint8Array>, expected: Expectations): Promise<BundleVerification>;
  /** With the text of a private key, it is signed. */
  checkpoint(settings: Settings, signingKey: string | null, onProgress: ProgressListener): Promise<LedgerCheckpoint>;
  /** An Ed25519 key pair, as PEM. */
  newKeyPair(): { readonly privateKey: string; readonly publicKey: string; readonly keyId: string };
  /** An incident's bundle, page by page of whole lines; nothing where the local ledger has no such incident. */
  exportBundle(settings: Settings, request: BundleRequest): AsyncIterable<string>;
  /** Folds from zero beside the live views and compares, changing nothing. */
  compareRebuild(
    settings: Settings,
    name: string | null,
    onProgress: ProgressListener,
  ): Promise<readonly RebuildFinding[]>;
  /** Rebuilds views and swaps them in; holds the lock. */
  rebuild(settings: Settings, name: string | null, onProgress: ProgressListener): Promise<readonly RebuiltViews[]>;
  /** Copies record and views into a folder that is empty or not there. Throws `FOLDER_NOT_EMPTY`. */
  snapshot(settings: Settings, folder: string, onProgress: ProgressListener): Promise<Snapshot>;
  readonly projectionNames: readonly string[];
  readonly importFormats: readonly ImportFormat[];
  /** Draws a token: what its owner keeps, and the line for the token file. */
  createToken(name: string, roles: readonly string[]): { readonly token: string; readonly line: string };
  readonly roles: readonly string[];
}
