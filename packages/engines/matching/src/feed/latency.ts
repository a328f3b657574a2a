import { BoundedQueue, invariant, seededRandom, type Random } from '@monsta/core';

/** A delay in microseconds: always the same, or log-normal around a median, `sigma` being the standard deviation of its logarithm. */
export type Delay = number | { readonly medianUs: number; readonly sigma: number };

/**
 * How late things are. `feed`: how long market data takes to reach the strategy; `order`: how long its command takes to the exchange; `response`: how long the answer takes
 * back. A command sent in answer to an event takes effect `feed + order` after that event, its outcome is heard `response` later.
 */
export interface LatencyModel {
  readonly feed: Delay;
  readonly order: Delay;
  readonly response: Delay;
  /** The seed of the random delays. */
  readonly seed: number;
}

export const NO_LATENCY: LatencyModel = { feed: 0, order: 0, response: 0, seed: 0 };

/** Draws delays, one after the other: the same seed gives the same ones. */
export class DelaySource {
  readonly #delays: readonly Delay[];
  readonly #random: Random;
  #drawn = 0;
  readonly isZero: boolean;

  /** What is drawn is the sum of the delays. */
  constructor(delays: readonly Delay[], seed: number) {
    for (const delay of delays) {
      const us = typeof delay === 'number' ? delay : delay.medianUs;
      const fits = Number.isSafeInteger(us) && us >= 0 && (typeof delay === 'number' || delay.sigma >= 0);
      if (!fits) throw new RangeError('a delay is a whole number of microseconds from 0, its sigma at least 0');
    }
    this.#delays = delays;
    this.#random = seededRandom(seed);
    this.isZero = delays.every((delay) => delay === 0);
  }

  /** Whole microseconds. */
  next(): number {
    if (this.isZero) return 0;
    this.#drawn += 1;
    return this.#delays.reduce<number>((sum, delay) => {
      if (typeof delay === 'number') return sum + delay;
      return sum + Math.round(delay.medianUs * Math.exp(delay.sigma * this.#random.gaussian()));
    }, 0);
  }

  /** How many have been drawn; zeros do not count. */
  get drawn(): number {
    return this.#drawn;
  }

  /** Goes on where another source of the same delays and seed was, after so many. */
  goOn(drawn: number): void {
    while (this.#drawn < drawn) this.next();
  }
}

/** How much may be on the way at once. */
const IN_FLIGHT_MAX = 65_536;
const TOO_MANY = `more than ${IN_FLIGHT_MAX} things are on their way`;

/** What a line has on its way, and when the last of it is due. */
export interface DelayLineState<T> {
  readonly lastUs: number;
  readonly items: readonly { readonly item: T; readonly dueUs: number }[];
}

/**
 * Things on their way: each comes out when it is due, in the order in which it went in; one that would overtake another comes right after it, as on one connection.
 */
export class DelayLine<T> {
  readonly #source: DelaySource;
  readonly #queue = new BoundedQueue<{ readonly item: T; readonly dueUs: number }>(IN_FLIGHT_MAX, 'refuse');
  #lastUs = 0;

  /** Several lines may draw from one source. */
  constructor(source: DelaySource) {
    this.#source = source;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Sends an item off at a time. Throws `InvariantError` where 65,536 are on their way: something sends without ever letting time go on. */
  send(item: T, sentUs: number): void {
    this.#lastUs = Math.max(this.#lastUs, sentUs + this.#source.next());
    invariant(this.#queue.push({ item, dueUs: this.#lastUs }), TOO_MANY);
  }

  /** When the next item is due; null where nothing is on its way. */
  get nextUs(): number | null {
    return this.#queue.peek()?.dueUs ?? null;
  }

  /** The next item that is due by `untilUs`, taken out, with the time at which it arrived; null where there is none. */
  take(untilUs: number): { readonly item: T; readonly dueUs: number } | null {
    const next = this.#queue.peek();
    if (next === undefined || next.dueUs > untilUs) return null;
    this.#queue.shift();
    return next;
  }

  /** What is on its way, for `goOn`. */
  state(): DelayLineState<T> {
    return { lastUs: this.#lastUs, items: this.#queue.items() };
  }

  /** Takes over what another line had on its way. */
  goOn({ lastUs, items }: DelayLineState<T>): void {
    this.#lastUs = lastUs;
    for (const item of items) this.#queue.push(item);
  }
}
