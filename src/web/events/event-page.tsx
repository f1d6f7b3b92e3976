/** One event, as the server wrote it; with keys and buttons for who has scripts. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Failure } from '../api/ask.ts';
import { signedOut } from '../api/connection.ts';
import type { PageProps } from '../pages.ts';
import { go, place } from '../router.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { servedEvent } from './served.ts';

const UNREACHABLE: Failure = { kind: 'unreachable', code: '', message: 'The event could not be fetched.' };

export function EventPage({ params }: PageProps) {
  const { path } = place.value;
  const [html, setHtml] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [round, setRound] = useState(0);
  const inside = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let isWanted = true;
    setFailure(null);
    servedEvent(path).then(
      (served) => {
        if (!isWanted) return;
        if (served === null) signedOut.value = true;
        else setHtml(served);
      },
      () => isWanted && setFailure(UNREACHABLE),
    );
    return () => {
      isWanted = false;
    };
  }, [path, round]);

  useEffect(() => {
    // j and k, as in mail and terminals: the next and the previous event of the stream.
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return;
      const rel = { j: 'next', k: 'prev' }[event.key];
      const link = rel && inside.current?.querySelector<HTMLAnchorElement>(`a[rel="${rel}"]`);
      if (link) go(link.href);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  if (failure !== null) return <Failed failure={failure} again={() => setRound(round + 1)} />;
  if (html === null) return <Loading rows={12} />;
  return (
    <>
      <div ref={inside} dangerouslySetInnerHTML={{ __html: html }} />
      <p class="row muted">
        <Copy text={() => location.href}>Copy link</Copy>
        <Copy text={() => inside.current?.querySelector('#cloudevent')?.textContent ?? ''}>Copy CloudEvent</Copy>
        <span>
          <kbd>j</kbd> <kbd>k</kbd> next and previous in the stream
        </span>
        <span class="unseen">Position {params['position']}</span>
      </p>
    </>
  );
}

interface CopyProps {
  text(): string;
  readonly children: string;
}

function Copy({ text, children }: CopyProps) {
  const [said, setSaid] = useState('');
  const copy = (): void => {
    navigator.clipboard.writeText(text()).then(
      () => setSaid('Copied'),
      () => setSaid('The browser did not allow it'),
    );
  };
  return (
    <>
      <button type="button" onClick={copy}>
        {children}
      </button>
      <span role="status">{said}</span>
    </>
  );
}
