/** `knownAt` is a position: recordedAt never falls with position. */
import { type Position, START } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { LedgerReader } from '../ledger/port.ts';

/** The position of the last event recorded at or before a time; 0 where there was none. Reads a logarithmic number of events. */
export async function positionKnownAt(reader: Pick<LedgerReader, 'head' | 'readAll'>, at: Micros): Promise<Position> {
  const head = await reader.head();
  if (head.recordedAt === null) return START;
  if (head.recordedAt <= at) return head.position;
  // Known then: everything at or below `known`. Not known then: some event at or below `unknown`.
  let [known, unknown] = [0, head.position as number];
  while (unknown - known > 1) {
    const middle = Math.floor((known + unknown) / 2);
    const [next] = await reader.readAll({ after: (middle - 1) as Position, upTo: unknown as Position, limit: 1 });
    if (next === undefined || next.recordedAt > at) unknown = middle;
    else known = next.position;
  }
  return known as Position;
}

/** The position of the last event at or below a position, since not every number has one; 0 where there is none. */
export async function lastPositionAt(reader: Pick<LedgerReader, 'readAll'>, upTo: Position): Promise<Position> {
  if (upTo === START) return START;
  const [last] = await reader.readAll({ upTo, backwards: true, limit: 1 });
  return last?.position ?? START;
}
