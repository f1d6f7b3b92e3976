/** An event's page is made by the server alone (src/serve/doors/event-page.ts), so that it is there without scripts; here it is taken over. */

let served: { readonly path: string; readonly html: string } | null = null;

/** Keeps the event that the server sent with the page. */
export function keepServed(root: ParentNode): void {
  const article = root.querySelector('#event');
  if (article !== null) served = { path: location.pathname, html: article.outerHTML };
}

/** The event at a path, as HTML of our own server: the one that came with the page, once, else asked for. Null: the reader is not signed in. Rejects when the server cannot say. */
export async function servedEvent(path: string): Promise<string | null> {
  if (served?.path === path) {
    const { html } = served;
    // Who comes back to it is shown what has become of it since.
    served = null;
    return html;
  }
  const response = await fetch(path, { headers: { accept: 'text/html' } });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const article = page.querySelector('#event');
  if (article === null && response.status !== 401) throw new Error(`the server answered ${response.status}`);
  return article?.outerHTML ?? null;
}
