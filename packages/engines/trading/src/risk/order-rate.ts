import { MS_PER_SECOND, US_PER_MS } from '@monsta/core';
import type { TimestampUs } from '@monsta/core';

const SECOND_US = MS_PER_SECOND * US_PER_MS;
const MINUTE_S = 60;

/** How many orders were sent in each second of the clock, oldest first. */
export type SentBySecond = readonly (readonly [second: number, orders: number])[];

/**
 * Counts orders by whole seconds of the kernel's clock, so that a minute's worth is small enough to be recorded with each. What it tells is never too little: the last second is
 * this second of the clock and the one before it, the last minute this one and the sixty before it.
 */
export class OrderRate {
  #sent: SentBySecond = [];

  get state(): SentBySecond {
    return this.#sent;
  }

  restore(state: SentBySecond): void {
    this.#sent = state;
  }

  note(nowUs: TimestampUs): void {
    const second = Math.floor(nowUs / SECOND_US);
    const newest = this.#sent.at(-1);
    // Mostly nothing was sent for longer than is looked back on.
    if (newest === undefined || newest[0] < second - MINUTE_S) {
      this.#sent = [[second, 1]];
      return;
    }
    const kept = this.#sent.filter(([each]) => each >= second - MINUTE_S && each !== second);
    this.#sent = [...kept, [second, this.#since(second) + 1]];
  }

  within(nowUs: TimestampUs): { readonly second: number; readonly minute: number } {
    const second = Math.floor(nowUs / SECOND_US);
    return { second: this.#since(second - 1), minute: this.#since(second - MINUTE_S) };
  }

  #since(second: number): number {
    let sum = 0;
    for (const [each, orders] of this.#sent) if (each >= second) sum += orders;
    return sum;
  }
}
