/** Whoever asks something of the same subject takes turns, so that a crowd meets no revision conflicts of its own making. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Does the work after all that was asked of this subject before; passes on its result or failure. */
  async take<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const result = (this.#last.get(subject) ?? Promise.resolve()).then(work);
    const ended = result.then(
      () => {},
      () => {},
    );
    this.#last.set(subject, ended);
    try {
      return await result;
    } finally {
      if (this.#last.get(subject) === ended) this.#last.delete(subject);
    }
  }
}
