/** The postmortem as it would be printed now, and its Markdown for elsewhere. */
import { type ComponentChildren, h } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { useAnswer } from '../api/ask.ts';
import { Answered, Empty } from '../ui/states.tsx';
import { copiedMarkdown, type Piece, piecesOf, type TreeNode } from './postmortem.ts';
import { POSTMORTEM, type PostmortemAnswer } from './query.ts';

interface PostmortemPartProps {
  readonly id: string;
  readonly moment: object | null;
  readonly atLeast: string | null;
}

export function PostmortemPart(asked: PostmortemPartProps) {
  const answer = useAnswer<PostmortemAnswer>(POSTMORTEM, { ...asked, linksTo: location.origin });
  return (
    <Answered answer={answer} rows={16}>
      {({ postmortem }) =>
        postmortem === null ? (
          <Empty title="There was no such incident then" />
        ) : (
          <>
            <Copy
              markdown={copiedMarkdown(postmortem.markdown, {
                origin: location.origin,
                incidentId: asked.id,
                asOf: postmortem.asOf,
              })}
            />
            <Rendered html={postmortem.html} />
          </>
        )
      }
    </Answered>
  );
}

function Rendered({ html }: { readonly html: string }) {
  const pieces = useMemo(() => piecesOf(bodyOf(html)), [html]);
  return <article class="postmortem">{pieces.map(drawn)}</article>;
}

/** Its head has styles for a file that stands alone, which the page's policy would complain of. */
function bodyOf(html: string): TreeNode {
  return new DOMParser().parseFromString(html.slice(html.indexOf('<body>')), 'text/html').body;
}

function drawn(piece: Piece): ComponentChildren {
  if (typeof piece === 'string') return piece;
  const { tag, attributes, inside } = piece;
  return h(tag, attributes, inside.map(drawn));
}

function Copy({ markdown }: { readonly markdown: string }) {
  const [said, setSaid] = useState<'' | 'copied' | 'refused'>('');
  const area = useRef<HTMLTextAreaElement>(null);
  const refuse = (): void => {
    setSaid('refused');
    requestAnimationFrame(() => area.current?.select());
  };
  const copy = (): void => {
    // Not there on a page without https.
    if (navigator.clipboard === undefined) refuse();
    else navigator.clipboard.writeText(markdown).then(() => setSaid('copied'), refuse);
  };
  return (
    <div class="stack">
      <p class="row">
        <button type="button" class="main" onClick={copy}>
          Copy as Markdown
        </button>
        <span role="status">
          {said === 'copied' && 'Copied, every event with its address'}
          {said === 'refused' && 'The browser does not let this page copy: it is selected below'}
        </span>
      </p>
      {said === 'refused' && (
        <textarea
          ref={area}
          class="field mono"
          rows={8}
          readOnly
          aria-label="The postmortem as Markdown"
          value={markdown}
        />
      )}
    </div>
  );
}
