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
import { sizeOf, valueAt } from './position.ts';

/** A strategy's price, a binary number, on the tick grid: down for a buy, up for a sell, so that it never gets worse. Faults as `parsePrice`. */
export function limitFromApproximate(value: number, side: OrderSide, instrument: Instrument): Result<Price> {
  // Four digits beyond the tick are kept, so that 0.1 + 0.2 is 0.3 and no tick more.
  return parsePrice(value.toFixed(instrument.tick.scale + 4), instrument, side === 'buy' ? 'down' : 'up');
}

/** What brings a position to its target; `none`: nothing does, and why. */
export type Sizing =
  | { readonly side: OrderSide; readonly quantity: Quantity; readonly reduceOnly: boolean }
  | { readonly none: string };

export interface SizingInput {
  /** Share of the allocation, parts per million; below 0 short. */
  readonly targetPpm: number;
  readonly allocation: Amount;
  readonly held: Amount;
  readonly sellable: Quantity;
  readonly instrument: Instrument;
  /** What the position is valued at, and what an entry trades at. */
  readonly mark: Price;
  readonly enterAt: Price;
  readonly rebalanceBandPpm: number;
}

const lastWanted = { allocation: 0n as Amount, ppm: 0, wanted: 0n as Amount };

/** A share of an allocation; the same is asked for again and again where it is an amount. */
function wantedOf(allocation: Amount, ppm: number): Amount {
  const last = lastWanted;
  if (last.ppm !== ppm || last.allocation !== allocation) {
    last.wanted = applyRate(allocation, ppm, 'floor');
    last.allocation = allocation;
    last.ppm = ppm;
  }
  return last.wanted;
}

/** The order towards a target other than zero on the side of what is held, if anything is: a short position is measured by what it owes. Quantities are rounded down to the lot. Pure. */
export function sizeTowards(input: SizingInput): Sizing {
  const { targetPpm, allocation, held, sellable, instrument, mark, enterAt, rebalanceBandPpm } = input;
  const wanted = wantedOf(allocation, Math.abs(targetPpm));
  const difference = subtractAmounts(wanted, valueAt(sizeOf(held), mark, instrument));
  const [enter, exit] = targetPpm < 0 ? (['sell', 'buy'] as const) : (['buy', 'sell'] as const);
  if (sellable > 0 && absAmount(difference) <= applyRate(allocation, rebalanceBandPpm, 'floor')) {
    return { none: 'what is held is near enough to the target' };
  }
  if (difference > 0n) {
    const size = affordableQuantity(difference, enterAt, instrument);
    return size > 0
      ? { side: enter, quantity: size, reduceOnly: false }
      : { none: 'the target is less than one lot away' };
  }
  const size = Math.min(sellable, affordableQuantity(absAmount(difference), mark, instrument)) as Quantity;
  return size > 0 ? { side: exit, quantity: size, reduceOnly: true } : { none: 'the target is less than one lot away' };
}
