/** Waiting for what will come, without knowing when. */
import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer is something; fails, saying what was awaited and what was answered last, when it takes too long. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | false | null | undefined> | Answer | false | null | undefined,
  { withinMs = 120_000, everyMs = 20 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<Answer> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await delay(everyMs);
  }
}
