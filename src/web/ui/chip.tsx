/** A state in a word, a sign and a colour: never the colour alone. */
import type { ComponentChildren } from 'preact';

export type Tone = 'ok' | 'warn' | 'bad' | 'unknown' | 'plain';

const SIGNS: Readonly<Record<Tone, string>> = { ok: '●', warn: '▲', bad: '✕', unknown: '?', plain: '' };

interface ChipProps {
  readonly tone?: Tone;
  readonly title?: string;
  /** Makes it a link. */
  readonly href?: string;
  readonly children: ComponentChildren;
}

export function Chip({ tone = 'plain', title, href, children }: ChipProps) {
  const sign = SIGNS[tone];
  const inside = (
    <>
      {sign !== '' && <span aria-hidden="true">{sign}</span>}
      {children}
    </>
  );
  return href === undefined ? (
    <span class={`chip ${tone}`} title={title}>
      {inside}
    </span>
  ) : (
    <a class={`chip ${tone}`} title={title} href={href}>
      {inside}
    </a>
  );
}
