/**
 * Fan-out of subscriptions. Identical subscriptions form one topic: each of its changes is executed and printed once,
 * and the same bytes go to every subscriber. Nothing is queued for anyone: a topic keeps a bounded ring of its newest
 * frames, a subscriber is a place in that ring, and one that has fallen out of it reads on from its own cursor until it
 * is back. A subscriber whose connection takes no more is left alone until it does. A private subscription is shared with
 * nobody and comes to an end.
 */
import type { Position } from '../../../schemas/ids.ts';
import { systemTimer } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import type { Begun, PrivateSubscription, Sink, Subscriber, Topic } from './fan-out.ts';
import { PrivateSubscriber } from './private-subscriber.ts';
import { RunningTopic } from './topic.ts';

export interface HubCounts {
  readonly topics: number;
  readonly subscribers: number;
  readonly executed: number;
  readonly delivered: number;
}

export interface Hub {
  /** Begins what may begin: a subscription to a topic, or one of its own. `now`: the views' position. */
  begin(begun: Begun, now: Position, sink: Sink): Subscriber;
  /** Begins with the state at `after`, or at the present position where it is null. */
  subscribe(topic: Topic, start: { readonly after: Position | null; readonly now: Position }, sink: Sink): Subscriber;
  counts(): HubCounts;
  /** Drops the frames that are kept: something was erased. Who has not read them yet reads anew from its cursor. */
  forget(): void;
  close(): void;
}

export function createHub(timer = systemTimer): Hub {
  const topics = new Map<string, RunningTopic>();
  const privates = new Set<PrivateSubscriber>();
  const tally = { executed: 0, delivered: 0 };
  const beginPrivate = (subscription: PrivateSubscription, sink: Sink): Subscriber => {
    const subscriber = new PrivateSubscriber({
      ...{ subscription, sink, timer },
      onDelivered() {
        tally.executed += 1;
        tally.delivered += 1;
      },
      onEnd: () => void privates.delete(subscriber),
    });
    privates.add(subscriber);
    subscriber.begin();
    return subscriber;
  };
  const hub: Hub = {
    begin: (begun, now, sink) =>
      begun.kind === 'private'
        ? beginPrivate(begun.subscription, sink)
        : hub.subscribe(begun.topic, { after: begun.after, now }, sink),
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
      subscribers: [...topics.values()].reduce((sum, topic) => sum + topic.size, privates.size),
      ...tally,
    }),
    forget() {
      for (const topic of topics.values()) topic.forget();
    },
    close() {
      for (const topic of [...topics.values()]) topic.close(null);
      // Cut off: completing would say that all has been played.
      for (const subscriber of [...privates]) subscriber.finish(new MusterbookError('LEDGER_CLOSED', 'shutting down'));
    },
  };
  return hub;
}
