import { MS_PER_SECOND, US_PER_MS } from '@monsta/core';
import type { TimestampUs } from '@monsta/core';

const SECOND_US = MS_PER_SECOND * US_PER_MS;
const MINUTE_S = 60;
/** An array is moved up once for as many seconds. */
const LET_GO_TOGETHER = 128;

/** How many orders were sent in each second of the clock, oldest first. */
export type SentBySecond = readonly (readonly [second: number, orders: number])[];

/**
 * Counts orders by whole seconds of the kernel's clock, so that a minute's worth is small enough to be recorded with each. What it tells is never too little: the last second is
 * this second of the clock and the one before it, the last minute this one and the sixty before it.
 */
export class OrderRate {
  /** Seconds, rising, and how many orders in each; those before `#first` are let go of. */
  #seconds: number[] = [];
  #orders: number[] = [];
  #first = 0;

  get state(): SentBySecond {
    return this.#seconds.slice(this.#first).map((second, place) => [second, this.#orders[this.#first + place] ?? 0]);
  }

  restore(state: SentBySecond): void {
    this.#seconds = state.map(([second]) => second);
    this.#orders = state.map(([, orders]) => orders);
    this.#first = 0;
  }

  note(nowUs: TimestampUs): void {
    const second = Math.floor(nowUs / SECOND_US);
    while ((this.#seconds[this.#first] ?? second) < second - MINUTE_S) this.#first += 1;
    if (this.#first >= LET_GO_TOGETHER) {
      this.#seconds.splice(0, this.#first);
      this.#orders.splice(0, this.#first);
      this.#first = 0;
    }
    const last = this.#seconds.length - 1;
    if (last >= this.#first && this.#seconds[last] === second) this.#orders[last] = (this.#orders[last] ?? 0) + 1;
    else {
      this.#seconds.push(second);
      this.#orders.push(1);
    }
  }

  within(nowUs: TimestampUs): { readonly second: number; readonly minute: number } {
    const second = Math.floor(nowUs / SECOND_US);
    return { second: this.#since(second - 1), minute: this.#since(second - MINUTE_S) };
  }

  #since(second: number): number {
    let sum = 0;
    for (
      let place = this.#seconds.length - 1;
      place >= this.#first && (this.#seconds[place] ?? 0) >= second;
      place -= 1
    )
      sum += this.#orders[place] ?? 0;
    return sum;
  }
}
