import type { Price } from '@monsta/core';
import { Wide } from './wide.ts';

const US_PER_SECOND = 1_000_000;
const SECONDS_PER_MINUTE = 60;
const LIMB = 2 ** 50;

/** What an average has of each second: the second since 1970, lots, and Σ price × lots in decimal digits. */
export interface SavedAverage {
  readonly minutes: number;
  readonly seconds: readonly (readonly [second: number, quantity: number, value: string])[];
}

/**
 * The volume-weighted average price of the trades of the last minutes, kept by the second: a trade counts from its second until the same second that many minutes later.
 */
export class AveragePrice {
  readonly minutes: number;
  readonly #seconds: Float64Array;
  readonly #quantities: Float64Array;
  readonly #values: readonly Wide[];
  readonly #total = new Wide();
  readonly #value = new Wide();
  #quantity = 0;
  /** The ring's oldest slot and how many are in use. */
  #oldest = 0;
  #used = 0;
  #newest = -1;
  #average: Price | null = null;

  constructor(minutes: number) {
    this.minutes = minutes;
    const slots = minutes * SECONDS_PER_MINUTE + 1;
    this.#seconds = new Float64Array(slots);
    this.#quantities = new Float64Array(slots);
    this.#values = Array.from({ length: slots }, () => new Wide());
  }

  add(price: number, quantity: number, timeUs: number): void {
    const second = Math.floor(timeUs / US_PER_SECOND);
    this.#expire(second);
    if (this.#used === 0 || (this.#seconds[this.#newest] as number) < second) {
      const slot = (this.#oldest + this.#used) % this.#values.length;
      this.#used += 1;
      this.#newest = slot;
      this.#seconds[slot] = second;
      this.#quantities[slot] = 0;
      (this.#values[slot] as Wide).clear();
    }
    this.#value.setProduct(price, quantity, 1);
    (this.#values[this.#newest] as Wide).add(this.#value);
    this.#quantities[this.#newest] = (this.#quantities[this.#newest] as number) + quantity;
    this.#total.add(this.#value);
    this.#quantity += quantity;
    this.#average = null;
  }

  /** In ticks, rounded down; null where nothing was traded in the window. */
  at(timeUs: number): Price | null {
    this.#expire(Math.floor(timeUs / US_PER_SECOND));
    if (this.#quantity === 0) return null;
    this.#average ??= this.#compute();
    return this.#average;
  }

  /** The seconds kept, oldest first: second, lots, Σ price × lots as text. */
  saved(): SavedAverage {
    const seconds: (readonly [number, number, string])[] = [];
    for (let index = 0; index < this.#used; index += 1) {
      const slot = (this.#oldest + index) % this.#values.length;
      const value = (this.#values[slot] as Wide).toBig().toString();
      seconds.push([this.#seconds[slot] as number, this.#quantities[slot] as number, value]);
    }
    return { minutes: this.minutes, seconds };
  }

  /** Takes over what `saved` answered; for one that has seen no trade. */
  restore({ seconds }: SavedAverage): void {
    for (const [second, quantity, value] of seconds) {
      this.#newest = this.#used;
      this.#used += 1;
      this.#seconds[this.#newest] = second;
      this.#quantities[this.#newest] = quantity;
      const kept = (this.#values[this.#newest] as Wide).setBig(BigInt(value));
      this.#total.add(kept);
      this.#quantity += quantity;
    }
  }

  #compute(): Price {
    const { high, low } = this.#total;
    if (high !== 0 && high * LIMB + low > Number.MAX_SAFE_INTEGER) {
      return Number(this.#total.toBig() / BigInt(this.#quantity)) as Price;
    }
    const total = high * LIMB + low;
    return ((total - (total % this.#quantity)) / this.#quantity) as Price;
  }

  #expire(second: number): void {
    const from = second - this.minutes * SECONDS_PER_MINUTE;
    while (this.#used > 0 && (this.#seconds[this.#oldest] as number) <= from) {
      this.#total.subtract(this.#values[this.#oldest] as Wide);
      this.#quantity -= this.#quantities[this.#oldest] as number;
      this.#oldest = (this.#oldest + 1) % this.#values.length;
      this.#used -= 1;
      this.#average = null;
    }
  }
}
