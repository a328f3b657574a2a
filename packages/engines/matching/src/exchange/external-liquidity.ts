/** What others offer a taker at one place, beside the orders in the book. Prices in ticks, quantities in lots. Valid until the next is asked for. */
export interface ExternalOffer {
  /** Where it stands among the prices of the book. */
  readonly price: number;
  /** What is paid for it or got for it: with slippage, never better than `price` and never beyond the taker's limit. */
  readonly paid: number;
  /** 0 where it is used up. */
  readonly quantity: number;
}

/**
 * The liquidity of a feed that our orders are not in. A taker finds its offers merged with the book by price; at one price they come before the book's orders, because they
 * were there first. What is taken from it is no trade that anybody else sees: it moves neither the last price nor an average, and triggers nothing.
 */
export interface ExternalLiquidity {
  /** What positions are reckoned at while it is another than the last price; 0 otherwise. */
  readonly mark: number;
  /** True where an order that its owner can't pay for is made as small as he can; otherwise it is refused. */
  readonly cutsToFunds: boolean;
  /** The best price offered to a taker of that side; 0 where nothing is. */
  best(isBuy: boolean): number;
  /**
   * The offer at `index`, best first; null where there are no more within `limit` (0: no limit). `size` is the whole order's, for models in which a larger order pays more.
   * Changes nothing.
   */
  offer(isBuy: boolean, index: number, limit: number, size: number): ExternalOffer | null;
  /** Books that `quantity` of the offer at `index` is gone. */
  take(isBuy: boolean, index: number, quantity: number): void;
}
