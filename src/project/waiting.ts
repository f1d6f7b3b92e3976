/** Those who wait for something to have come, each for so long. */
interface Waiter {
  readonly hasCome: () => boolean;
  readonly settle: (hasCome: boolean) => void;
}

export class Waiting {
  readonly #waiters = new Set<Waiter>();

  /** Resolves true once it has come, false after `timeoutMs` or when nothing comes any more. */
  until(hasCome: () => boolean, timeoutMs: number): Promise<boolean> {
    if (hasCome()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (came: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(came);
      };
      const waiter = { hasCome, settle };
      const timer = setTimeout(settle, timeoutMs, false);
      this.#waiters.add(waiter);
    });
  }

  /** Something may have come. */
  look(): void {
    for (const waiter of this.#waiters) if (waiter.hasCome()) waiter.settle(true);
  }

  /** Nothing comes any more. */
  end(): void {
    for (const waiter of this.#waiters) waiter.settle(false);
  }
}
