/**
 * Fan-out of subscriptions. Identical subscriptions form one topic: each of its changes is executed and printed once,
 * and the same bytes go to every subscriber. Nothing is queued for anyone: a topic keeps a bounded ring of its newest
 * frames, a subscriber is a place in that ring, and one that has fallen out of it reads on from its own cursor until it
 * is back. A subscriber whose connection takes no more is left alone until it does.
 */
import type { Position } from '../../../schemas/ids.ts';
import type { Sink, Subscriber, Topic } from './fan-out.ts';
import { RunningTopic } from './topic.ts';

export interface HubCounts {
  readonly topics: number;
  readonly subscribers: number;
  readonly executed: number;
  readonly delivered: number;
}

export interface Hub {
  /** Begins with the state at `after`, or at the present position where it is null. */
  subscribe(topic: Topic, start: { readonly after: Position | null; readonly now: Position }, sink: Sink): Subscriber;
  counts(): HubCounts;
  /** Drops the frames that are kept: something was erased. Who has not read them yet reads anew from its cursor. */
  forget(): void;
  close(): void;
}

export function createHub(): Hub {
  const topics = new Map<string, RunningTopic>();
  const tally = { executed: 0, delivered: 0 };
  return {
    subscribe(topic, start, sink) {
      let running = topics.get(topic.key);
      if (!running || running.closed) {
        running = new RunningTopic(topic, start.now, tally);
        topics.set(topic.key, running);
        const begun = running;
        begun.onClose = () => {
          if (topics.get(topic.key) === begun) topics.delete(topic.key);
        };
      }
      return running.add(start.after ?? start.now, sink);
    },
    counts: () => ({
      topics: topics.size,
      subscribers: [...topics.values()].reduce((sum, topic) => sum + topic.size, 0),
      ...tally,
    }),
    forget() {
      for (const topic of topics.values()) topic.forget();
    },
    close() {
      for (const topic of [...topics.values()]) topic.close(null);
    },
  };
}
