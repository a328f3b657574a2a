import type { Random } from '@monsta/core';

/** Delay before attempt number `attempt` (from 0): doubled each time up to the limit, then between half of it and all. */
export function backoffMs(
  attempt: number,
  limits: { readonly minMs: number; readonly maxMs: number },
  random: Random,
): number {
  const full = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(attempt, 30));
  return full / 2 + random.next() * (full / 2);
}
