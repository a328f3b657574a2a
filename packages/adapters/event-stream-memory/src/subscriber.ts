import { BoundedQueue } from '@monsta/core';
import type { Clock, Logger, SubscribeOptions, Subscription } from '@monsta/ports';
import type { OutgoingMessage } from './outgoing.ts';
import type { Deliveries } from './deliveries.ts';

interface Waiter {
  readonly target: number;
  readonly resolve: () => void;
}

export interface SubscriberContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deliveries: Deliveries;
  /** Takes the subscriber out of the stream. */
  remove(subscriber: Subscriber): void;
}

/** Handler failures of one subscription are logged at most this often; those between are counted. */
const FAILURE_LOG_INTERVAL_MS = 1_000;

/** One subscription: its bounded queue, from which one message after the other is handed over. */
export class Subscriber implements Subscription {
  readonly #options: SubscribeOptions;
  readonly #context: SubscriberContext;
  readonly #queue: BoundedQueue<OutgoingMessage>;
  /** Messages offered to this subscription since its start: the n-th has index n. */
  #offered = 0;
  /** Index of the message the handler has now; 0 for none. */
  #inHand = 0;
  /** A handler has not returned yet: messages wait for it, without a place among the deliveries. */
  #busy = false;
  /** How many places it has among the deliveries: never more than messages wait. */
  #places = 0;
  #ended = false;
  #dropped = 0;
  #waiters: Waiter[] = [];
  #lastFailureLogMs = Number.NEGATIVE_INFINITY;
  #failuresUnlogged = 0;

  constructor(options: SubscribeOptions, context: SubscriberContext) {
    this.#options = options;
    this.#context = context;
    // The overflow is handled in `offer`, so that the queue itself never drops unseen.
    this.#queue = new BoundedQueue(options.queueMax, 'refuse');
  }

  get subject(): string {
    return this.#options.subject;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get pending(): number {
    return this.#queue.size;
  }

  unsubscribe(): void {
    if (this.#ended) return;
    this.#finish();
  }

  offer(message: OutgoingMessage): void {
    if (this.#ended) return;
    if (this.#queue.size === this.#queue.capacity) {
      if (this.#options.overflow === 'end') {
        const reason = `${this.#queue.capacity} messages were waiting for the subscription to '${this.subject}', which is its limit`;
        this.end('subscriber_slow', reason);
        return;
      }
      this.#queue.shift();
      this.#dropped += 1;
    }
    this.#offered += 1;
    this.#queue.push(message);
    this.#takePlaces();
  }

  /** One for each message that waits; who comes in the place of a dropped one takes the place of that. */
  #takePlaces(): void {
    for (; !this.#busy && this.#places < this.#queue.size; this.#places += 1) this.#context.deliveries.add(this);
  }

  /** Ends the subscription from the stream's side: what waits is dropped, and `onEnd` runs once, not inside the caller. */
  end(code: string, reason: string): void {
    if (this.#ended) return;
    this.#dropped += this.#queue.size;
    this.#finish();
    queueMicrotask(() => {
      try {
        this.#options.onEnd?.(code, reason);
      } catch (error) {
        this.#logFailure(error);
      }
    });
  }

  /** Resolves when everything offered so far has been handled or dropped. */
  settled(): Promise<void> {
    const target = this.#offered;
    if (this.#isSettled(target)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ target, resolve });
    });
  }

  #isSettled(target: number): boolean {
    if (this.#inHand !== 0 && this.#inHand <= target) return false;
    return this.#offered - this.#queue.size >= target;
  }

  #finish(): void {
    this.#ended = true;
    this.#queue.clear();
    this.#context.remove(this);
    this.#wake();
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const still: Waiter[] = [];
    for (const waiter of this.#waiters) {
      if (this.#isSettled(waiter.target)) waiter.resolve();
      else still.push(waiter);
    }
    this.#waiters = still;
  }

  /** Never throws: a handler's failure is logged, and the next message follows. */
  deliverOne(): void {
    this.#places -= 1;
    if (this.#busy) return;
    const message = this.#queue.shift();
    if (message === undefined) return;
    this.#inHand = this.#offered - this.#queue.size;
    let outcome: void | Promise<void> = undefined;
    try {
      outcome = this.#options.onMessage(message.open());
    } catch (error) {
      this.#logFailure(error);
    }
    if (outcome === undefined) this.#handled();
    else void this.#await(outcome);
  }

  async #await(outcome: Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await outcome;
    } catch (error) {
      this.#logFailure(error);
    }
    this.#busy = false;
    this.#handled();
    this.#takePlaces();
  }

  #handled(): void {
    this.#inHand = 0;
    this.#wake();
  }

  #logFailure(error: unknown): void {
    const now = this.#context.clock.monotonicMs();
    if (now - this.#lastFailureLogMs < FAILURE_LOG_INTERVAL_MS) {
      this.#failuresUnlogged += 1;
      return;
    }
    this.#lastFailureLogMs = now;
    this.#context.logger.error('a subscriber failed on a message', {
      code: 'subscriber_failed',
      subject: this.subject,
      failuresUnlogged: this.#failuresUnlogged,
      error,
    });
    this.#failuresUnlogged = 0;
  }
}
