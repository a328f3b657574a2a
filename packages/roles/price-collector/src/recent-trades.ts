import type { TradeTick } from '@monsta/core';

/** The newest trades, oldest first; bounded. */
export class RecentTrades {
  readonly #max: number;
  #trades: TradeTick[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  push(trade: TradeTick): void {
    this.#trades.push(trade);
    // In blocks, so that not every trade moves the whole list.
    if (this.#trades.length >= 2 * this.#max) this.#trades = this.#trades.slice(-this.#max);
  }

  /** Puts what `convert` makes of each trade in its place, and lets go of those that it makes nothing of. */
  convert(convert: (trade: TradeTick) => TradeTick | null): void {
    this.#trades = this.#trades.flatMap((trade) => convert(trade) ?? []);
  }

  newest(limit: number): readonly TradeTick[] {
    return limit <= 0 ? [] : this.#trades.slice(-Math.min(limit, this.#max));
  }
}
