import { divide, notional } from '@monsta/core';
import type { Amount, Fill, Instrument, Price } from '@monsta/core';

/**
 * What a fill cost against the price at which the order was decided on, in the quote asset: `(fill price − decision price) × quantity` of a buy, the negative of a sell. Above zero is
 * worse than decided, below better; fees are not in it. Exact. (Perold 1988, "The implementation shortfall", the execution part.)
 */
export function slippageOf(
  { side, price, quantity }: Pick<Fill, 'side' | 'price' | 'quantity'>,
  decisionPrice: Price,
  instrument: Instrument,
): Amount {
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

export const NO_SLIPPAGE: SlippageTotal = { fills: 0, decided: 0n as Amount, lost: 0n as Amount };

/** The total with one more fill. */
export function withSlippage(
  total: SlippageTotal,
  fill: Pick<Fill, 'side' | 'price' | 'quantity'>,
  decisionPrice: Price,
  instrument: Instrument,
): SlippageTotal {
  return {
    fills: total.fills + 1,
    decided: (total.decided + notional(decisionPrice, fill.quantity, instrument)) as Amount,
    lost: (total.lost + slippageOf(fill, decisionPrice, instrument)) as Amount,
  };
}
