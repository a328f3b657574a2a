import type { Price, Quantity } from '@monsta/core';
import type { PriceLevels } from './price-levels.ts';
import { NONE } from './records.ts';
import type { DepthLevel } from './vocabulary.ts';

/** Changes that are kept; beyond them the delta is given up and a snapshot must be sent. */
const CHANGES_MAX = 65_536;
const CHANGES_MIN = 256;

/** The prices that changed, in the order in which they did; one whose level went and came again is there twice. */
export interface SavedDirtyLevels {
  readonly prices: readonly number[];
  readonly overflowed: boolean;
}

/**
 * The levels of a side that changed and wait to be published. Only their prices are kept: a level that has gone needs no room any more, and numbers sort faster than
 * levels.
 */
export class DirtyLevels {
  readonly #side: PriceLevels;
  #prices = new Float64Array(CHANGES_MIN);
  #count = 0;
  #overflowed = false;

  constructor(side: PriceLevels) {
    this.#side = side;
  }

  /** Notes a change of a level that is not noted yet. */
  add(level: number): void {
    if (this.#count === CHANGES_MAX) {
      this.#overflowed = true;
      return;
    }
    if (this.#count === this.#prices.length) {
      const wider = new Float64Array(this.#count * 2);
      wider.set(this.#prices);
      this.#prices = wider;
    }
    this.#side.setDirty(level, true);
    this.#prices[this.#count] = this.#side.priceOf(level);
    this.#count += 1;
  }

  /** The changed levels as they are now, best first, and forgets them. */
  take(): readonly DepthLevel[] | 'overflowed' {
    const prices = this.#prices.subarray(0, this.#count).sort();
    const taken: DepthLevel[] = [];
    let last = 0;
    for (const price of prices) {
      if (price === last) continue;
      last = price;
      const level = this.#side.find(price);
      if (level !== NONE) this.#side.setDirty(level, false);
      taken.push([price as Price, (level === NONE ? 0 : this.#side.quantityOf(level)) as Quantity]);
    }
    this.#count = 0;
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    if (overflowed) return 'overflowed';
    return this.#side.ascending ? taken : taken.reverse();
  }

  saved(): SavedDirtyLevels {
    return { prices: [...this.#prices.subarray(0, this.#count)], overflowed: this.#overflowed };
  }

  /** Takes over what `saved` answered, once the levels are back. */
  restore({ prices, overflowed }: SavedDirtyLevels): void {
    this.#prices = new Float64Array(Math.max(CHANGES_MIN, prices.length));
    this.#prices.set(prices);
    this.#count = prices.length;
    this.#overflowed = overflowed;
    for (const price of prices) {
      const level = this.#side.find(price);
      if (level !== NONE) this.#side.setDirty(level, true);
    }
  }
}
