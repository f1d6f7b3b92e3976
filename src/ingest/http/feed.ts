/** Feeds records of one request to the ledger in batches, a few in flight, and counts what becomes of them. */
import type { Accept, Caller, FactsResult, IncomingRecord, Rejected } from '../../accept/accept.ts';
import { MusterbookError } from '../../errors.ts';

/** What a request's records came to, so far. */
export interface Tally {
  appended: number;
  duplicates: number;
  rejectedCount: number;
  /** The first 1,000. */
  rejected: Rejected[];
  position: number;
}

const REJECTED_SHOWN_MAX = 1_000;
/** A batch is sent when it has so many records or characters, or when it has waited so long and none is under way. */
const BATCH_RECORDS = 1_000;
const BATCH_LENGTH = 1024 * 1024;
const BATCH_WAIT_MS = 2;
/** While one batch is written, the next is read. */
const IN_FLIGHT_MAX = 2;

export class Feed {
  readonly #push: ReturnType<Accept['factsInOrder']>;
  readonly tally: Tally = { appended: 0, duplicates: 0, rejectedCount: 0, rejected: [], position: 0 };
  /** Codes of all that was rejected. */
  readonly codes = new Set<string>();
  #waiting: IncomingRecord[] = [];
  #waitingLength = 0;
  readonly #inFlight = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;
  #sent = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(accept: Accept, caller: Caller) {
    this.#push = accept.factsInOrder(caller);
  }

  /** Takes records; resolves when there is room for more. Throws the first failure of an append. */
  async add(records: readonly IncomingRecord[]): Promise<void> {
    for (const record of records) {
      this.#waiting.push(record);
      this.#waitingLength += 'text' in record ? record.text.length : 0;
      if (this.#isFull()) await this.#room();
    }
    // Full batches are cheaper to write: the next bytes get a moment to come.
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#send(), BATCH_WAIT_MS);
    this.#assertNoFailure();
  }

  /** Waits until all that was taken is durable. Throws the first failure of an append. */
  async finish(): Promise<void> {
    if (this.#sent === 0 && this.#waiting.length === 0) this.#start([]);
    this.#send();
    // Each batch that ends sends the next one.
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight);
    this.#assertNoFailure();
  }

  #isFull(): boolean {
    return this.#waiting.length >= BATCH_RECORDS || this.#waitingLength >= BATCH_LENGTH;
  }

  async #room(): Promise<void> {
    if (this.#inFlight.size >= IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
    this.#assertNoFailure();
    this.#send();
  }

  #send(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0 || this.#failure) return;
    if (this.#inFlight.size > 0 && !(this.#isFull() && this.#inFlight.size < IN_FLIGHT_MAX)) return;
    const records = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#start(records);
  }

  #start(records: readonly IncomingRecord[]): void {
    this.#sent += 1;
    // Reading may meet a broken assumption: then this request fails, and not whatever called us.
    const batch = new Promise<FactsResult>((resolve) => resolve(this.#push(records)))
      .then(
        (result) => this.#note(result),
        (error: unknown) => {
          this.#failure ??= { error };
          if (error instanceof MusterbookError && isResult(error.facts['partial'])) this.#note(error.facts['partial']);
        },
      )
      .then(() => {
        this.#inFlight.delete(batch);
        this.#send();
      });
    this.#inFlight.add(batch);
  }

  #note({ appended, duplicates, rejected, position }: FactsResult): void {
    const { tally } = this;
    tally.appended += appended;
    tally.duplicates += duplicates;
    tally.rejectedCount += rejected.length;
    tally.rejected.push(...rejected.slice(0, REJECTED_SHOWN_MAX - tally.rejected.length));
    tally.position = Math.max(tally.position, position);
    for (const { code } of rejected) this.codes.add(code);
  }

  #assertNoFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

function isResult(value: unknown): value is FactsResult {
  return typeof value === 'object' && value !== null && 'appended' in value;
}
