/** The commands about incidents as forms: their fields, and what of them is sent. Pure. */
import { typedTime } from '../ui/instant.ts';

export type FieldKind = 'line' | 'text' | 'time' | 'choice' | 'ids' | 'components';

export interface Field {
  /** As the mutation's input names it. */
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly isRequired?: boolean;
  readonly isWide?: boolean;
  /** Of a choice; the empty one stands for leaving it out. */
  readonly choices?: readonly string[];
  readonly hint?: string;
  /** `none` is sent as null: it takes an earlier statement back. */
  readonly canClear?: boolean;
}

export interface FormSpec {
  readonly title: string;
  /** What the button says. */
  readonly submit: string;
  /** Its input's type is named after it. */
  readonly mutation: string;
  readonly fields: readonly Field[];
}

const UTC = 'UTC, such as 2022-12-13 20:10:03';
const STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'];
const OPEN_STATUSES = STATUSES.slice(0, 3);
export const COMPONENT_STATUSES = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
];

type More = Partial<Omit<Field, 'name' | 'label'>>;

function field(name: string, label: string, more: More = {}): Field {
  return { name, label, kind: 'line', ...more };
}
function needed(name: string, label: string, more: More = {}): Field {
  return field(name, label, { isRequired: true, ...more });
}
function time(name: string, label: string, more = '', canClear = false): Field {
  return field(name, label, { kind: 'time', hint: UTC + more, canClear });
}
function choice(name: string, label: string, choices: readonly string[], hint?: string): Field {
  return field(name, label, { kind: 'choice', choices, ...(hint !== undefined && { hint }) });
}

const MESSAGE = needed('message', 'Message', { kind: 'text' });
const IMPACT = choice('impact', 'Impact', ['none', 'minor', 'major', 'critical']);
const SEVERITY = field('severity', 'Severity', { hint: 'Your own scale, such as SEV2' });
const visibility = (otherwise: string): Field =>
  choice('visibility', 'Visibility', ['public', 'private'], `Whether the status page shows it; left out: ${otherwise}`);
const VISIBILITY = visibility('as the incident');
const STARTED = time('impactStartedAt', 'Impact began');
const AT = time('at', 'Happened at', '; left out: now');
const clusters = (more = ''): Field => field('clusterIds', 'Clusters', { kind: 'ids', hint: `An id a line${more}` });
const COMPONENTS = field('components', 'Components', {
  kind: 'components',
  hint: 'An id a line, or id = status, such as core-api = major_outage',
});

function form(title: string, submit: string, mutation: string, ...fields: readonly Field[]): FormSpec {
  return { title, submit, mutation, fields };
}

const SPECS = {
  declare: form(
    'Declare an incident',
    'Declare',
    'declareIncident',
    needed('title', 'Title', { isWide: true }),
    { ...MESSAGE, isRequired: false },
    choice('status', 'Status', STATUSES, 'Left out: investigating'),
    IMPACT,
    SEVERITY,
    visibility('public'),
    STARTED,
    clusters(),
    COMPONENTS,
    AT,
  ),
  update: form(
    'Post an update',
    'Post update',
    'updateIncident',
    MESSAGE,
    choice('status', 'Status', OPEN_STATUSES, 'Left out: as it was'),
    IMPACT,
    SEVERITY,
    VISIBILITY,
    STARTED,
    time('impactEndedAt', 'Impact ended', '; none takes an earlier statement back', true),
    field('title', 'New title'),
    clusters('; replaces the list'),
    COMPONENTS,
    field('duplicateOf', 'Duplicate of', { hint: 'The id of the incident that this one repeats' }),
    AT,
  ),
  resolve: form(
    'Resolve',
    'Resolve',
    'resolveIncident',
    MESSAGE,
    time('impactEndedAt', 'Impact ended'),
    VISIBILITY,
    AT,
  ),
  reopen: form(
    'Reopen',
    'Reopen',
    'reopenIncident',
    MESSAGE,
    choice('status', 'Status', OPEN_STATUSES, 'Left out: investigating'),
    AT,
  ),
  amend: form(
    'Put an entry right',
    'Amend',
    'amendIncidentUpdate',
    field('message', 'What it should have said', { kind: 'text', hint: 'The first wording stays on record' }),
    time('correctedAt', 'When it should have been dated'),
    needed('reason', 'Why'),
  ),
  notify: form(
    'Note that someone was told',
    'Note',
    'notifyResponder',
    needed('responder', 'Who', { hint: 'A person, a team, a rota' }),
    needed('channel', 'How', { hint: 'Pager, phone, chat' }),
    field('role', 'As what', { hint: 'Such as incident commander' }),
    AT,
  ),
  acknowledge: form('Note that someone answered', 'Note', 'acknowledgeIncident', needed('responder', 'Who'), AT),
  'add-item': form(
    'Add an action item',
    'Add',
    'addActionItem',
    needed('title', 'What is to be done'),
    { ...choice('kind', 'To what end', ['mitigate', 'prevent', 'process', 'other']), isRequired: true },
    field('owner', 'Owner'),
    time('dueAt', 'Due'),
  ),
  'complete-item': form('Complete an action item', 'Complete', 'completeActionItem', AT),
  link: form(
    'Link evidence',
    'Link',
    'linkEvidence',
    needed('clusterId', 'Cluster'),
    time('from', 'From'),
    time('to', 'To', '; not included'),
    field('note', 'What to see there'),
  ),
  publish: form(
    'Publish an account',
    'Publish',
    'publishPostmortem',
    needed('body', 'The account', { kind: 'text', hint: 'Markdown' }),
    VISIBILITY,
    AT,
  ),
};

/** By the word that the address has for each: `?do=update`. */
export const FORMS: Readonly<Record<keyof typeof SPECS, FormSpec>> = SPECS;

export type FormName = keyof typeof FORMS;

export function isFormName(word: string | null): word is FormName {
  return word !== null && Object.hasOwn(FORMS, word);
}

/** What stands in the fields, by name. */
export type Values = Readonly<Record<string, string>>;

/** What is wrong with a field; `field` null: with the whole. */
export interface Fault {
  readonly field: string | null;
  readonly message: string;
}

export type Read =
  | { readonly ok: true; readonly input: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** The mutation's input: empty fields are left out. Judges only what the server could not read; the rest is the server's to refuse. */
export function inputOf({ fields }: FormSpec, values: Values): Read {
  const input: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const field of fields) {
    const text = (values[field.name] ?? '').trim();
    if (text === '') {
      if (field.isRequired) faults.push({ field: field.name, message: `${field.label} is needed` });
      continue;
    }
    const value = read(field, text);
    if (value instanceof Wrong) faults.push({ field: field.name, message: value.message });
    else input[field.name] = value;
  }
  return faults.length === 0 ? { ok: true, input } : { ok: false, faults };
}

class Wrong {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

function read({ kind, label, canClear = false }: Field, text: string): unknown {
  switch (kind) {
    case 'time':
      if (canClear && text.toLowerCase() === 'none') return null;
      return typedTime(text) ?? new Wrong(`${label} is no time: write it as ${UTC}`);
    case 'ids':
      return linesOf(text);
    case 'components': {
      const stated = linesOf(text).map((line) => line.split(/\s*=\s*(?=[a-z_]+$)/));
      const odd = stated.find(([, status]) => status !== undefined && !COMPONENT_STATUSES.includes(status));
      if (odd) return new Wrong(`${odd[1]} is no status: ${COMPONENT_STATUSES.join(', ')}`);
      return stated.map(([componentId, status]) => ({ componentId, ...(status !== undefined && { status }) }));
    }
    default:
      return text;
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
