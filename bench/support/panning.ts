/** Pans the timeline of an open page by dragging it, and says how long its frames took. */
import type { Page } from 'playwright-core';

export interface Frames {
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** Drags to and fro, `steps` times, a step a frame. Times between frames are the browser's own. */
export async function panned(page: Page, steps: number): Promise<Frames> {
  const box = await page.locator('.lanes canvas').boundingBox();
  if (box === null) throw new Error('there are no lanes to pan');
  const [x, y] = [box.x + box.width * 0.6, box.y + 120];
  await page.evaluate(`(() => {
    const times = [];
    const tick = (now) => { times.push(now); globalThis.panning = requestAnimationFrame(tick); };
    globalThis.panningTimes = times;
    globalThis.panning = requestAnimationFrame(tick);
  })()`);
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 0; step < steps; step += 1) {
    const away = Math.sin((step / steps) * 4 * Math.PI) * box.width * 0.3;
    await page.mouse.move(x + away, y);
  }
  await page.mouse.up();
  const times = (await page.evaluate(
    '(cancelAnimationFrame(globalThis.panning), globalThis.panningTimes)',
  )) as number[];
  const lengths = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  lengths.sort((one, other) => one - other);
  const at = (share: number): number =>
    lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))] ?? Number.NaN;
  return { count: lengths.length, medianMs: at(0.5), p95Ms: at(0.95) };
}
