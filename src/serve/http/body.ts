/** Reads a request's body, bounded in size and time. */
import type { IncomingMessage } from 'node:http';
import { MusterbookError } from '../../errors.ts';

export interface BodyLimits {
  readonly bytesMax: number;
  /** From the first look to the last byte. */
  readonly timeMsMax: number;
}

/** The whole body as text. Throws `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, or `BAD_REQUEST` when the client went away or sent no UTF-8. */
export function readBody(request: IncomingMessage, { bytesMax, timeMsMax }: BodyLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(
      () => finish(new MusterbookError('BODY_TOO_SLOW', `the body took longer than ${timeMsMax} ms`)),
      timeMsMax,
    );
    const finish = (fault: MusterbookError | null): void => {
      clearTimeout(timer);
      request.removeAllListeners('data');
      if (fault) reject(fault);
      else resolve(text(chunks));
    };
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMax) finish(new MusterbookError('BODY_TOO_LARGE', `the body is larger than ${bytesMax} bytes`));
    });
    request.on('end', () => finish(null));
    const gone = (): void => finish(new MusterbookError('BAD_REQUEST', 'the connection ended before the body did'));
    request.on('error', gone);
    request.on('close', gone);
  });
}

function text(chunks: readonly Buffer[]): string {
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8');
}
