import { err, ok, seededRandom, type Result } from '@monsta/core';
import { percentileEstimate, type Estimate } from './block-bootstrap.ts';
import { logLossOf } from './reliability.ts';

/** Two models' probabilities of a rise for the same rows, none of which either of them had learnt from. */
export interface PairedForecasts {
  /** Of the model that serves. */
  readonly serving: Float64Array;
  /** Of the one that may take its place. */
  readonly challenger: Float64Array;
  /** 1: the price rose. */
  readonly up: Uint8Array;
}

export interface ComparisonOptions {
  /** Rows a block of the bootstrap. */
  readonly block: number;
  readonly resamples: number;
  /** Of the interval, 0–1. */
  readonly level: number;
  readonly seed: number;
  /** Fewer rows compare nothing. */
  readonly rowsMin: number;
}

/** How two models did on the same rows. Log losses are means, in natural logarithms. */
export interface ModelComparison {
  readonly rows: number;
  readonly servingLogLoss: number;
  readonly challengerLogLoss: number;
  /** The challenger's less the serving one's, with its paired interval: above zero the challenger is worse. */
  readonly difference: Estimate;
  /** True when the whole interval lies above zero. */
  readonly worse: boolean;
}

const BLOCKS_PER_STEP = 30_000;
const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/**
 * Compares two models by the log losses of the same rows, in steps. The interval of the difference is that of a circular block bootstrap
 * (Politis and Romano, 1992) of the row by row differences, so that what is hard to forecast for both cancels out. Fault `rows_too_few`.
 */
export function* comparisonSteps(
  { serving, challenger, up }: PairedForecasts,
  { block, resamples, level, seed, rowsMin }: ComparisonOptions,
): Generator<void, Result<ModelComparison>> {
  const rows = up.length;
  if (rows < Math.max(1, rowsMin))
    return err('rows_too_few', `${rows} rows are too few to compare two models on; ${rowsMin} are needed`);
  // Twice around, so that a block that runs over the end goes on at the start.
  const sums = new Float64Array(2 * rows + 1);
  let [servingLoss, challengerLoss] = [0, 0];
  for (let row = 0; row < 2 * rows; row += 1) {
    const index = row < rows ? row : row - rows;
    const rose = up[index] === 1;
    const [old, young] = [at(serving, index), at(challenger, index)];
    const [oldLoss, youngLoss] = [logLossOf(rose ? old : 1 - old), logLossOf(rose ? young : 1 - young)];
    if (row < rows) {
      servingLoss += oldLoss;
      challengerLoss += youngLoss;
    }
    sums[row + 1] = at(sums, row) + youngLoss - oldLoss;
  }
  yield;
  const random = seededRandom(seed);
  const size = Math.min(block, rows);
  const blocks = Math.ceil(rows / size);
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample += 1) {
    if (resample > 0 && (resample * blocks) % BLOCKS_PER_STEP < blocks) yield;
    let total = 0;
    for (let drawn = 0; drawn < blocks; drawn += 1) {
      const from = random.integer(rows);
      total += at(sums, from + Math.min(size, rows - drawn * size)) - at(sums, from);
    }
    means[resample] = total / rows;
  }
  const difference = percentileEstimate((challengerLoss - servingLoss) / rows, means, level);
  return ok({
    rows,
    servingLogLoss: servingLoss / rows,
    challengerLogLoss: challengerLoss / rows,
    difference,
    worse: difference.low > 0,
  });
}
