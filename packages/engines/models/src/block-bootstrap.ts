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

/** Blocks drawn before a pause: about three milliseconds' work. */
const BLOCKS_PER_STEP = 30_000;

const at = (values: Float64Array | Int8Array | Int32Array, index: number): number => values[index] ?? Number.NaN;

/** Sums up to each place of the series laid out twice: a block that runs over the end goes on at the start. */
function runningSums(values: Int8Array): Float64Array {
  const { length } = values;
  const sums = new Float64Array(2 * length + 1);
  let sum = 0;
  for (let index = 0; index < 2 * length; index += 1) {
    sum += at(values, index < length ? index : index - length);
    sums[index + 1] = sum;
  }
  return sums;
}

/**
 * Sums of each series over resamples of circular blocks (Politis and Romano, 1992): every resample draws blocks with replacement
 * until it is as long as the series; all series are drawn alike, so that differences between them are paired.
 * Returns for each series its sums, one a resample. The series hold integers, so that sums are exact.
 */
export function* blockBootstrapSums(
  series: readonly Int8Array[],
  { random, block: blockLength, resamples }: BootstrapOptions,
): Generator<void, readonly Float64Array[]> {
  const length = series[0]?.length ?? 0;
  const size = Math.min(blockLength, length);
  const blocks = size === 0 ? 0 : Math.ceil(length / size);
  const running: Float64Array[] = [];
  for (const values of series) {
    running.push(runningSums(values));
    yield;
  }
  const totals = series.map(() => new Float64Array(resamples));
  const starts = new Int32Array(blocks);
  const resamplesPerStep = Math.max(1, Math.floor(BLOCKS_PER_STEP / Math.max(1, blocks)));
  for (let resample = 0; resample < resamples; resample += 1) {
    if (resample > 0 && resample % resamplesPerStep === 0) yield;
    for (let block = 0; block < blocks; block += 1) starts[block] = random.integer(length);
    for (const [index, sums] of running.entries()) {
      let total = 0;
      for (let block = 0; block < blocks; block += 1) {
        const from = at(starts, block);
        total += at(sums, from + Math.min(size, length - block * size)) - at(sums, from);
      }
      const drawn = totals[index];
      if (drawn !== undefined) drawn[resample] = total;
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
