/** What someone is writing, kept over reloads and while the server is away. The storage is passed in. */
import type { Values } from './forms.ts';

export interface Draft {
  readonly values: Values;
  /** The command's idempotencyKey: sent again, it is recorded once. */
  readonly key: string;
  /** What was sent without an answer, as JSON; null where nothing was. */
  readonly unanswered: string | null;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const PREFIX = 'musterbook draft ';

/** Reads the draft of that name, else begins one. A storage that is full or forbidden is as an empty one. */
export function draftNamed(store: Store, name: string, begin: () => Draft): Draft {
  try {
    const kept = JSON.parse(store.getItem(PREFIX + name) ?? 'null') as Draft | null;
    if (kept !== null && typeof kept.key === 'string' && typeof kept.values === 'object') return kept;
  } catch {
    // What cannot be read is no draft.
  }
  return begin();
}

export function keepDraft(store: Store, name: string, draft: Draft): void {
  try {
    store.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    // It stays on the page, if not over a reload.
  }
}

export function dropDraft(store: Store, name: string): void {
  try {
    store.removeItem(PREFIX + name);
  } catch {
    // As in keepDraft.
  }
}

/**
 * The draft to send for an input. The same input keeps its key, so that it counts once; other words than those that were
 * sent unanswered are another command: with the old key the server would answer for the old words.
 */
export function toSend(draft: Draft, input: object, newKey: () => string): Draft {
  const sent = JSON.stringify(input);
  const isOther = draft.unanswered !== null && draft.unanswered !== sent;
  return { ...draft, key: isOther ? newKey() : draft.key, unanswered: sent };
}
