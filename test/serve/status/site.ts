/** A server whose status page a test looks at. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { ServerOptions } from '../../../src/serve/server.ts';
import { DEFAULT_STATUS, type StatusSettings } from '../../../src/serve/status/settings.ts';
import { type Element, elementsOf } from '../../support/html.ts';
import { type Serving, serve } from '../serving.ts';

export interface StatusServing extends Serving {
  /** A page's text and elements; it must be well-formed. */
  page(path: string): Promise<Page>;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared as a whole.
  json(path: string): Promise<any>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export interface Page {
  readonly status: number;
  readonly text: string;
  readonly elements: readonly Element[];
  /** Texts of the elements of this name, or of this class with a dot before it. */
  all(selector: string): readonly string[];
}

export async function serveStatus(
  context: TestContext | null,
  settings: Partial<StatusSettings> = {},
  overrides: Partial<ServerOptions> = {},
): Promise<StatusServing> {
  const serving = await serve(context, { status: { ...DEFAULT_STATUS, ...settings }, ...overrides });
  const get = (path: string, headers = {}) => fetch(serving.url + path, { headers });
  return {
    ...serving,
    get,
    async page(path) {
      const response = await get(path);
      return pageOf(response.status, await response.text());
    },
    async json(path) {
      const response = await get(path);
      assert.equal(response.status, 200, path);
      return response.json();
    },
  };
}

export function pageOf(status: number, text: string): Page {
  const elements = elementsOf(text);
  return {
    status,
    text,
    elements,
    all(selector) {
      const isClass = selector.startsWith('.');
      return elements
        .filter(({ name, attributes }) =>
          isClass ? attributes['class']?.split(' ').includes(selector.slice(1)) : name === selector,
        )
        .map((element) => element.text.replace(/\s+/g, ' ').trim());
    },
  };
}
