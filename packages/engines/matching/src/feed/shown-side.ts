import type { BookLevel } from '@monsta/core';

/** Levels kept a side; a deeper one is not taken in. */
const LEVELS_MAX = 5_000;

/** The levels of a side, in columns. */
export interface ShownSideState {
  readonly prices: readonly number[];
  readonly shown: readonly number[];
  readonly left: readonly number[];
}

/** One side of what a feed shows, best first, and what of it is still there after what our own orders took. */
export class ShownSide {
  readonly prices: number[] = [];
  readonly shown: number[] = [];
  readonly left: number[] = [];
  readonly #isBids: boolean;

  constructor(isBids: boolean) {
    this.#isBids = isBids;
  }

  get count(): number {
    return this.prices.length;
  }

  /** The best price; 0 where nothing is shown. */
  get best(): number {
    return this.prices.length === 0 ? 0 : (this.prices[0] as number);
  }

  /** Shows one level and nothing else; a price of 0 shows nothing. */
  setOne(price: number, quantity: number): void {
    if (price <= 0) {
      this.#clear();
      return;
    }
    if (this.prices.length !== 1) this.#clear();
    this.prices[0] = price;
    this.shown[0] = quantity;
    this.left[0] = quantity;
  }

  /** Shows another best: nothing better than it is there any more, and what lies behind it stays as it was. A price of 0 shows nothing at all. */
  setBest(price: number, quantity: number): void {
    if (price <= 0) {
      this.#clear();
      return;
    }
    const better = this.#indexOf(price);
    if (better > 0) for (const column of [this.prices, this.shown, this.left]) column.splice(0, better);
    this.change(price, quantity);
  }

  /** Shows these levels, best first, and nothing else. */
  setAll(levels: readonly BookLevel[]): void {
    this.#clear();
    for (const [price, quantity] of levels.slice(0, LEVELS_MAX)) {
      this.prices.push(price);
      this.shown.push(quantity);
      this.left.push(quantity);
    }
  }

  /** Shows another quantity at one price; 0 takes the level away. */
  change(price: number, quantity: number): void {
    const at = this.#indexOf(price);
    const there = this.prices[at] === price;
    if (quantity === 0) {
      if (there) for (const column of [this.prices, this.shown, this.left]) column.splice(at, 1);
      return;
    }
    if (there) {
      this.shown[at] = quantity;
      this.left[at] = quantity;
      return;
    }
    if (at >= LEVELS_MAX) return;
    this.prices.splice(at, 0, price);
    this.shown.splice(at, 0, quantity);
    this.left.splice(at, 0, quantity);
    if (this.prices.length > LEVELS_MAX) for (const column of [this.prices, this.shown, this.left]) column.pop();
  }

  /**
   * What is shown at a price: 0 where the feed shows that nothing is there, null where it doesn't say, because the price lies beyond the worst level shown.
   */
  at(price: number): number | null {
    const index = this.#indexOf(price);
    if (this.prices[index] === price) return this.shown[index] as number;
    return index < this.prices.length ? 0 : null;
  }

  /** Everything, for `goOn`. */
  state(): ShownSideState {
    return { prices: [...this.prices], shown: [...this.shown], left: [...this.left] };
  }

  /** Takes over the levels of another side that shows nothing yet. */
  goOn({ prices, shown, left }: ShownSideState): void {
    this.prices.push(...prices);
    this.shown.push(...shown);
    this.left.push(...left);
  }

  /** The first index whose level is no better than `price`. */
  #indexOf(price: number): number {
    let from = 0;
    let to = this.prices.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const other = this.prices[middle] as number;
      if (this.#isBids ? other > price : other < price) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #clear(): void {
    this.prices.length = 0;
    this.shown.length = 0;
    this.left.length = 0;
  }
}
