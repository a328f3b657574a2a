import { expectOk, ok, seededRandom, type Random } from '@monsta/core';
import { datasetSteps, emptyBarColumns, runSteps, writeBar, type Dataset } from '@monsta/features';
import type { ScoringData } from './evaluation.ts';

/** One-hour bars from log returns, with a narrow range around each close and volume of no meaning. */
export function datasetFromReturns(returns: readonly number[], horizonBars: number, random: Random): Dataset {
  const columns = emptyBarColumns('1h', returns.length);
  let close = 100;
  for (const [index, move] of returns.entries()) {
    const open = close;
    close *= Math.exp(move);
    writeBar(columns, index, {
      openTimeMs: index * 3_600_000,
      open,
      high: Math.max(open, close) * 1.0001,
      low: Math.min(open, close) / 1.0001,
      close,
      volume: 1 + random.next(),
    });
  }
  return expectOk(runSteps(datasetSteps(columns, horizonBars)));
}

/** Features and labels without any connection. */
export function noiseData(seed: number, rows: number, width: number): ScoringData {
  const random = seededRandom(seed);
  return {
    featureNames: Array.from({ length: width }, (_, index) => `noise_${index}`),
    rows,
    width,
    horizonBars: 1,
    features: Float64Array.from({ length: rows * width }, () => random.gaussian()),
    up: Uint8Array.from({ length: rows }, () => random.integer(2)),
    lastSign: Int8Array.from({ length: rows }, () => 2 * random.integer(2) - 1),
    barIndex: Int32Array.from({ length: rows }, (_, index) => index),
  };
}

/** The least count that a binomial variable exceeds with at most the probability `tail`. */
export function binomialUpperBound(trials: number, probability: number, tail: number): number {
  let term = (1 - probability) ** trials;
  let below = term;
  let count = 0;
  while (1 - below > tail) {
    term *= ((trials - count) / (count + 1)) * (probability / (1 - probability));
    below += term;
    count += 1;
  }
  return count;
}

/** What an executor without a model of its own needs to be one. */
export const MODELLESS = {
  parameters: {},
  acceptsMissing: true,
  encode: () => null,
  decode: () => ok(null),
} as const;
