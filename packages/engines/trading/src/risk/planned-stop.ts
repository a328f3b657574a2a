import { divide, price, RATE_UNIT } from '@monsta/core';
import type { OrderSide, Price } from '@monsta/core';
import type { ExitPlan } from '../exit-plan.ts';

/** A trigger that far below a price, rounded down, or above it, rounded up: the loss down to it is never reckoned too small. At least one tick. */
const away = (at: Price, ppm: number, side: OrderSide): Price => {
  const rate = side === 'buy' ? RATE_UNIT - BigInt(ppm) : RATE_UNIT + BigInt(ppm);
  const ticks = Number(divide(BigInt(at) * rate, RATE_UNIT, side === 'buy' ? 'floor' : 'ceil'));
  return price(Math.max(1, ticks));
};

/** Where a position that is entered at `at` will be stopped: by the plan of the position, its own or the configured one. Of a trigger that stands and one that trails the nearer acts first. Null where there is none. */
export function stopOfEntry(plan: ExitPlan | null, at: Price, side: OrderSide = 'buy'): Price | null {
  const stop = plan?.stop ?? null;
  if (stop === null) return null;
  const fixed = stop.price ?? (stop.distancePpm === null ? null : away(at, stop.distancePpm, side));
  const trailing = stop.trailingBps === null ? null : away(at, stop.trailingBps * 100, side);
  if (fixed === null || trailing === null) return fixed ?? trailing;
  return fixed > trailing === (side === 'buy') ? fixed : trailing;
}
