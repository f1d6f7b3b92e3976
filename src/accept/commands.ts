/** Commands: read the stream, judge, append at exactly the revision that was read; again when someone came between. */
import { createHash } from 'node:crypto';
import { validateData } from '../../schemas/catalogue.ts';
import { type Command, type CommandKind, readCommand } from '../../schemas/commands.ts';
import type { FoldEvent, NewEvent, RecordedEvent } from '../../schemas/event.ts';
import { type Position, START, type StreamName, splitStream, streamName } from '../../schemas/ids.ts';
import { wellFormed } from '../../schemas/json/canonical.ts';
import type { Micros } from '../../schemas/time.ts';
import type { Clock, NewId } from '../clock.ts';
import * as component from '../decide/component.ts';
import type { AnyDecided, Decision, Occasion } from '../decide/decider.ts';
import { inEffectiveOrder } from '../decide/decider.ts';
import * as incident from '../decide/incident.ts';
import * as maintenance from '../decide/maintenance.ts';
import { invalidInput, type Refusal, revisionConflict, unknownSubject } from '../decide/refusal.ts';
import * as retraction from '../decide/retraction.ts';
import { MusterbookError } from '../errors.ts';
import type { AppendOutcome, ExpectedRevision, Ledger } from '../ledger/port.ts';
import type { Caller, CommandResult } from './accept.ts';
import { type ErasureDoor, settleErasures } from './erasure.ts';
import { actorOf } from './facts.ts';
import { sizeFault } from './read-record.ts';
import type { Turns } from './turns.ts';

export interface CommandDoor extends ErasureDoor {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly newId: NewId;
  /** `source` of the events that commands make. */
  readonly source: string;
  readonly turns: Turns;
}

/** How often a command is judged anew when someone else changed its subject meanwhile. */
const ATTEMPTS_MAX = 8;
/** Events read at once. */
const PAGE = 1_000;

export async function runCommandFrom(
  door: CommandDoor,
  kind: CommandKind,
  input: unknown,
  caller: Caller,
): Promise<CommandResult> {
  assertMayCommand(caller);
  const read = readCommand(kind, input);
  if (!read.ok) return refused(invalidInput(read.fault.path, read.fault.message));
  return runCommand(door, read.command, caller);
}

export async function runCommand(door: CommandDoor, command: Command, caller: Caller): Promise<CommandResult> {
  assertMayCommand(caller);
  const isErasing = command.kind === 'retractEvent' && command.input.erase === true;
  if (isErasing) assertMay(caller, 'admin', 'erasing');
  const { idempotencyKey } = command.input;
  const eventId = idempotencyKey === undefined ? door.newId() : derivedId(command.kind, idempotencyKey);
  const run = new CommandRun(door, caller, eventId, idempotencyKey !== undefined);
  const result = (await run.firstResult()) ?? (await run.decide(command));
  if (isErasing && result.kind === 'done') await settleErasures(door, result.position);
  return result;
}

/**
 * The id of the event that a command with this key makes, whoever sends it: a name-based UUID (RFC 9562, version 8,
 * SHA-256). Ids that the server fills in are this id, so they too are the same again.
 */
function derivedId(kind: CommandKind, idempotencyKey: string): string {
  const bytes = createHash('sha256').update(`musterbook\0${kind}\0${idempotencyKey}`).digest().subarray(0, 16);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

type Judge = (stream: readonly FoldEvent[], occasion: Occasion) => Decision;
type StreamCommand = Exclude<Command, { kind: 'retractEvent' }>;

/** One command on its way. */
class CommandRun {
  readonly #door: CommandDoor;
  readonly #caller: Caller;
  readonly #eventId: string;
  readonly #isKeyed: boolean;

  constructor(door: CommandDoor, caller: Caller, eventId: string, isKeyed: boolean) {
    this.#door = door;
    this.#caller = caller;
    this.#eventId = eventId;
    this.#isKeyed = isKeyed;
  }

  /** What the same key was answered with first; null when it was not seen, or only refused. */
  async firstResult(): Promise<CommandResult | null> {
    if (!this.#isKeyed) return null;
    const first = await this.#door.ledger.eventByKey({ source: this.#door.source, id: this.#eventId });
    return first && done(first.subject, first.position, await this.#retractedBy(first));
  }

  async decide(command: Command): Promise<CommandResult> {
    if (command.kind === 'retractEvent') return this.#retract(command);
    const duplicateOf = await this.#unknownOriginal(command);
    if (duplicateOf !== null) return refused(unknownSubject('incident', duplicateOf));
    const { stream, judge } = plan(command, this.#eventId);
    return this.#door.turns.take(stream, () => this.#judgeAndAppend(stream, judge));
  }

  async #judgeAndAppend(stream: StreamName, judge: Judge): Promise<CommandResult> {
    let position = START;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const events = await readWhole(this.#door.ledger, stream);
      const last = events.at(-1);
      if (last) position = last.position;
      const decision = judge(events, this.#occasion(last?.recordedAt));
      if (decision.kind === 'refused') return (await this.firstResult()) ?? refused(decision.refusal);
      const outcome = await this.#append(stream, last?.revision ?? 'none', decision.events);
      if (!('kind' in outcome)) return refused(outcome);
      if (outcome.kind === 'id-reused') break;
      if (outcome.kind !== 'wrong-revision') return done(subjectOf(stream), highest(outcome.positions), null);
    }
    return (await this.firstResult()) ?? refused(revisionConflict(position));
  }

  /** A retraction fits its stream whatever else is appended there, so it needs no revision. */
  async #retract(command: Extract<Command, { kind: 'retractEvent' }>): Promise<CommandResult> {
    const { ledger } = this.#door;
    const { event: ref } = command.input;
    const named = await ('key' in ref ? ledger.eventByKey(ref.key) : ledger.eventAt(ref.position));
    const isRetracted = named !== null && (await ledger.retractedBy(named.position)) !== null;
    const occasion = this.#occasion((await ledger.head()).recordedAt ?? undefined);
    const decision = retraction.decide(
      { named: named && { ...named, isRetracted, isErased: named.erased } },
      command,
      occasion,
    );
    if (decision.kind === 'refused' || named === null) {
      const refusal = decision.kind === 'refused' ? decision.refusal : unknownSubject('event', this.#eventId);
      return (await this.firstResult()) ?? refused(refusal);
    }
    const outcome = await this.#append(named.stream, 'exists', decision.events);
    if (!('kind' in outcome)) return refused(outcome);
    if (outcome.kind === 'appended' || outcome.kind === 'duplicate') {
      return done(named.subject, highest(outcome.positions), named.position);
    }
    const first = await this.firstResult();
    if (first) return first;
    throw new Error(`A retraction in ${named.stream} met ${outcome.kind}`);
  }

  #occasion(recordedAt: Micros | undefined): Occasion {
    return { now: Math.max(this.#door.clock(), recordedAt ?? 0) as Micros, eventId: this.#eventId };
  }

  async #append(
    stream: StreamName,
    expected: ExpectedRevision,
    decided: readonly AnyDecided[],
  ): Promise<AppendOutcome | Refusal> {
    const events = decided.map((each) => this.#newEvent(each, subjectOf(stream)));
    for (const event of events) {
      const fault = sizeFault(event);
      if (fault) return invalidInput('', fault.message, fault.code);
      if (!wellFormed(event.data)) return invalidInput('', 'has text that UTF-8 cannot hold', 'LONE_SURROGATE');
    }
    const [outcome] = await this.#door.ledger.append([{ stream, expected, events, actor: actorOf(this.#caller) }]);
    if (!outcome) throw new Error(`The ledger gave no outcome for ${stream}`);
    return outcome;
  }

  #newEvent({ type, time, data }: AnyDecided, subject: string): NewEvent {
    const wrong = validateData(type, data);
    if (wrong) throw new Error(`A decider made ${type} with data${wrong.path} that ${wrong.message}`);
    const { source } = this.#door;
    const event = { id: this.#eventId, source, type, subject, time, notBefore: null, synthetic: false };
    return { ...event, extensions: {}, data } as NewEvent;
  }

  /** The incident that an update calls this one a duplicate of, where the ledger does not know it. */
  async #unknownOriginal(command: StreamCommand): Promise<string | null> {
    if (command.kind !== 'updateIncident') return null;
    const { duplicateOf, incidentId } = command.input;
    if (duplicateOf === undefined || duplicateOf === incidentId) return null;
    const head = await this.#door.ledger.streamHead(streamName('incident', duplicateOf));
    return head === null ? duplicateOf : null;
  }

  async #retractedBy({ type, data, stream }: RecordedEvent): Promise<Position | null> {
    if (type !== 'EventRetracted') return null;
    const { eventSource: source, eventId: id } = data as NewEvent<'EventRetracted'>['data'];
    return (await this.#door.ledger.eventByKey({ source, id }, stream))?.position ?? null;
  }
}

/** Where a command goes and who judges it. A subject without an id is named by the event that opens it. */
function plan(command: StreamCommand, eventId: string): { readonly stream: StreamName; readonly judge: Judge } {
  switch (command.kind) {
    case 'registerComponent':
    case 'setComponentStatus':
    case 'retireComponent':
      return {
        stream: streamName('component', command.input.componentId ?? eventId),
        judge: (stream, occasion) => component.decide(stateOf(component, stream), command, occasion),
      };
    case 'scheduleMaintenance':
    case 'updateMaintenance':
    case 'startMaintenance':
    case 'completeMaintenance':
    case 'cancelMaintenance':
      return {
        stream: streamName('maintenance', command.input.maintenanceId ?? eventId),
        judge: (stream, occasion) => maintenance.decide(stateOf(maintenance, stream), command, occasion),
      };
    default:
      return {
        stream: streamName('incident', command.input.incidentId ?? eventId),
        judge: (stream, occasion) => incident.decide(stateOf(incident, stream), command, occasion),
      };
  }
}

interface Evolution<State> {
  readonly initialState: State;
  readonly evolve: (state: State, event: ReturnType<typeof inEffectiveOrder>[number]) => State;
}

function stateOf<State>({ initialState, evolve }: Evolution<State>, stream: readonly FoldEvent[]): State {
  return inEffectiveOrder(stream).reduce(evolve, initialState);
}

async function readWhole(ledger: Ledger, stream: StreamName): Promise<readonly FoldEvent[]> {
  const events: FoldEvent[] = [];
  for (;;) {
    const from = ((events.at(-1)?.revision ?? -1) + 1) as FoldEvent['revision'];
    const page = await ledger.readStream(stream, { from, limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

function assertMayCommand(caller: Caller): void {
  assertMay(caller, 'operate', 'this command');
}

function assertMay({ roles }: Caller, role: 'operate' | 'admin', what: string): void {
  if (roles.has(role) || roles.has('admin')) return;
  throw new MusterbookError('FORBIDDEN', `${what} needs the role ${role}`, { role });
}

function subjectOf(stream: StreamName): string {
  return splitStream(stream)?.subject ?? stream;
}

function highest(positions: readonly Position[]): Position {
  return Math.max(...positions) as Position;
}

function done(subject: string, position: Position, retracted: Position | null): CommandResult {
  return { kind: 'done', subject, position, retracted };
}

function refused(refusal: Refusal): CommandResult {
  return { kind: 'refused', ...refusal };
}
