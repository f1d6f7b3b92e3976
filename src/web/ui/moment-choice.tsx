/** Now, true at, known at: which moment a page shows, in its address as `at` and `known`. */
import { useState } from 'preact/hooks';
import { hereWith, queryValue, setQuery } from '../router.ts';
import { typedTime } from './instant.ts';
import { type Mark, markWords } from './mark.ts';
import { absolute } from './moment.ts';

/** The moment of this address; empty: now. What cannot be read is left out. */
export function markHere(): Mark {
  const happenedAt = typedTime(queryValue('at') ?? '');
  const knownAt = typedTime(queryValue('known') ?? '');
  return { ...(happenedAt !== null && { happenedAt }), ...(knownAt !== null && { knownAt }) };
}

const FIELDS = [
  ['at', 'True at'],
  ['known', 'Known at'],
] as const;

export function MomentChoice() {
  const mark = markHere();
  const isNow = mark.happenedAt === undefined && mark.knownAt === undefined;
  const [wrong, setWrong] = useState('');
  const apply = (form: HTMLFormElement): void => {
    const texts = FIELDS.map(([name]) => String(new FormData(form).get(name) ?? '').trim());
    const times = texts.map((text) => (text === '' ? '' : typedTime(text)));
    setWrong(times.includes(null) ? 'Write a time as 2022-12-13 20:10:03, UTC' : '');
    if (!times.includes(null)) setQuery({ at: times[0] ?? null, known: times[1] ?? null });
  };
  return (
    <form
      class="row moments"
      aria-label="Moment"
      key={JSON.stringify(mark)}
      onSubmit={(event) => {
        event.preventDefault();
        apply(event.currentTarget);
      }}
    >
      {FIELDS.map(([name, label]) => (
        <label key={name} class="row">
          <span class="muted">{label}</span>
          <input
            class="field"
            name={name}
            size={20}
            autocomplete="off"
            placeholder="now"
            aria-invalid={wrong !== ''}
            defaultValue={absolute(queryValue(name) ?? '')}
          />
        </label>
      ))}
      <button type="submit">Show</button>
      {!isNow && <a href={hereWith({ at: null, known: null })}>Back to now</a>}
      <span role="status">
        {wrong !== '' && <span class="wrong">{wrong}</span>}
        {wrong === '' && !isNow && <span class="chip warn">{markWords(mark, absolute)}</span>}
      </span>
    </form>
  );
}
