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
  readonly mutation: string;
  readonly input: string;
  readonly fields: readonly Field[];
}

const UTC = 'UTC, such as 2022-12-13 20:10:03';
const STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'];
const TITLE: Field = { name: 'title', label: 'Title', kind: 'line', isWide: true };
const MESSAGE: Field = { name: 'message', label: 'Message', kind: 'text', isRequired: true };
const STATUS: Field = { name: 'status', label: 'Status', kind: 'choice', choices: STATUSES };
const IMPACT: Field = {
  name: 'impact',
  label: 'Impact',
  kind: 'choice',
  choices: ['none', 'minor', 'major', 'critical'],
};
const SEVERITY: Field = { name: 'severity', label: 'Severity', kind: 'line', hint: 'Your own scale, such as SEV2' };
const VISIBILITY: Field = {
  name: 'visibility',
  label: 'Visibility',
  kind: 'choice',
  choices: ['public', 'private'],
  hint: 'Whether the status page shows it; left out: as the incident',
};
const STARTED: Field = { name: 'impactStartedAt', label: 'Impact began', kind: 'time', hint: UTC };
const ENDED: Field = { name: 'impactEndedAt', label: 'Impact ended', kind: 'time', hint: UTC };
const AT: Field = { name: 'at', label: 'Happened at', kind: 'time', hint: `${UTC}; left out: now` };
const CLUSTERS: Field = { name: 'clusterIds', label: 'Clusters', kind: 'ids', hint: 'An id a line' };
const COMPONENTS: Field = {
  name: 'components',
  label: 'Components',
  kind: 'components',
  hint: 'An id a line, or id = status, such as core-api = major_outage',
};

export const COMPONENT_STATUSES = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
];

/** By the word that the address has for each: `?do=update`. */
export const FORMS = {
  declare: {
    title: 'Declare an incident',
    submit: 'Declare',
    mutation: 'declareIncident',
    input: 'DeclareIncidentInput',
    fields: [
      { ...TITLE, isRequired: true },
      { ...MESSAGE, isRequired: false },
      { ...STATUS, hint: 'Left out: investigating' },
      IMPACT,
      SEVERITY,
      { ...VISIBILITY, hint: 'Whether the status page shows it; left out: public' },
      STARTED,
      CLUSTERS,
      COMPONENTS,
      AT,
    ],
  },
  update: {
    title: 'Post an update',
    submit: 'Post update',
    mutation: 'updateIncident',
    input: 'UpdateIncidentInput',
    fields: [
      MESSAGE,
      { ...STATUS, choices: STATUSES.slice(0, 3), hint: 'Left out: as it was' },
      IMPACT,
      SEVERITY,
      VISIBILITY,
      STARTED,
      { ...ENDED, hint: `${UTC}; none takes an earlier statement back`, canClear: true },
      { ...TITLE, label: 'New title', isWide: false },
      { ...CLUSTERS, hint: 'An id a line; replaces the list' },
      COMPONENTS,
      {
        name: 'duplicateOf',
        label: 'Duplicate of',
        kind: 'line',
        hint: 'The id of the incident that this one repeats',
      },
      AT,
    ],
  },
  resolve: {
    title: 'Resolve',
    submit: 'Resolve',
    mutation: 'resolveIncident',
    input: 'ResolveIncidentInput',
    fields: [MESSAGE, ENDED, VISIBILITY, AT],
  },
  reopen: {
    title: 'Reopen',
    submit: 'Reopen',
    mutation: 'reopenIncident',
    input: 'ReopenIncidentInput',
    fields: [MESSAGE, { ...STATUS, choices: STATUSES.slice(0, 3), hint: 'Left out: investigating' }, AT],
  },
  amend: {
    title: 'Put an entry right',
    submit: 'Amend',
    mutation: 'amendIncidentUpdate',
    input: 'AmendIncidentUpdateInput',
    fields: [
      { name: 'message', label: 'What it should have said', kind: 'text', hint: 'The first wording stays on record' },
      { name: 'correctedAt', label: 'When it should have been dated', kind: 'time', hint: UTC },
      { name: 'reason', label: 'Why', kind: 'line', isRequired: true },
    ],
  },
  notify: {
    title: 'Note that someone was told',
    submit: 'Note',
    mutation: 'notifyResponder',
    input: 'NotifyResponderInput',
    fields: [
      { name: 'responder', label: 'Who', kind: 'line', isRequired: true, hint: 'A person, a team, a rota' },
      { name: 'channel', label: 'How', kind: 'line', isRequired: true, hint: 'Pager, phone, chat' },
      { name: 'role', label: 'As what', kind: 'line', hint: 'Such as incident commander' },
      AT,
    ],
  },
  acknowledge: {
    title: 'Note that someone answered',
    submit: 'Note',
    mutation: 'acknowledgeIncident',
    input: 'AcknowledgeIncidentInput',
    fields: [{ name: 'responder', label: 'Who', kind: 'line', isRequired: true }, AT],
  },
  'add-item': {
    title: 'Add an action item',
    submit: 'Add',
    mutation: 'addActionItem',
    input: 'AddActionItemInput',
    fields: [
      { name: 'title', label: 'What is to be done', kind: 'line', isRequired: true },
      {
        name: 'kind',
        label: 'To what end',
        kind: 'choice',
        isRequired: true,
        choices: ['mitigate', 'prevent', 'process', 'other'],
      },
      { name: 'owner', label: 'Owner', kind: 'line' },
      { name: 'dueAt', label: 'Due', kind: 'time', hint: UTC },
    ],
  },
  'complete-item': {
    title: 'Complete an action item',
    submit: 'Complete',
    mutation: 'completeActionItem',
    input: 'CompleteActionItemInput',
    fields: [AT],
  },
  link: {
    title: 'Link evidence',
    submit: 'Link',
    mutation: 'linkEvidence',
    input: 'LinkEvidenceInput',
    fields: [
      { name: 'clusterId', label: 'Cluster', kind: 'line', isRequired: true },
      { name: 'from', label: 'From', kind: 'time', hint: UTC },
      { name: 'to', label: 'To', kind: 'time', hint: `${UTC}; not included` },
      { name: 'note', label: 'What to see there', kind: 'line' },
    ],
  },
  publish: {
    title: 'Publish an account',
    submit: 'Publish',
    mutation: 'publishPostmortem',
    input: 'PublishPostmortemInput',
    fields: [{ name: 'body', label: 'The account', kind: 'text', isRequired: true, hint: 'Markdown' }, VISIBILITY, AT],
  },
} as const satisfies Readonly<Record<string, FormSpec>>;

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
