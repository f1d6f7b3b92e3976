/** The checks that every request passes before any door: whose host, whose page, whose token. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Role } from '../../accept/accept.ts';
import { callerOf, type SignInLimit, type TokenTable } from '../auth.ts';
import { type OriginFault, type OriginRules, originFault } from './origin.ts';
import { problem, sendProblem } from './problem.ts';
import { sessionOf } from './session.ts';

/** What a door asks for: a role, any role at all, nothing (null), or nothing yet (`page`: it looks at the roles itself). */
type Needed = Role | 'any' | 'page' | null;

export interface Gate {
  /** Null when the request may come in. */
  fault(request: IncomingMessage): OriginFault | null;
  /** The caller, if they have the role; else the refusal was sent and the answer is null. */
  admit(request: IncomingMessage, response: ServerResponse, role: Needed): Caller | null;
  /** The caller that an authorization proves. */
  signIn(authorization: string | undefined, address: string): Caller | 'TOO_MANY' | null;
}

export interface GateParts {
  readonly origins: OriginRules;
  /** Null: no tokens, everyone may everything. */
  readonly tokens: TokenTable | null;
  readonly limit: SignInLimit;
}

/** Whoever comes to a door that is open to everyone. */
const ANYONE: Caller = { name: null, authType: 'unauthenticated', roles: new Set(), door: 'http' };

export const ORIGIN_FAULTS: Readonly<Record<OriginFault, string>> = {
  FOREIGN_HOST: 'the Host header names none of this server',
  FOREIGN_ORIGIN: 'the request comes from a page of another origin',
};

export function createGate({ origins, tokens, limit }: GateParts): Gate {
  return {
    fault: (request) => originFault(request.headers, origins),
    admit(request, response, role) {
      // A token that was sent goes before the session of the browser that sent it.
      const authorization = request.headers.authorization ?? sessionOf(request.headers.cookie);
      if (role === null) return callerOf(authorization, tokens, 'http') ?? ANYONE;
      const caller = callerOf(authorization, tokens, 'http');
      // A body that nobody reads would stand before the next request of this connection.
      const headers = request.method === 'GET' || request.method === 'HEAD' ? {} : { connection: 'close' };
      if (caller === null && role === 'page' && authorization === undefined) return ANYONE;
      if (caller === null) {
        // A session whose token is no longer known is none; that it was tried counts.
        if (role === 'page' && !limit.failed(request.socket.remoteAddress ?? '')) return ANYONE;
        refuseSignIn(request, response, headers);
        return null;
      }
      if (role === 'any' || role === 'page' || caller.roles.has(role)) return caller;
      sendProblem(response, problem('FORBIDDEN', `this needs the role ${role}`), headers);
      return null;
    },
    signIn(authorization, address) {
      const caller = callerOf(authorization, tokens, 'graphql');
      if (caller !== null) return caller;
      return limit.failed(address) ? 'TOO_MANY' : null;
    },
  };

  function refuseSignIn(request: IncomingMessage, response: ServerResponse, headers: Record<string, string>): void {
    if (limit.failed(request.socket.remoteAddress ?? '')) {
      sendProblem(response, problem('TOO_MANY_SIGN_INS', 'too many sign-ins failed'), {
        ...headers,
        'retry-after': '60',
      });
      return;
    }
    const { authorization, cookie } = request.headers;
    const detail =
      authorization === undefined && sessionOf(cookie) === undefined ? 'no token was sent' : 'the token is not known';
    sendProblem(response, problem('UNAUTHENTICATED', detail), { ...headers, 'www-authenticate': 'Bearer' });
  }
}
