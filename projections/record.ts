/**
 * Keyed parts of a projection's state. They are plain objects, so that a state is JSON, and their keys are ids from
 * outside: `constructor` and `__proto__` are ids like any other, hence these two functions instead of brackets.
 */

export type Keyed<Value> = Record<string, Value>;

/** The value under a key; undefined when there is none. */
export function entryOf<Value>(keyed: Readonly<Keyed<Value>>, key: string): Value | undefined {
  return Object.hasOwn(keyed, key) ? keyed[key] : undefined;
}

/** Sets the value under a key, in place. */
export function setEntry<Value>(keyed: Keyed<Value>, key: string, value: Value): void {
  if (key === '__proto__') {
    Object.defineProperty(keyed, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    keyed[key] = value;
  }
}
