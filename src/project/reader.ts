/** Views as one answer reads them: of one set of events, at once where the views stand there. */
import type { ViewReader, Views } from './views.ts';

export type MaybePromise<Value> = Value | Promise<Value>;

/** Goes on with a value, at once where it is there already: an answer from live views needs no turn of the event loop. */
export function andThen<Value, Result>(
  value: MaybePromise<Value>,
  next: (value: Value) => MaybePromise<Result>,
): MaybePromise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** All of several values, at once where all of them are there already. */
export function allOf<Value>(values: readonly MaybePromise<Value>[]): MaybePromise<readonly Value[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly Value[]);
}

/** The present as a set of events that stays as it is, also when the views go on meanwhile. */
export function presentReader(views: Views): ViewReader {
  const position = views.position();
  const then = views.at(position);
  return {
    position,
    happenedAt: null,
    ...(then.statedGaps && { statedGaps: then.statedGaps }),
    get: (projection, key) => then.get(projection, key),
    list: (projection, query) =>
      views.position() === position ? views.now().list(projection, query) : then.list(projection, query),
  };
}
