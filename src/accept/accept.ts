/** The one door: whoever appends comes through here. Validate, judge or decide, append with retry, keep what is refused. */
import type { Command, CommandKind } from '../../schemas/commands.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Refusal } from '../decide/refusal.ts';
import type { Fault } from './rejections.ts';

export type Role = 'read' | 'ingest' | 'operate' | 'admin';
export type DoorName = 'http' | 'graphql' | 'import' | 'kafka';

/** Who is calling and what they may do; made once per request by the door they came through. */
export interface Caller {
  /** The token's name; null without tokens. */
  readonly name: string | null;
  /** CloudEvents auth context: `unauthenticated` without tokens, else `service_account`. */
  readonly authType: string;
  readonly roles: ReadonlySet<Role>;
  readonly door: DoorName;
}

/**
 * A record as it came: the text of one CloudEvent in JSON (`parsed`: what it says, where the door knows already), or a
 * value whose text is gone, so that names given twice cannot be seen any more, or what a door could not read, with the
 * reason.
 */
export type IncomingRecord = (
  | { readonly text: string; readonly parsed?: unknown }
  | { readonly value: unknown }
  | { readonly unreadable: string; readonly fault: Fault }
) & {
  /** Where it came from, such as `kafka musterbook.events/0 offset 17`: a kept rejection says so, for whoever wants to find it there. */
  readonly origin?: string;
};

export interface Rejected {
  /** Place in the call's records, from 0. */
  readonly index: number;
  readonly id: string | null;
  /** One of `REJECTION_HINTS`. */
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the record. */
  readonly path: string | null;
}

export interface FactsResult {
  readonly appended: number;
  /** Known already with the same content; erased events, which are acknowledged and left out, count here. */
  readonly duplicates: number;
  readonly rejected: readonly Rejected[];
  /** The highest position among those appended or already known; the head's where there are none. */
  readonly position: Position;
}

export interface CommandDone {
  /** Subject of the stream that the command went to. */
  readonly subject: string;
  /** Position of the command's (last) event. */
  readonly position: Position;
  /** For retractions: the event that was retracted. */
  readonly retracted: Position | null;
}
export type CommandResult = ({ readonly kind: 'done' } & CommandDone) | ({ readonly kind: 'refused' } & Refusal);

export interface Accept {
  /** Facts, each judged by itself, appended durably before the promise resolves. Throws operating errors only; `MusterbookError.facts.partial` then holds the FactsResult so far. */
  facts(records: readonly IncomingRecord[], caller: Caller): Promise<FactsResult>;
  /**
   * Facts that come in many batches: each batch is read at once and appended after those pushed before it, so that reading
   * one and writing another go on side by side. Once a batch has failed, the later ones fail with the same error.
   * `index` counts on from batch to batch.
   */
  factsInOrder(caller: Caller): (records: readonly IncomingRecord[]) => Promise<FactsResult>;
  /** A checked command, decided against the state of its stream; refusals are values. Throws `FORBIDDEN` without the role, and operating errors. */
  command(command: Command, caller: Caller): Promise<CommandResult>;
  /** As `command`, of an input that nobody has checked: what its schema refuses is `InvalidInput` too. */
  commandFrom(kind: CommandKind, input: unknown, caller: Caller): Promise<CommandResult>;
  /**
   * Fills an empty ledger with CloudEvents that carry `recordedat` (and, from an export, salt, hashes and who appended
   * them), one JSON text each, in order of recordedat. May be called again and again until something else is appended.
   * Throws `FORBIDDEN`, `LEDGER_NOT_EMPTY`, `RECORDED_AT_FALLS`, and `HASH_MISMATCH` where a stream that was restored
   * whole does not give the hash that a line states.
   */
  restore(records: readonly { readonly text: string }[], caller: Caller): Promise<FactsResult>;
}
