/**
 * CloudEvents over HTTP, binary content mode (CloudEvents HTTP protocol binding 1.0.2, section 3.1): attributes in
 * `ce-` headers, data in the body. Structured and batch mode are JSON bodies and need no codec of their own.
 */

export type ContentMode = 'structured' | 'batch' | 'binary' | 'ndjson' | 'plain-json';

/** How a request with this content type and these headers carries its events; null when it is none of ours (415). */
export function contentMode(
  contentType: string | undefined,
  headers: Readonly<Record<string, unknown>>,
): ContentMode | null {
  const media = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (media === 'application/cloudevents+json') return 'structured';
  if (media === 'application/cloudevents-batch+json') return 'batch';
  if (media === 'application/x-ndjson' || media === 'application/jsonl') return 'ndjson';
  if ('ce-specversion' in headers) return media === '' || isJson(media) ? 'binary' : null;
  return isJson(media) ? 'plain-json' : null;
}

/**
 * The attributes of a binary-mode request, by name, from its headers (names in lower case, as Node gives them).
 * Values are unquoted and percent-decoded; `synthetic`, `timeknown` and `erased` become booleans. A header that is not valid percent-encoded
 * UTF-8 is taken as it stands.
 */
export function binaryAttributes(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string | boolean> {
  const attributes: Record<string, string | boolean> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('ce-') || value === undefined) continue;
    const name = header.slice('ce-'.length);
    const text = percentDecode(unquote(typeof value === 'string' ? value : value.join(', ')));
    attributes[name] = BOOLEANS.has(name) && (text === 'true' || text === 'false') ? text === 'true' : text;
  }
  const contentType = headers['content-type'];
  if (typeof contentType === 'string') attributes['datacontenttype'] = contentType;
  return attributes;
}

const BOOLEANS: ReadonlySet<string> = new Set(['synthetic', 'timeknown', 'erased']);

function isJson(media: string): boolean {
  return media === 'application/json' || media === 'text/json' || media.endsWith('+json');
}

// Section 3.1.3.2: a value in double quotes loses them, and a backslash stands for the character after it.
function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  // Only whole escapes are decoded, a run at a time so that the bytes of one character stay together.
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
