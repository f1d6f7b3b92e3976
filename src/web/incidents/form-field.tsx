/** One field with its label, its hint, and what is wrong with it. */
import type { Field } from './forms.ts';

interface FormFieldProps {
  readonly id: string;
  readonly field: Field;
  readonly value: string;
  readonly wrong: string | null;
  /** To choose from, or to write something else. */
  readonly known: readonly string[];
  onChange(value: string): void;
}

export function FormField({ id, field, value, wrong, known, onChange }: FormFieldProps) {
  const { label, hint, isRequired = false, kind } = field;
  return (
    <div class={kind === 'text' || field.isWide ? 'stack wide' : 'stack'}>
      <label for={id}>
        {label}
        {isRequired && <span class="muted"> (needed)</span>}
      </label>
      {control()}
      {wrong !== null && (
        <span class="wrong" id={`${id}wrong`}>
          <span aria-hidden="true">✕ </span>
          {wrong}
        </span>
      )}
      {hint !== undefined && (
        <span class="hint" id={`${id}hint`}>
          {hint}
        </span>
      )}
    </div>
  );

  function control() {
    const described = [wrong !== null && `${id}wrong`, hint !== undefined && `${id}hint`].filter(Boolean).join(' ');
    const common = {
      id,
      class: 'field',
      value,
      'aria-required': isRequired,
      'aria-invalid': wrong !== null,
      ...(described !== '' && { 'aria-describedby': described }),
      onInput: ({ currentTarget }: { currentTarget: { value: string } }) => onChange(currentTarget.value),
    };
    switch (kind) {
      case 'text':
        return <textarea {...common} rows={4} />;
      case 'ids':
      case 'components':
        return <textarea {...common} class="field short" rows={2} />;
      case 'choice':
        return (
          <select {...common}>
            <option value="">–</option>
            {field.choices?.map((choice) => (
              <option key={choice} value={choice}>
                {choice.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        );
      default:
        return (
          <>
            <input {...common} type="text" autocomplete="off" {...(known.length > 0 && { list: `${id}known` })} />
            {known.length > 0 && (
              <datalist id={`${id}known`}>
                {known.map((each) => (
                  <option key={each} value={each} />
                ))}
              </datalist>
            )}
          </>
        );
    }
  }
}
