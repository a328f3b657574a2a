import { ceilMsToInterval, floorMsToInterval, intervalMs, type Interval } from '@monsta/core';
import type { BarGap } from './bar-quality.ts';

/** Another series that was kept at the same time. */
export interface Witness {
  /** e.g. `ETHUSDT 1h`. */
  readonly name: string;
  readonly interval: Interval;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly gaps: readonly Pick<BarGap, 'beforeMs' | 'afterMs'>[];
}

/**
 * What other series say of a gap. Those that have bars of which not one within the gap is there say that the exchange stood still; one that is there says that it did not. One whose bars are all too
 * long to lie within the gap, or that was not kept then, says nothing.
 */
export interface WitnessedGap extends BarGap {
  readonly missingToo: readonly string[];
  readonly presentIn: readonly string[];
}

/** Whether of a witness's bars that lie within `fromMs` and `toMs` any is there; null where it can't say. */
function anyPresent({ interval, firstMs, lastMs, gaps }: Witness, fromMs: number, toMs: number): boolean | null {
  const first = ceilMsToInterval(fromMs, interval);
  const last = floorMsToInterval(toMs, interval) - intervalMs(interval);
  if (firstMs === null || lastMs === null || first > last || first < firstMs || last > lastMs) return null;
  return !gaps.some(({ beforeMs, afterMs }) => beforeMs < first && afterMs > last);
}

/** Holds the gaps of bars of an interval against series that were kept beside them. */
export function witnessGaps(
  gaps: readonly BarGap[],
  interval: Interval,
  witnesses: readonly Witness[],
): readonly WitnessedGap[] {
  const step = intervalMs(interval);
  return gaps.map((gap) => {
    const told = witnesses.map((witness) => ({
      name: witness.name,
      present: anyPresent(witness, gap.beforeMs + step, gap.afterMs),
    }));
    return {
      ...gap,
      missingToo: told.flatMap(({ name, present }) => (present === false ? [name] : [])),
      presentIn: told.flatMap(({ name, present }) => (present === true ? [name] : [])),
    };
  });
}
