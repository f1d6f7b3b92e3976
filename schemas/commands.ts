/**
 * What may be asked of an incident, a component, a maintenance or an event: the inputs of the mutations and of the CLI's
 * commands, each declared once. Types and checks are read off the declarations; `src/decide/` judges what they ask.
 */
import Type, { type TObject } from 'typebox';
import { type Check, compileCheck, id, ids, oneOf, optional, type Static, text, words } from './define.ts';
import type { Position } from './ids.ts';
import { EARLIEST, LATEST, type Micros, parseTime } from './time.ts';
import { ACTION_ITEM_KINDS, COMPONENT_STATUSES, IMPACTS, INCIDENT_STATUSES, VISIBILITIES } from './words.ts';

/** An instant in a command: `readCommand` takes RFC 3339 text or whole microseconds and gives microseconds. */
const instant = (description: string) =>
  Type.Unsafe<Micros>({ ...Type.Integer({ minimum: EARLIEST, maximum: LATEST, description }), instant: true });
const instantOrNull = (description: string) =>
  Type.Unsafe<Micros | null>({ ...Type.Union([instant(''), Type.Null()], { description }), instant: true });

const at = optional(instant('When it happened; it may lie in the past. Absent: now.'));
const idempotencyKey = optional(
  Type.String({ minLength: 1, maxLength: 200, description: 'The same key again answers the first result again.' }),
);
const incidentId = id('The incident.');
const componentId = id('The component.');
const maintenanceId = id('The maintenance.');
const status = oneOf(INCIDENT_STATUSES, 'Where it stands.');
const impact = optional(oneOf(IMPACTS, 'How bad it is for users.'));
const severity = optional(text('The organisation’s own scale, such as SEV2.'));
const visibility = optional(oneOf(VISIBILITIES, 'Whether the status page shows it.'));
const clusterIds = optional(ids('The clusters concerned.'));
const incidentComponents = optional(
  Type.Array(Type.Object({ componentId, status: optional(oneOf(COMPONENT_STATUSES, 'Its status meanwhile.')) })),
);
const said = words('What is said.');

const maintenanceStep = Type.Object({ maintenanceId, message: optional(text('What is said.')), at, idempotencyKey });

/** An event by its place or by its key; exactly one of the two. */
const eventRef = Type.Union([
  Type.Object({ position: Type.Unsafe<Position>(Type.Integer({ minimum: 0 })) }, { additionalProperties: false }),
  Type.Object(
    { key: Type.Object({ source: id('Its `source`.'), id: id('Its `id`.') }) },
    { additionalProperties: false },
  ),
]);

/** Mutation → its input. */
export const COMMANDS = {
  declareIncident: Type.Object({
    incidentId: optional(incidentId),
    title: words('What it is called.'),
    status: optional(status),
    impact,
    severity,
    message: optional(text('What is said about it.')),
    visibility,
    impactStartedAt: optional(instant('When users began to be affected.')),
    components: incidentComponents,
    clusterIds,
    dedupKey: optional(text('By which an alerting source recognises it.')),
    at,
    idempotencyKey,
  }),
  updateIncident: Type.Object({
    incidentId,
    updateId: optional(id('The entry’s id.')),
    status: optional(status),
    message: said,
    title: optional(words('A new title.')),
    impact,
    severity,
    visibility,
    components: incidentComponents,
    clusterIds,
    impactStartedAt: optional(instant('When users began to be affected.')),
    impactEndedAt: optional(instantOrNull('When users were no longer affected; null takes it back.')),
    duplicateOf: optional(id('The incident that this one repeats.')),
    at,
    idempotencyKey,
  }),
  resolveIncident: Type.Object({
    incidentId,
    message: said,
    impactEndedAt: optional(instant('When users were no longer affected.')),
    visibility,
    at,
    idempotencyKey,
  }),
  reopenIncident: Type.Object({ incidentId, message: said, status: optional(status), at, idempotencyKey }),
  amendIncidentUpdate: Type.Object({
    incidentId,
    updateId: id('The entry that is put right.'),
    message: optional(words('What it should have said.')),
    correctedAt: optional(instant('When it should have been dated.')),
    reason: words('Why it is put right.'),
    idempotencyKey,
  }),
  notifyResponder: Type.Object({
    incidentId,
    responder: id('Who: a person, a team, a rota.'),
    channel: words('How: pager, phone, chat.'),
    role: optional(text('As what.')),
    at,
    idempotencyKey,
  }),
  acknowledgeIncident: Type.Object({ incidentId, responder: id('Who answered the call.'), at, idempotencyKey }),
  linkEvidence: Type.Object({
    incidentId,
    clusterId: id('The cluster.'),
    from: optional(instant('Start of the stretch, inclusive.')),
    to: optional(instant('End of the stretch, exclusive.')),
    note: optional(text('What to see there.')),
    idempotencyKey,
  }),
  addActionItem: Type.Object({
    incidentId,
    itemId: optional(id('The action item.')),
    title: words('What is to be done.'),
    kind: oneOf(ACTION_ITEM_KINDS, 'To what end.'),
    owner: optional(text('Who does it.')),
    dueAt: optional(instant('Until when.')),
    idempotencyKey,
  }),
  completeActionItem: Type.Object({ incidentId, itemId: id('The action item.'), at, idempotencyKey }),
  publishPostmortem: Type.Object({ incidentId, body: words('The account, Markdown.'), visibility, at, idempotencyKey }),
  registerComponent: Type.Object({
    componentId: optional(componentId),
    name: words('Its name.'),
    group: optional(text('Under which heading it is shown.')),
    description: optional(text('What it is.')),
    clusterId: optional(id('The cluster that runs it.')),
    jobIds: optional(ids('The jobs or job groups that make it up.')),
    idempotencyKey,
  }),
  setComponentStatus: Type.Object({
    componentId,
    status: oneOf(COMPONENT_STATUSES, 'Its status from now on.'),
    reason: optional(text('Why.')),
    at,
    idempotencyKey,
  }),
  retireComponent: Type.Object({ componentId, reason: optional(text('Why.')), idempotencyKey }),
  scheduleMaintenance: Type.Object({
    maintenanceId: optional(maintenanceId),
    title: words('What it is called.'),
    startsAt: instant('Planned start.'),
    endsAt: instant('Planned end.'),
    components: optional(ids('The components concerned.')),
    clusterIds,
    message: optional(text('What is said.')),
    idempotencyKey,
  }),
  updateMaintenance: Type.Object({
    maintenanceId,
    message: said,
    startsAt: optional(instant('New planned start.')),
    endsAt: optional(instant('New planned end.')),
    components: optional(ids('The components concerned.')),
    idempotencyKey,
  }),
  startMaintenance: maintenanceStep,
  completeMaintenance: maintenanceStep,
  cancelMaintenance: maintenanceStep,
  retractEvent: Type.Object({
    event: eventRef,
    reason: words('Why it is taken back.'),
    erase: optional(Type.Boolean({ description: 'Also blank its data for good.' })),
    idempotencyKey,
  }),
} as const;

export type CommandKind = keyof typeof COMMANDS;
type CommandInput<Kind extends CommandKind> = Readonly<Static<(typeof COMMANDS)[Kind]>>;
/** A checked command, discriminated by `kind`. Times are microseconds, absent fields are missing keys. */
export type Command = { readonly [Kind in CommandKind]: CommandOf<Kind> }[CommandKind];
/** The command of one kind; of several kinds their union. */
export type CommandOf<Kind extends CommandKind> = Kind extends CommandKind
  ? { readonly kind: Kind; readonly input: CommandInput<Kind> }
  : never;

export function isCommandKind(name: string): name is CommandKind {
  return Object.hasOwn(COMMANDS, name);
}

/** What is wrong with a command's input; `path` is a JSON pointer into it. */
interface CommandFault {
  readonly path: string;
  readonly message: string;
}

export type CommandRead =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly fault: CommandFault };

const checks = new Map<CommandKind, Check>();

/**
 * Reads a mutation's input. Fields that are null count as absent, but for `impactEndedAt` of an update, where null takes
 * an earlier statement back. Instants may be RFC 3339 text or whole microseconds.
 */
export function readCommand(kind: CommandKind, raw: unknown): CommandRead {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    return { ok: false, fault: { path: '', message: 'expected an object' } };
  }
  const schema: TObject = COMMANDS[kind];
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const field = schema.properties[name] as { instant?: boolean; anyOf?: unknown } | undefined;
    if (value === undefined || field === undefined) continue;
    if (value === null && !(field.instant && field.anyOf)) continue;
    input[name] = field.instant && typeof value === 'string' ? instantOf(value) : withoutNulls(value);
  }
  let check = checks.get(kind);
  if (!check) {
    check = compileCheck(schema);
    checks.set(kind, check);
  }
  const fault = check(input);
  return fault === null
    ? { ok: true, command: { kind, input } as Command }
    : { ok: false, fault: inWords(fault, schema, input) };
}

const TIME_MESSAGE = 'must be an RFC 3339 time with a zone between 1970 and 2200, such as 2022-12-13T20:14:00Z';

/** What is wrong with the text stays a text, for the check to refuse. */
function instantOf(value: string): Micros | string {
  const read = parseTime(value);
  return typeof read === 'number' ? read : value;
}

/** The compiled check speaks of integers where the caller wrote a time, and of branches where exactly one was wanted. */
function inWords(fault: CommandFault, schema: TObject, input: Readonly<Record<string, unknown>>): CommandFault {
  const name = fault.path.slice(1);
  const field = schema.properties[name] as { instant?: boolean } | undefined;
  if (field?.instant && input[name] !== undefined) return { path: fault.path, message: TIME_MESSAGE };
  if (fault.path.startsWith('/event')) return { path: '/event', message: 'must have either position or key' };
  return fault;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}
