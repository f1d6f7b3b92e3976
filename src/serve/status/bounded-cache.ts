/** Keeps the values last used, up to so many bytes together. */

export interface BoundedCache<Value> {
  get(key: string): Value | null;
  set(key: string, value: Value, bytes: number): void;
  clear(): void;
}

export function boundedCache<Value>(bytesMax: number): BoundedCache<Value> {
  /** The one last used stands last. */
  const kept = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let total = 0;
  const drop = (key: string): void => {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  return {
    get(key) {
      const entry = kept.get(key);
      if (entry === undefined) return null;
      kept.delete(key);
      kept.set(key, entry);
      return entry.value;
    },
    set(key, value, bytes) {
      drop(key);
      if (bytes > bytesMax) return;
      kept.set(key, { value, bytes });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= bytesMax) return;
        drop(oldest);
      }
    },
    clear() {
      kept.clear();
      total = 0;
    },
  };
}
