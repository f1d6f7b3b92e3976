/** A page used without a mouse. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

/** Goes by Tab to what has that name, as someone without a mouse does. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 150; step += 1) {
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      const label =
        element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
          ? element.labels?.[0]
          : element;
      return (label ?? element)?.textContent?.trim() ?? '';
    });
    if (found.startsWith(name)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`nothing called ${JSON.stringify(name)} can be reached by Tab`);
}

export async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

export async function fill(page: Page, name: string, words: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(words);
}
