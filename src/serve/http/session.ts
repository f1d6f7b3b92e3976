/** The session cookie: the token itself, where scripts cannot read it (docs/decisions/0008-the-session-is-the-token.md). */

const NAME = 'musterbook_session';
/** With this name a browser takes it over https, for this host and every path of it only. */
const SECURE_NAME = `__Host-${NAME}`;
const IN_HEADER = /(?:^|;\s*)(?:__Host-)?musterbook_session=([\w-]{1,200})(?:;|$)/;
const TOKEN = /^[\w-]{1,200}$/;

/** Whether a text can be a token, and so stand in a cookie. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The `Set-Cookie` that begins a session; with null, ends it. It ends with the browser, or when the token is taken off the file. */
export function sessionCookie(token: string | null, isSecure: boolean): string {
  const name = isSecure ? SECURE_NAME : NAME;
  const value = token === null ? `${name}=; Max-Age=0` : `${name}=${token}`;
  return `${value}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

/** The authorization that a `Cookie` header carries; undefined where it carries none. */
export function sessionOf(cookie: string | undefined): string | undefined {
  const token = IN_HEADER.exec(cookie ?? '')?.[1];
  return token === undefined ? undefined : `Bearer ${token}`;
}
