/** What stands where content would: not yet, nothing, not possible, not allowed. */
import type { ComponentChildren } from 'preact';
import type { Answer, Failure } from '../api/ask.ts';
import { place } from '../router.ts';

/** Lines where rows will be. Said to screen readers once. */
export function Loading({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div class="bones" role="status">
      <span class="unseen">Loading</span>
      {Array.from({ length: rows }, (_none, index) => (
        <i key={index} />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** There is nothing, and what would make it something. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const TITLES: Readonly<Record<Failure['kind'], string>> = {
  'signed-out': 'Sign in',
  forbidden: 'This token may not do that',
  unreachable: 'The server cannot be reached',
  refused: 'No answer',
};

interface FailedProps {
  readonly failure: Failure;
  again?(): void;
}

export function Failed({ failure, again }: FailedProps) {
  if (failure.kind === 'signed-out') return <SignedOut />;
  return (
    <div class="state" role="alert">
      <h2>{TITLES[failure.kind]}</h2>
      <p>
        {failure.message} {failure.code !== '' && <code>{failure.code}</code>}
      </p>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** The sign-in, as a form that needs no script: the server sets a cookie that scripts cannot read and sends the reader back here. */
export function SignedOut() {
  const { path, search } = place.value;
  return (
    <form class="state center" method="post" action="/sign-in">
      <h1>Sign in</h1>
      <p class="muted">
        This server asks for a token. <code>musterbook token create NAME --role read</code> prints one.
      </p>
      <input type="hidden" name="to" value={path + search} />
      <label class="stack">
        Token
        <input class="field mono" type="password" name="token" required autocomplete="current-password" size={40} />
      </label>
      <button class="main" type="submit">
        Sign in
      </button>
    </form>
  );
}

interface AnsweredProps<Data> {
  readonly answer: Answer<Data> & { again?(): void };
  readonly rows?: number;
  children(data: Data, stale: boolean): ComponentChildren;
}

/** The content once it is there, else what stands in its place. */
export function Answered<Data>({ answer, rows, children }: AnsweredProps<Data>) {
  if (answer.state === 'loading') return <Loading {...(rows !== undefined && { rows })} />;
  if (answer.state === 'failed')
    return <Failed failure={answer.failure} {...(answer.again && { again: answer.again })} />;
  return (
    <>
      {answer.failure && (
        <p class="note warn" role="status">
          Not up to date: {answer.failure.message}
        </p>
      )}
      {children(answer.data, answer.stale)}
    </>
  );
}
