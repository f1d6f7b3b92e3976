/**
 * Kafka out: every recorded event goes to a topic, in order within its stream, each once for whoever reads what is committed. The
 * place goes out with the events in one transaction, so that any server of the ledger can go on from it, at any time.
 */
import type { Position } from '../../schemas/ids.ts';
import type { Clock, Timer } from '../clock.ts';
import { MusterbookError } from '../errors.ts';
import { faultOf, type KafkaLog, type KafkaSettings } from '../kafka/connection.ts';
import { LinkStates } from '../kafka/link-state.ts';
import {
  isReplaced,
  type OutConnection,
  type OutPlace,
  type OutReader,
  type OutState,
  type OutWriter,
  outConnection,
} from '../kafka/producer.ts';
import type { Ledger, LedgerReader } from '../ledger/port.ts';
import type { Link, LinkFault } from '../link.ts';
import { batchesOf, hashIn, placeBehind } from './kafka-batches.ts';
import { Turn, type TurnPace } from './kafka-turn.ts';

export interface KafkaOutSettings extends KafkaSettings {
  readonly kafkaGroup: string;
  /** The topic. */
  readonly kafkaOut: string;
}

/** Times in ms. */
export interface KafkaOutPace extends TurnPace {
  /** How often one whose turn it is not looks. */
  readonly lookMs: number;
  /** How long a place beyond the ledger's end may be another's progress that is not here yet, before it is called a fault. */
  readonly beyondMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** How long `close` waits for the batch under way. */
  readonly closeMs: number;
}

const KAFKA_OUT_PACE: KafkaOutPace = {
  ...{ firstMs: 1_000, patienceMs: 5_000, patienceMaxMs: 60_000, refreshMs: 3_600_000 },
  ...{ lookMs: 500, beyondMs: 60_000, retryMinMs: 500, retryMaxMs: 15_000, closeMs: 5_000 },
};

export interface KafkaOutOptions {
  readonly ledger: Pick<LedgerReader, 'head' | 'readAllRecorded' | 'eventAt'> & Pick<Ledger, 'onAppend'>;
  readonly settings: KafkaOutSettings;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: KafkaLog;
  readonly pace?: Partial<KafkaOutPace>;
  /** Absent: to the brokers of the settings. */
  readonly connection?: OutConnection;
}

export interface KafkaOut {
  readonly link: Link;
  /** Resolves once nothing is written any more; what was not committed is taken back. Never throws. */
  close(): Promise<void>;
}

/** Starts at once and never throws: what goes wrong is shown by the link and tried again. */
export function startKafkaOut(options: KafkaOutOptions): KafkaOut {
  const publisher = new Publisher(options);
  const ended = publisher.run();
  return { link: publisher.link, close: () => publisher.close(ended) };
}

/** The consumer group whose offset is the place, and the name that writers share. */
function outGroup(kafkaGroup: string): string {
  return `${kafkaGroup}-out`;
}

const COUNTS = ['records', 'batches', 'turns', 'replaced', 'failures'];
/** Events read at once. */
const PAGE_EVENTS = 1_000;

class Publisher {
  readonly #options: KafkaOutOptions;
  readonly #pace: KafkaOutPace;
  readonly #turn: Turn;
  readonly #connection: OutConnection;
  readonly #end = new AbortController();
  /** Without a part while another writes, or nobody. */
  readonly link: LinkStates;
  #open: (OutReader | OutWriter)[] = [];
  /** In a row. */
  #failures = 0;
  #wake = new AbortController();

  constructor(options: KafkaOutOptions) {
    const { settings, log, connection, clock } = options;
    this.#options = options;
    this.#pace = { ...KAFKA_OUT_PACE, ...options.pace };
    this.#turn = new Turn(this.#pace);
    this.link = new LinkStates('kafka-out', clock, COUNTS);
    const group = outGroup(settings.kafkaGroup);
    const out = { topic: settings.kafkaOut, group, writer: `${group}-${settings.kafkaOut}` };
    const onTrouble = (fault: LinkFault): void => this.link.isRetrying(fault);
    this.#connection = connection ?? outConnection(settings, out, { clientId: 'musterbook-out', log, onTrouble });
  }

  async close(ended: Promise<void>): Promise<void> {
    this.#end.abort();
    // A broker that is away would keep the batch under way waiting: its connection is ended then, and the batch with it.
    await Promise.race([ended, this.#options.timer.sleep(this.#pace.closeMs, new AbortController().signal)]);
    await this.#closeOpen();
  }

  async run(): Promise<void> {
    const { ledger, timer } = this.#options;
    const stop = ledger.onAppend(() => this.#wake.abort());
    while (!this.#end.signal.aborted) {
      let pauseMs = 0;
      try {
        await this.#session();
      } catch (error) {
        pauseMs = this.#end.signal.aborted ? 0 : this.#failed(error);
      }
      this.link.keepParts(new Set());
      await this.#closeOpen();
      await timer.sleep(pauseMs, this.#end.signal);
    }
    stop();
  }

  /** Shows it; gives how long to wait. */
  #failed(error: unknown): number {
    const { code, message } = faultOf(error);
    const { kafkaOut: topic } = this.#options.settings;
    const fault = { code, message: message.includes(topic) ? message : `${message} (${topic})` };
    if (code === 'KAFKA_PLACE_UNKNOWN') this.link.isStopped(fault);
    else this.link.isRetrying(fault);
    this.link.count('failures');
    this.#options.log.warn({ err: error, code }, 'Kafka out failed and is tried again');
    const { retryMinMs, retryMaxMs } = this.#pace;
    const pauseMs = Math.min(retryMinMs * 2 ** Math.min(this.#failures, 10), retryMaxMs);
    this.#failures += 1;
    return pauseMs;
  }

  /** From waiting for the turn until it is taken away, or the end. */
  async #session(): Promise<void> {
    const reader = await this.#connection.openReader();
    this.#open.push(reader);
    if (!(await this.#waitForTurn(reader))) return;
    const writer = await this.#connection.openWriter();
    this.#open.push(writer);
    this.link.count('turns');
    // Only now, when nobody else can commit any more, the place is what it will be.
    const state = await reader.state();
    const { position } = await this.#options.ledger.head();
    // Another wrote on until now, and this copy of the ledger has not come that far: it is not the one to go on.
    if ((state.place?.at ?? 0) > position) return this.#turn.taken();
    const hash = await this.#checked(state);
    try {
      // Committed by itself before anything: a first batch that was cut off leaves a topic that was written to, and then the place is known.
      if (state.place === null) await writer.write([], placeBehind(0, '', this.#options.clock()));
      await this.#publish(writer, state.place?.at ?? 0, hash);
    } catch (error) {
      if (!isReplaced(error)) throw error;
      this.link.count('replaced');
      this.#turn.taken();
      this.#options.log.info({ topic: this.#options.settings.kafkaOut }, 'another server writes to Kafka now');
    }
  }

  /** False at the end. */
  async #waitForTurn(reader: OutReader): Promise<boolean> {
    const { ledger, timer } = this.#options;
    while (!this.#end.signal.aborted) {
      const state = await reader.state();
      const { position } = await ledger.head();
      const nowMs = timer.nowMs();
      const isBeyond = (state.place?.at ?? 0) > position;
      if (!isBeyond) await this.#checked(state);
      else if (this.#turn.stillMs(state, nowMs) >= this.#pace.beyondMs) throw beyond(state.place, position);
      if (!isBeyond) this.link.isUp();
      if (this.#turn.isOurs(state, position, nowMs)) return true;
      await timer.sleep(this.#pace.lookMs, this.#end.signal);
    }
    return false;
  }

  /** The hash of the event at the place. Throws where the place is not one of this ledger. */
  async #checked({ place, isUsed }: OutState): Promise<string | null> {
    const { kafkaOut: topic, kafkaGroup } = this.#options.settings;
    if (place === null) {
      if (!isUsed) return null;
      const lost = `the topic ${topic} was written to, and the group ${outGroup(kafkaGroup)} does not say how far`;
      throw new MusterbookError('KAFKA_PLACE_UNKNOWN', lost, { topic });
    }
    if (place.at === 0) return null;
    const event = await this.#options.ledger.eventAt(place.at as Position);
    const hash = hashIn(place);
    if (event !== null && (hash === null || hash === event.hash)) return event.hash;
    const other = `the topic ${topic} was written up to position ${place.at} of a ledger that is not this one`;
    throw new MusterbookError('KAFKA_PLACE_UNKNOWN', other, { topic, position: place.at });
  }

  /** Writes what is recorded after `from`, without end; returns at the end, throws what a write throws. */
  async #publish(writer: OutWriter, from: number, fromHash: string | null): Promise<void> {
    const { ledger, clock, timer } = this.#options;
    let [at, hash] = [from, fromHash];
    while (!this.#end.signal.aborted) {
      // Before the head is read: what is recorded in between wakes at once.
      this.#wake = new AbortController();
      const head = await ledger.head();
      this.#carry(at, head);
      if (at >= head.position) {
        const wakes = AbortSignal.any([this.#end.signal, this.#wake.signal]);
        await timer.sleep(this.#pace.refreshMs, wakes);
        if (!wakes.aborted && hash !== null) await writer.write([], placeBehind(at, hash, clock()));
        continue;
      }
      const page = await ledger.readAllRecorded({ after: at as Position, upTo: head.position, limit: PAGE_EVENTS });
      if (page.length === 0)
        throw new Error(`nothing is recorded after ${at}, though the ledger ends at ${head.position}`);
      for (const { records, last } of batchesOf(page)) {
        if (this.#end.signal.aborted) return;
        await writer.write(records, placeBehind(last.position, last.hash, clock()));
        [at, hash] = [last.position, last.hash];
        this.link.count('batches');
        this.link.count('records', records.length);
        this.#turn.wrote();
        this.#failures = 0;
        this.#carry(at, head);
      }
    }
  }

  /** Notes how far it is. The events behind are told from positions, which are not dense on every ledger. */
  #carry(at: number, { position, events }: { readonly position: number; readonly events: number }): void {
    const share = position === 0 ? 0 : Math.max(0, position - at) / position;
    this.link.part(this.#options.settings.kafkaOut, { at, lag: Math.ceil(share * events) });
    this.link.isUp();
  }

  async #closeOpen(): Promise<void> {
    const open = this.#open.splice(0);
    await Promise.all(open.map((one) => one.close()));
  }
}

function beyond(place: OutPlace | null, head: number): MusterbookError {
  const message = `Kafka-out has written up to position ${place?.at}, and this ledger ends at ${head}: it is another one, or a copy that is not complete yet`;
  return new MusterbookError('KAFKA_PLACE_UNKNOWN', message, { position: place?.at, head });
}
