/**
 * Who may what. A token file has one token a line, `<sha256 hex> <role[,role]> <name>`: it holds no secret, and can be
 * written by `musterbook token create`. Without tokens everyone may everything, which the configuration allows on
 * loopback only.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller, DoorName, Role } from '../accept/accept.ts';

export const ROLES = ['read', 'ingest', 'operate', 'admin'] as const satisfies readonly Role[];

/** What a role includes, itself too. */
const INCLUDED: Readonly<Record<Role, readonly Role[]>> = {
  read: ['read'],
  ingest: ['ingest'],
  operate: ['operate', 'read', 'ingest'],
  admin: ['admin', 'operate', 'read', 'ingest'],
};

interface TokenEntry {
  readonly digest: Buffer;
  readonly roles: ReadonlySet<Role>;
  readonly name: string;
}
export type TokenTable = readonly TokenEntry[];

const LINE = /^([0-9a-f]{64})\s+([a-z,]+)\s+(\S(?:.*\S)?)$/;

/** Reads a token file's text. Empty lines and lines that begin with # are left out. `faults` names every line that cannot be read. */
export function readTokens(text: string): { readonly tokens: TokenTable; readonly faults: readonly string[] } {
  const tokens: TokenEntry[] = [];
  const faults: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = LINE.exec(line);
    const roles = match?.[2]?.split(',') ?? [];
    if (!match || !roles.every(isRole)) {
      faults.push(`line ${index + 1}: expected <sha256 hex> <role[,role]> <name>, roles among ${ROLES.join(', ')}`);
      continue;
    }
    tokens.push({
      digest: Buffer.from(match[1] ?? '', 'hex'),
      roles: new Set(roles.filter(isRole).flatMap((role) => INCLUDED[role])),
      name: match[3] ?? '',
    });
  }
  return { tokens, faults };
}

/** Draws a token of 256 random bits; `line` goes into the token file, `token` to its owner and nowhere else. */
export function createToken(name: string, roles: readonly Role[]): { readonly token: string; readonly line: string } {
  const token = `mb_${randomBytes(32).toString('base64url')}`;
  return { token, line: `${digestOf(token).toString('hex')} ${roles.join(',')} ${name}` };
}

/** The caller that an `Authorization` value proves, or null. Without a table everyone is `unauthenticated` with every role. */
export function callerOf(authorization: string | undefined, tokens: TokenTable | null, door: DoorName): Caller | null {
  if (tokens === null) return { name: null, authType: 'unauthenticated', roles: new Set(ROLES), door };
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return null;
  const digest = digestOf(token);
  let found: TokenEntry | null = null;
  // Every entry is compared, so that the time taken says nothing about which one fits.
  for (const entry of tokens) {
    if (timingSafeEqual(entry.digest, digest)) found = entry;
  }
  return found && { name: found.name, authType: 'service_account', roles: found.roles, door };
}

/** Counts failed sign-ins by address; in memory, bounded. */
export interface SignInLimit {
  /** Notes a failure; true when the address has had too many in the last minute. */
  failed(address: string): boolean;
}

const FAILURES_MAX = 20;
const WINDOW_MS = 60_000;
const ADDRESSES_MAX = 10_000;

export function createSignInLimit(nowMs: () => number): SignInLimit {
  const failures = new Map<string, { count: number; until: number }>();
  return {
    failed(address) {
      const now = nowMs();
      const known = failures.get(address);
      if (known && known.until > now) {
        known.count += 1;
        return known.count > FAILURES_MAX;
      }
      if (failures.size >= ADDRESSES_MAX) failures.clear();
      failures.set(address, { count: 1, until: now + WINDOW_MS });
      return false;
    },
  };
}

function isRole(word: string): word is Role {
  return (ROLES as readonly string[]).includes(word);
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
