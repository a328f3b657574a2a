import { normalQuantile, type Random } from '@monsta/core';

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

/** One value a row; whole numbers are summed exactly. */
export type Series = Int8Array | Float64Array;

const at = (values: Series | Int32Array, index: number): number => values[index] ?? Number.NaN;

/** Sums up to each place of the series laid out twice: a block that runs over the end goes on at the start. */
function runningSums(values: Series): Float64Array {
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
 * Returns for each series its sums, one a resample: exact where the series holds integers.
 */
export function* blockBootstrapSums(
  series: readonly Series[],
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

/** Resamples beyond an end of an interval, fewer of which would leave that end to chance. */
const TAIL_RESAMPLES = 10;

/**
 * Student's t over the normal quantile at a two-sided level: by how much an interval has to be wider where the spread was itself reckoned from `blocks` blocks.
 * (Expansion of Abramowitz and Stegun 26.7.5; right to 1 % from nine blocks on at 95 %.)
 */
export function studentFactor(level: number, blocks: number): number {
  const degrees = Math.max(1, blocks - 1);
  const z = normalQuantile((1 + level) / 2);
  const square = z * z;
  return (
    1 +
    (square + 1) / (4 * degrees) +
    (5 * square ** 2 + 16 * square + 3) / (96 * degrees ** 2) +
    (3 * square ** 3 + 19 * square ** 2 + 17 * square - 15) / (384 * degrees ** 3)
  );
}

/**
 * By how much the spread of block resamples has to be stretched to be honest where neighbours overlap by `horizonBars`: blocks of `block` rows miss the share `horizonBars / (3 · block)` of
 * the variance (what overlapping sums share is cut at their ends), and resampling `rows` around their own mean the share `block / rows`; the rest is `studentFactor`.
 */
export function honestStretch(rows: number, block: number, horizonBars: number, level: number): number {
  const seen = Math.max(0.25, (1 - horizonBars / (3 * block)) * (1 - block / rows));
  return studentFactor(level, rows / block) / Math.sqrt(seen);
}

/**
 * The percentile interval of resampled values around the measured one, its ends `stretch` times as far away as theirs. Where fewer than ten resamples lie beyond an end, the distance of the
 * end that ten lie beyond is carried on as a normal distribution goes on.
 */
export function percentileEstimate(value: number, resampled: Float64Array, level: number, stretch = 1): Estimate {
  const sorted = Float64Array.from(resampled).sort();
  const tail = (1 - level) / 2;
  const resolved = Math.min(Math.max(tail, TAIL_RESAMPLES / Math.max(1, sorted.length)), 0.25);
  const carried = tail < resolved ? normalQuantile(tail) / normalQuantile(resolved) : 1;
  const end = (share: number): number => {
    const found = quantile(sorted, share);
    // Added to nothing where nothing is to be changed, so that the percentile stays what it is to the last bit.
    return found + (found - value) * (stretch * carried - 1);
  };
  return { value, low: end(carried === 1 ? tail : resolved), high: end(1 - (carried === 1 ? tail : resolved)), level };
}
