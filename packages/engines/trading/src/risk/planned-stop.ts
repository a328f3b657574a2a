import { divide, price, RATE_UNIT } from '@monsta/core';
import type { Price } from '@monsta/core';
import type { ExitPlan } from '../exit-plan.ts';

/** A trigger that far below a price, rounded down: the loss down to it is never reckoned too small. At least one tick. */
const below = (at: Price, ppm: number): Price => {
  const ticks = Number(divide(BigInt(at) * (RATE_UNIT - BigInt(ppm)), RATE_UNIT, 'floor'));
  return price(Math.max(1, ticks));
};

/** Where a position that is entered at `at` will be stopped: by the plan of the position, its own or the configured one. Of a trigger that stands and one that trails the higher acts first. Null where there is none. */
export function stopOfEntry(plan: ExitPlan | null, at: Price): Price | null {
  const stop = plan?.stop ?? null;
  if (stop === null) return null;
  const fixed = stop.price ?? (stop.distancePpm === null ? null : below(at, stop.distancePpm));
  const trailing = stop.trailingBps === null ? null : below(at, stop.trailingBps * 100);
  if (fixed === null || trailing === null) return fixed ?? trailing;
  return fixed > trailing ? fixed : trailing;
}
