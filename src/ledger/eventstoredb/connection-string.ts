/** Reads what MUSTERBOOK_STORE says, so that a mistake in it is told without repeating a password. */
import { parseConnectionString } from '@eventstore/db-client/dist/Client/parseConnectionString.js';
import { MusterbookError } from '../../errors.ts';

export interface StoreAddress {
  /** As it was given, for the client. A secret. */
  readonly url: string;
  /** Hosts and ports: what may be shown. */
  readonly shown: string;
  /** What will not do what its writer hopes, in sentences. */
  readonly warnings: readonly string[];
}

const OPTIONS = [
  ...['userCertFile', 'userKeyFile', 'maxDiscoverAttempts', 'connectionName', 'defaultDeadline', 'discoveryInterval'],
  ...['gossipTimeout', 'nodePreference', 'tls', 'tlsCAFile', 'throwOnAppendFailure', 'keepAliveInterval'],
  'keepAliveTimeout',
];

/** Throws `BAD_REQUEST`, with what was expected and no part of the text that may be a secret. */
export function readStoreAddress(url: string): StoreAddress {
  refuseOptions(url);
  let read: ReturnType<typeof parseConnectionString>;
  try {
    read = parseConnectionString(url);
  } catch (failure) {
    // The client's message repeats the text around the mistake, which may be the password.
    const expected = (failure as { readonly expected?: unknown }).expected;
    const hint = typeof expected === 'string' ? `expected ${expected}` : 'it cannot be read';
    throw unreadable(`${hint}; special characters in user name and password are written as %XX`);
  }
  if (read.throwOnAppendFailure === false) {
    throw unreadable('throwOnAppendFailure=false makes conflicts look like successes: leave it out');
  }
  const hosts = read.hosts.map(({ address, port }) => `${address}:${port}`);
  const dropsCredentials = read.tls === false && read.defaultCredentials !== undefined;
  return {
    url,
    shown: `esdb${read.dnsDiscover ? '+discover' : ''}://${hosts.join(',')}`,
    warnings: [
      ...(dropsCredentials ? ['tls=false: user name and password are not sent, the store sees an unknown user'] : []),
      ...(read.dnsDiscover && hosts.length > 1 ? ['esdb+discover:// asks the first host only'] : []),
    ],
  };
}

/** The client warns of options it does not know by printing the whole text, password and all: we refuse them before it does. */
function refuseOptions(url: string): void {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const flat = (name: string): string => name.trim().toLowerCase().replace(/[_-]/g, '');
  const known = new Set(OPTIONS.map(flat));
  for (const pair of query.split(/[&?]/)) {
    const name = pair.split('=')[0] ?? '';
    if (pair === '' || known.has(flat(name))) continue;
    const what = flat(name) === 'tlsverifycert' ? 'tlsVerifyCert has no effect: name who signed with tlsCAFile' : null;
    throw unreadable(what ?? `expected options among ${OPTIONS.join(', ')}`);
  }
}

function unreadable(why: string): MusterbookError {
  return new MusterbookError('BAD_REQUEST', `MUSTERBOOK_STORE cannot be read: ${why}`, { setting: 'MUSTERBOOK_STORE' });
}
