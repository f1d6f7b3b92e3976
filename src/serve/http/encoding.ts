/** Content codings that a client takes (RFC 9110, 12.5.3), as far as it names them. */
import type { IncomingMessage } from 'node:http';

/** Whether it takes `coding`; one that it names with a weight of 0 it does not. */
export function takes(headers: IncomingMessage['headers'], coding: 'gzip' | 'br'): boolean {
  const named = String(headers['accept-encoding'] ?? '')
    .split(',')
    .map((part) =>
      part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/),
    )
    .find(([name]) => name === coding);
  return named !== undefined && !/^q=0(\.0*)?$/.test(named[1] ?? '');
}
