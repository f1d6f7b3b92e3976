/** `asOf` and `completeness`: how far an answer reaches, and how much of it may be missing. */

import type { Position } from '../../../../schemas/ids.ts';
import type { Micros } from '../../../../schemas/time.ts';
import { andThen, type MaybePromise } from '../../../project/views.ts';
import type { GraphContext } from '../context.ts';

interface AsOf {
  readonly position: Position;
  readonly recordedAt: Micros;
  readonly occurredAt: Micros;
  readonly restored: boolean;
}

/** `latestEffectiveAt`: of what the answer folded. Null in an empty ledger. */
export function asOf(
  latestEffectiveAt: Micros | null,
  { reader, events, restoredUpTo }: GraphContext,
): MaybePromise<AsOf | null> {
  const { position } = reader;
  if (position === 0) return null;
  return andThen(events.at(position), ({ recordedAt }) =>
    andThen(restoredUpTo(), (upTo) => ({
      position,
      recordedAt,
      occurredAt: latestEffectiveAt ?? recordedAt,
      restored: upTo !== null && position <= upTo,
    })),
  );
}
