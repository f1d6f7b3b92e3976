/** Addresses as patterns: `/clusters/:id`. Pure, so that tests need no browser. */

export type Params = Readonly<Record<string, string>>;

/** The parameters of a path that fits the pattern, decoded; null where it does not fit. A slash at the end is one too many. */
export function matchPath(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== value) return null;
      continue;
    }
    const decoded = decodedPart(value);
    if (decoded === null || decoded === '') return null;
    params[part.slice(1)] = decoded;
  }
  return params;
}

/** Fills a pattern, for links: `pathTo('/clusters/:id', { id: 'a/b' })` is `/clusters/a%2Fb`. */
export function pathTo(pattern: string, params: Params): string {
  return pattern.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** A query with some values set, and those given as null or as the empty text left out. Begins with `?` unless it is empty. */
export function changedQuery(search: string, changes: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function decodedPart(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
