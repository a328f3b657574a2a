import type { TimestampUs } from '@monsta/core';
import { nextTickUs, tickBeforeUs, type KernelInput } from '@monsta/trading';

/** A clock that leaps further than this many ticks was set, or the machine was asleep: no more of them are caught up. */
const CAUGHT_UP_MAX = 100_000;

/** The ticks between market data: on the multiples of their length in the time of the market, each before the first data of its time or later. */
export class DataTime {
  readonly #tickUs: number;
  #tickedUs: TimestampUs | null = null;

  constructor(tickUs: number) {
    this.#tickUs = tickUs;
  }

  begin(nowUs: TimestampUs): void {
    this.#tickedUs = this.tickBefore(nowUs);
  }

  tickBefore(us: TimestampUs): TimestampUs {
    return tickBeforeUs(us, this.#tickUs);
  }

  /** The next tick that comes before an input, which is counted as given; null where none is due. */
  dueBefore({ kind, tsUs }: KernelInput): TimestampUs | null {
    // A prediction and new terms are learned when they come; they do not move the time.
    if (this.#tickedUs === null || (kind !== 'market' && kind !== 'tick')) return null;
    if (tsUs - this.#tickedUs > CAUGHT_UP_MAX * this.#tickUs) this.begin((tsUs - this.#tickUs) as TimestampUs);
    const dueUs = nextTickUs(this.#tickedUs, this.#tickUs);
    if (dueUs > tsUs) return null;
    this.#tickedUs = dueUs;
    return dueUs;
  }
}
