/** A command as a form: what is written is kept until it is recorded, what is refused stands beside its field. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { command, failureIn } from '../api/ask.ts';
import { may } from '../ui/may.ts';
import { type Draft, draftNamed, dropDraft, keepDraft, toSend } from './draft.ts';
import { FormField } from './form-field.tsx';
import { type Fault, FORMS, type FormName, inputOf, type Values } from './forms.ts';
import { type CommandAnswer, mutationText, NEEDS_OPERATE, type Refused, refusalIn, refusalOf } from './refusal.ts';

interface CommandFormProps {
  readonly name: FormName;
  /** What the input says beside the fields: the incident, the entry. */
  readonly about?: Readonly<Record<string, string>>;
  /** What the fields begin with. */
  readonly initial?: Values;
  /** Ids to choose from, by field. */
  readonly known?: Readonly<Record<string, readonly string[]>>;
  /** Words above the fields. */
  readonly intro?: string;
  onDone(done: { readonly position: string; readonly incidentId: string }): void;
  onClose(): void;
}

export function CommandForm({ name, about = {}, initial = {}, known = {}, intro, onDone, onClose }: CommandFormProps) {
  const spec = FORMS[name];
  const draftName = [name, ...Object.values(about)].join(' ');
  const begin = (): Draft => ({ values: initial, key: crypto.randomUUID(), unanswered: null });
  const [draft, setDraft] = useState(() => draftNamed(sessionStorage, draftName, begin));
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [isSending, setSending] = useState(false);
  const [round, setRound] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const summary = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => form.current?.querySelector<HTMLElement>('input, textarea, select')?.focus(), []);
  useEffect(() => {
    if (round > 0) summary.current?.focus();
  }, [round]);

  const keep = (next: Draft): void => {
    setDraft(next);
    keepDraft(sessionStorage, draftName, next);
  };
  const complain = (found: readonly Fault[], refusal: Refused | null): void => {
    setFaults(found);
    setRefused(refusal);
    setRound((before) => before + 1);
  };

  const send = async (): Promise<void> => {
    const read = inputOf(spec, draft.values);
    if (!read.ok) {
      complain(read.faults, null);
      return;
    }
    const sent = toSend(draft, read.input, () => crypto.randomUUID());
    keep(sent);
    setSending(true);
    try {
      const input = { ...about, ...read.input, idempotencyKey: sent.key };
      const answer = await command<Readonly<Record<string, CommandAnswer>>>(mutationText(spec), { input });
      const result = answer[spec.mutation] as CommandAnswer;
      const refusal = refusalIn(result, spec);
      if (refusal === null) {
        dropDraft(sessionStorage, draftName);
        onDone({ position: result.position ?? '', incidentId: result.incident?.id ?? '' });
        return;
      }
      keep({ ...sent, unanswered: null });
      complain([], refusal);
    } catch (error) {
      const failure = failureIn(error);
      // Only an answer says that nothing was recorded.
      if (failure.code !== '') keep({ ...sent, unanswered: null });
      complain([], refusalOf(failure, spec));
    }
    setSending(false);
  };

  const messageAt = (field: string): string | null =>
    faults.find((fault) => fault.field === field)?.message ?? (refused?.field === field ? refused.message : null);
  const mayNot = may('operate') ? null : `This token may only read. ${NEEDS_OPERATE}`;

  return (
    <section class="panel command" aria-labelledby={`${id}-heading`}>
      <header>
        <h2 id={`${id}-heading`}>{spec.title}</h2>
      </header>
      <form
        ref={form}
        class="inside stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isSending && mayNot === null) void send();
        }}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      >
        <Complaints at={summary} id={id} faults={faults} refused={refused} />
        {intro !== undefined && <p class="muted">{intro}</p>}
        <div class="fields">
          {spec.fields.map((field) => (
            <FormField
              key={field.name}
              id={id + field.name}
              field={field}
              value={draft.values[field.name] ?? ''}
              wrong={messageAt(field.name)}
              known={known[field.name] ?? []}
              onChange={(value) => keep({ ...draft, values: { ...draft.values, [field.name]: value } })}
            />
          ))}
        </div>
        <p class="row">
          <button type="submit" class="main" disabled={mayNot !== null} aria-disabled={isSending}>
            {isSending ? 'Sending …' : refused?.canRetry ? 'Send again' : spec.submit}
          </button>
          <button type="button" onClick={onClose}>
            Close
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              dropDraft(sessionStorage, draftName);
              onClose();
            }}
          >
            Discard
          </button>
          {mayNot !== null && <span class="muted">{mayNot}</span>}
        </p>
      </form>
    </section>
  );
}

interface ComplaintsProps {
  readonly at: { current: HTMLDivElement | null };
  readonly id: string;
  readonly faults: readonly Fault[];
  readonly refused: Refused | null;
}

/** All that is wrong, in one place, with ways to the fields. */
function Complaints({ at, id, faults, refused }: ComplaintsProps) {
  if (faults.length === 0 && refused === null) return null;
  return (
    <div ref={at} class={`note ${refused?.canRetry ? 'warn' : 'bad'}`} role="alert" tabIndex={-1}>
      {refused && (
        <p>
          <strong>{refused.canRetry ? 'Not sent.' : 'Refused.'}</strong>{' '}
          {refused.field === null ? refused.message : <a href={`#${id}${refused.field}`}>{refused.message}</a>}{' '}
          <code>{refused.code}</code> {refused.advice}
        </p>
      )}
      {faults.length > 0 && (
        <>
          <p>
            <strong>Not sent yet:</strong>
          </p>
          <ul>
            {faults.map(({ field, message }) => (
              <li key={field}>
                <a href={`#${id}${field}`}>{message}</a>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
