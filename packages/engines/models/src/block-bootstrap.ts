import type { Random } from '@monsta/core';

/** A measured quantity with its interval at `level` (0–1). */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface BootstrapOptions {
  readonly random: Random;
  /** Length of the blocks: longer than what makes neighbours alike. */
  readonly block: number;
  readonly resamples: number;
}

const RESAMPLES_PER_STEP = 100;

/**
 * Sums of each series over resamples of circular blocks (Politis and Romano, 1992): every resample draws blocks with replacement
 * until it is as long as the series; all series are drawn alike, so that differences between them are paired.
 * Returns for each series its sums, one a resample. The series hold integers, so that sums are exact.
 */
export function* blockBootstrapSums(
  series: readonly Int8Array[],
  { random, block, resamples }: BootstrapOptions,
): Generator<void, readonly Float64Array[]> {
  const length = series[0]?.length ?? 0;
  const size = Math.min(block, length);
  // Sums up to each place of the series laid out twice: a block that runs over the end goes on at the start.
  const running = series.map((values) => {
    const sums = new Float64Array(2 * length + 1);
    for (let index = 0; index < 2 * length; index += 1)
      sums[index + 1] = (sums[index] ?? Number.NaN) + (values[index % length] ?? Number.NaN);
    return sums;
  });
  const totals = series.map(() => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample += 1) {
    if (resample > 0 && resample % RESAMPLES_PER_STEP === 0) yield;
    for (let filled = 0; filled < length; filled += size) {
      const from = random.integer(length);
      const to = from + Math.min(size, length - filled);
      for (const [index, sums] of running.entries()) {
        const total = totals[index];
        if (total !== undefined)
          total[resample] = (total[resample] ?? Number.NaN) + ((sums[to] ?? Number.NaN) - (sums[from] ?? Number.NaN));
      }
    }
  }
  return totals;
}

/** The quantile `share` (0–1) of sorted values, linear between neighbours. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (place - below);
}

/** The percentile interval of resampled values around the measured one. */
export function percentileEstimate(value: number, resampled: Float64Array, level: number): Estimate {
  const sorted = Float64Array.from(resampled).sort();
  return { value, low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2), level };
}
