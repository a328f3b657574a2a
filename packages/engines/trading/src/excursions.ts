import { divide, RATE_UNIT, subtractAmounts, ZERO_AMOUNT } from '@monsta/core';
import type { Amount } from '@monsta/core';

/**
 * Maximum adverse and maximum favourable excursion (MAE, MFE; J. Sweeney, "Maximum Adverse Excursion", Wiley 1997): how far the market went against a
 * position, and in its favour, while it was held.
 *
 * At each price that was seen, the open profit is the value of the coins held less what they cost, without fees. `adverse` is the deepest it was below zero
 * (as a positive amount), `favourable` the highest above. Where a position was built in parts, the coins and the cost are those of that moment. The shares are
 * of the cost at that moment, of a short position of what it was sold for, which for an unchanged position is Sweeney's own measure: the distance from the entry price over the entry price.
 */
export interface Excursions {
  /** In quote, not below zero. */
  readonly adverse: Amount;
  readonly favourable: Amount;
  /** Parts per million; the adverse one rounded up, the favourable one down. */
  readonly adversePpm: number;
  readonly favourablePpm: number;
}

export const NO_EXCURSIONS: Excursions = {
  adverse: ZERO_AMOUNT,
  favourable: ZERO_AMOUNT,
  adversePpm: 0,
  favourablePpm: 0,
};

/** Parts per million in whole ones, exactly. Where the binary quotient is far from a whole one it tells on which side of it the exact one is. */
function ppmOf(size: bigint, whole: bigint, mode: 'ceil' | 'floor'): number {
  const near = (Number(size) / Number(whole)) * 1e6;
  if (near < 1e9 && Math.abs(near - Math.round(near)) > 1e-5)
    return mode === 'ceil' ? Math.ceil(near) : Math.floor(near);
  return Number(divide(size * RATE_UNIT, whole, mode));
}

/** Takes what the coins held were worth at a price that was seen, and what they had cost; both are below 0 of a short position. The same object where nothing went further. */
export function withExcursion(before: Excursions, value: Amount, cost: Amount): Excursions {
  const profit = subtractAmounts(value, cost);
  if (profit === 0n) return before;
  const size = profit < 0n ? (-profit as Amount) : profit;
  const whole = cost < 0n ? -cost : cost;
  const ppm = whole > 0n ? ppmOf(size, whole, profit < 0n ? 'ceil' : 'floor') : 0;
  if (profit < 0n) {
    if (size <= before.adverse && ppm <= before.adversePpm) return before;
    const adverse = size > before.adverse ? size : before.adverse;
    const { favourable, favourablePpm } = before;
    return { adverse, favourable, adversePpm: Math.max(ppm, before.adversePpm), favourablePpm };
  }
  if (size <= before.favourable && ppm <= before.favourablePpm) return before;
  const favourable = size > before.favourable ? size : before.favourable;
  const { adverse, adversePpm } = before;
  return { adverse, favourable, adversePpm, favourablePpm: Math.max(ppm, before.favourablePpm) };
}
