/** Light, dark, or what the system says. Kept in a cookie, so that the server sends the page in it and nothing flashes. */
import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark' | 'system';

const root = document.documentElement;

export const theme = signal<Theme>((root.dataset['theme'] as Theme | undefined) ?? 'system');

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  const age = chosen === 'system' ? 0 : 31_536_000;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
  document.cookie = `musterbook_theme=${chosen}; path=/; max-age=${age}; samesite=lax`;
  if (chosen === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = chosen;
}
