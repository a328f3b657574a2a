import type { ExternalLiquidity, ExternalOffer } from '../exchange/external-liquidity.ts';
import type { TickRules } from './fill-rules.ts';
import { ShownSide } from './shown-side.ts';
import { movedPrice, moveOf, type Move } from './slippage.ts';

/** What a feed of quotes or books offers to takers. What one order takes the next does not find, until the feed shows the level anew. */
export class ShownBook implements ExternalLiquidity {
  readonly mark = 0;
  readonly cutsToFunds = false;
  readonly bids = new ShownSide(true);
  readonly asks = new ShownSide(false);
  readonly #rules: TickRules;
  readonly #volume: () => number;

  /** `volume`: the lots traded in the last minute. */
  constructor(rules: TickRules, volume: () => number) {
    this.#rules = rules;
    this.#volume = volume;
  }

  best(isBuy: boolean): number {
    return (isBuy ? this.asks : this.bids).best;
  }

  offer(isBuy: boolean, index: number, limit: number, size: number): ExternalOffer | null {
    const side = isBuy ? this.asks : this.bids;
    if (index < side.count) {
      const price = side.prices[index] as number;
      if (limit > 0 && (isBuy ? price > limit : price < limit)) return null;
      const moved = movedPrice(price, isBuy, this.#move(size));
      const paid = limit === 0 ? moved : isBuy ? Math.min(moved, limit) : Math.max(moved, limit);
      return { price, paid, quantity: side.left[index] as number };
    }
    const { beyondPpm } = this.#rules;
    if (index > side.count || side.count === 0 || limit > 0 || beyondPpm === null) return null;
    const { ppm, ticks } = this.#move(size);
    const paid = movedPrice(side.prices[side.count - 1] as number, isBuy, { ppm: ppm + beyondPpm, ticks });
    return { price: paid, paid, quantity: Number.MAX_SAFE_INTEGER };
  }

  take(isBuy: boolean, index: number, quantity: number): void {
    const side = isBuy ? this.asks : this.bids;
    if (index < side.count) side.left[index] = (side.left[index] as number) - quantity;
  }

  #move(size: number): Move {
    const spread = this.bids.best > 0 ? Math.max(0, this.asks.best - this.bids.best) : 0;
    return moveOf(this.#rules.slippage, { spread, size, volume: this.#volume() });
  }
}
