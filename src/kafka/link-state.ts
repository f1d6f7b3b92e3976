/** The state of one connection to Kafka while it changes; what it shows is `src/link.ts`. */
import type { Clock } from '../clock.ts';
import type { Link, LinkFault, LinkName, LinkPart, LinkState, LinkStatus } from '../link.ts';

export class LinkStates implements Link {
  readonly #name: LinkName;
  readonly #clock: Clock;
  #state: LinkState = 'connecting';
  #sinceMs: number;
  #fault: LinkFault | null = null;
  readonly #parts = new Map<string, LinkPart>();
  readonly #counts = new Map<string, number>();

  /** `counts`: the names of what is counted, so that each is shown from the start. */
  constructor(name: LinkName, clock: Clock, counts: readonly string[]) {
    this.#name = name;
    this.#clock = clock;
    this.#sinceMs = this.#nowMs();
    for (const count of counts) this.#counts.set(count, 0);
  }

  status(): LinkStatus {
    return {
      name: this.#name,
      state: this.#state,
      sinceMs: this.#sinceMs,
      fault: this.#fault,
      parts: [...this.#parts.values()],
      counts: Object.fromEntries(this.#counts),
    };
  }

  /** It works; unless a part is still held back, whose fault is then to be seen. */
  isUp(): void {
    for (const { isPaused } of this.#parts.values()) if (isPaused) return;
    this.#enter('up', null);
  }

  isRetrying(fault: LinkFault): void {
    this.#enter('retrying', fault);
  }

  /** Someone has to do what the fault says. */
  isStopped(fault: LinkFault): void {
    this.#enter('stopped', fault);
  }

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** What is known anew of a part; the rest stays. */
  part(name: string, news: Partial<Omit<LinkPart, 'name'>>): void {
    const before = this.#parts.get(name) ?? { name, at: null, lag: null, isPaused: false };
    this.#parts.set(name, { ...before, ...news });
  }

  /** Only these are carried from now on. */
  keepParts(names: ReadonlySet<string>): void {
    for (const name of this.#parts.keys()) if (!names.has(name)) this.#parts.delete(name);
    for (const name of names) this.part(name, { isPaused: false });
  }

  #enter(state: LinkState, fault: LinkFault | null): void {
    if (state !== this.#state) this.#sinceMs = this.#nowMs();
    this.#state = state;
    this.#fault = fault;
  }

  #nowMs(): number {
    return Math.floor(this.#clock() / 1_000);
  }
}
