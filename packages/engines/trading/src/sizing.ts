import {
  absAmount,
  affordableQuantity,
  applyRate,
  parsePrice,
  subtractAmounts,
  type Amount,
  type Instrument,
  type OrderSide,
  type Price,
  type Quantity,
  type Result,
} from '@monsta/core';
import { valueAt } from './position.ts';

/** A strategy's price, a binary number, on the tick grid: down for a buy, up for a sell, so that it never gets worse. Faults as `parsePrice`. */
export function limitFromApproximate(value: number, side: OrderSide, instrument: Instrument): Result<Price> {
  // Four digits beyond the tick are kept, so that 0.1 + 0.2 is 0.3 and no tick more.
  return parsePrice(value.toFixed(instrument.tick.scale + 4), instrument, side === 'buy' ? 'down' : 'up');
}

/** What brings a position to its target; `none`: nothing does, and why. */
export type Sizing = { readonly side: OrderSide; readonly quantity: Quantity } | { readonly none: string };

export interface SizingInput {
  /** Share of the allocation, parts per million. */
  readonly targetPpm: number;
  readonly allocation: Amount;
  readonly held: Amount;
  readonly sellable: Quantity;
  readonly instrument: Instrument;
  /** What the position is valued at, and what a buy pays. */
  readonly mark: Price;
  readonly buyAt: Price;
  readonly rebalanceBandPpm: number;
}

/** The order towards a target above zero; quantities are rounded down to the lot. Pure. */
export function sizeTowards(input: SizingInput): Sizing {
  const { targetPpm, allocation, held, sellable, instrument, mark, buyAt, rebalanceBandPpm } = input;
  const wanted = applyRate(allocation, targetPpm, 'floor');
  const difference = subtractAmounts(wanted, valueAt(held, mark, instrument));
  if (sellable > 0 && absAmount(difference) <= applyRate(allocation, rebalanceBandPpm, 'floor')) {
    return { none: 'what is held is near enough to the target' };
  }
  if (difference > 0n) {
    const size = affordableQuantity(difference, buyAt, instrument);
    return size > 0 ? { side: 'buy', quantity: size } : { none: 'the target is less than one lot away' };
  }
  const size = Math.min(sellable, affordableQuantity(absAmount(difference), mark, instrument)) as Quantity;
  return size > 0 ? { side: 'sell', quantity: size } : { none: 'the target is less than one lot away' };
}
