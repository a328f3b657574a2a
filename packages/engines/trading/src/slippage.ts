import { divide, notional, NotionalSum } from '@monsta/core';
import type { Amount, Fill, Instrument, Price } from '@monsta/core';

/** What of a fill is measured. */
type Measured = Pick<Fill, 'side' | 'price' | 'quantity'>;

/**
 * What a fill cost against the price at which the order was decided on, in the quote asset: `(fill price − decision price) × quantity` of a buy, the negative of a sell. Above zero is
 * worse than decided, below better; fees are not in it. Exact. (Perold 1988, "The implementation shortfall", the execution part.)
 */
export function slippageOf({ side, price, quantity }: Measured, decisionPrice: Price, instrument: Instrument): Amount {
  const paid = notional(price, quantity, instrument);
  const decided = notional(decisionPrice, quantity, instrument);
  return (side === 'buy' ? paid - decided : decided - paid) as Amount;
}

/** `lost` in basis points of `decided`, rounded half-even to a hundredth; null where nothing was decided on. */
export function basisPointsOf(lost: Amount, decided: Amount): number | null {
  if (decided === 0n) return null;
  return Number(divide(lost * 1_000_000n, decided, 'half-even')) / 100;
}

/** What all fills so far of a kind cost against the prices they were decided at. */
export interface SlippageTotal {
  /** Fills that were measured; one whose decision price is unknown is in none of the figures. */
  readonly fills: number;
  /** What they would have been worth at their decision prices, in the quote asset. */
  readonly decided: Amount;
  /** What was lost by slippage, in the quote asset; below zero: gained. */
  readonly lost: Amount;
}

/** Such a total while it grows. */
export class GrowingSlippage {
  #fills: number;
  readonly #decided: NotionalSum;
  readonly #lost: NotionalSum;

  constructor(from: SlippageTotal | null = null) {
    this.#fills = from?.fills ?? 0;
    this.#decided = new NotionalSum(from?.decided);
    this.#lost = new NotionalSum(from?.lost);
  }

  /** Takes one more fill. */
  add({ side, price, quantity }: Measured, decisionPrice: Price, instrument: Instrument): void {
    this.#fills += 1;
    this.#decided.add(decisionPrice, quantity, instrument);
    this.#lost.add(side === 'buy' ? price - decisionPrice : decisionPrice - price, quantity, instrument);
  }

  get total(): SlippageTotal {
    return { fills: this.#fills, decided: this.#decided.value, lost: this.#lost.value };
  }
}
