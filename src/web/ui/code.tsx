/** Text as it is, which may be wider than the screen: then it scrolls, by keyboard too. */
import type { ComponentChildren } from 'preact';

export function Code({ children }: { readonly children: ComponentChildren }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1).
  return <pre tabIndex={0}>{children}</pre>;
}
