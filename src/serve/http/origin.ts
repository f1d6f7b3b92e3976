/**
 * Keeps web pages of elsewhere away. A browser on this machine reaches loopback, so without this any page could read
 * and write a server that listens there: the `Host` must be a name of ours (against DNS rebinding), and an `Origin`,
 * where the browser sends one, must be the same host or the public one.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface OriginRules {
  /** MUSTERBOOK_HOST. */
  readonly host: string;
  /** MUSTERBOOK_PUBLIC_URL, null when not set. */
  readonly publicUrl: URL | null;
}

export type OriginFault = 'FOREIGN_HOST' | 'FOREIGN_ORIGIN';

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** Null when a request with these headers may come in. */
export function originFault(headers: IncomingHttpHeaders, rules: OriginRules): OriginFault | null {
  const host = headers.host?.toLowerCase();
  if (host === undefined || !isOurs(host, rules)) return 'FOREIGN_HOST';
  const { origin } = headers;
  if (origin === undefined || origin === rules.publicUrl?.origin) return null;
  const asked = URL.canParse(origin) ? new URL(origin) : null;
  return asked !== null && /^https?:$/.test(asked.protocol) && asked.host === canonicalHost(host, asked.protocol)
    ? null
    : 'FOREIGN_ORIGIN';
}

function isOurs(host: string, rules: OriginRules): boolean {
  const name = hostName(host);
  if (name === null) return false;
  const own = rules.host.toLowerCase();
  return LOOPBACK.test(name) || name === own || name === `[${own}]` || name === rules.publicUrl?.hostname;
}

/** The name in a Host header, without its port; null when the header is none. */
function hostName(host: string): string | null {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host)?.[1] ?? null;
}

/** A Host header as `URL.host` would give it: a scheme's own port is left out. */
function canonicalHost(host: string, protocol: string): string {
  return new URL(`${protocol}//${host}`).host;
}
