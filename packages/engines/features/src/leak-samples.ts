import { intervalMs, seededRandom } from '@monsta/core';
import type { BarColumns } from './bar-columns.ts';

/** Neighbours that are looked at together: a longer bar ends at one of them at most, and what looks into it is found at the others. */
const RUN = 3;
/** Gaps whose surroundings are looked at. */
const GAPS_MAX = 4;

/**
 * Bars that are worth a look, in their order: the first, the first warm one, the last, those around some gaps, those where the features are warm again after them, and runs of neighbours
 * anywhere. About `count` of them.
 */
export function sampledBars(columns: BarColumns, warmUpBars: number, count: number, seed: number): readonly number[] {
  const { length, openTimeMs, interval } = columns;
  const random = seededRandom(seed);
  const stepMs = intervalMs(interval);
  const chosen = new Set<number>();
  const take = (...bars: readonly number[]): void => {
    for (const bar of bars) if (bar >= 0 && bar < length) chosen.add(bar);
  };
  take(0, warmUpBars - 1, warmUpBars, length - 1, length - 2, length - 3);
  const gaps: number[] = [];
  for (let index = 1; index < length; index += 1)
    if ((openTimeMs[index] as number) !== (openTimeMs[index - 1] as number) + stepMs) gaps.push(index);
  for (let taken = 0; taken < Math.min(GAPS_MAX, gaps.length); taken += 1) {
    const [gap = 0] = gaps.splice(random.integer(gaps.length), 1);
    take(gap - 2, gap - 1, gap, gap + warmUpBars - 1);
  }
  // Warm ones, since a missing value hides what it would have seen.
  const room = Math.max(1, length - warmUpBars);
  for (let tries = 0; chosen.size < count && tries < count; tries += 1) {
    const first = warmUpBars + random.integer(room);
    take(...Array.from({ length: RUN }, (_, step) => first + step));
  }
  return [...chosen].sort((a, b) => a - b);
}
