import type { Estimate } from '../block-bootstrap.ts';
import type { OutOfSample, ScoringData } from '../evaluation.ts';
import type { ReturnTrainingData } from '../executor.ts';
import type { Fold } from '../walk-forward.ts';
import { netOfCostsSteps, type NetOfCosts, type TradingCosts } from './net-of-costs.ts';
import type { Judged, Judgement } from './judgement.ts';

/** Mean absolute return over the horizon, as a share, of a fold's training rows. */
function meanMove(logReturn: Float64Array, { train }: Fold): number {
  let sum = 0;
  for (let row = train.from; row < train.to; row += 1) sum += Math.abs(Math.expm1(logReturn[row] ?? Number.NaN));
  return sum / (train.to - train.from);
}

/**
 * From what probability on a position is worth its costs: where (2p − 1) · mean move, what a direction called with probability p promises, is above the costs of a round trip. Above 1: never.
 */
export const breakEvenProbability = (move: number, { feeShare, slippageShare }: TradingCosts): number =>
  0.5 + (feeShare + slippageShare) / move;

/** The threshold of each fold: from its training rows and the costs alone, so that nothing of the test is in it. */
export const breakEvenOfFolds = (
  logReturn: Float64Array,
  folds: readonly Fold[],
  costs: TradingCosts,
): readonly number[] => folds.map((fold) => breakEvenProbability(meanMove(logReturn, fold), costs));

/** Signals of the rows from the first one that has a calibrated probability on. */
export interface Signals {
  /** The first row of the data that has one; the number of rows where none has. */
  readonly first: number;
  readonly signals: Int8Array;
}

/** Long above the fold's threshold, short below its mirror image, else neither; rows without a calibrated probability (NaN) give no signal. */
export function directionSignals(
  calibrated: Float64Array,
  { first, folds }: Pick<OutOfSample, 'first' | 'folds'>,
  thresholds: readonly number[],
): Signals {
  const begin = calibrated.findIndex((each) => !Number.isNaN(each));
  const from = begin === -1 ? calibrated.length : begin;
  const signals = new Int8Array(calibrated.length - from);
  for (const [index, { test }] of folds.entries()) {
    const threshold = thresholds[index] ?? Number.POSITIVE_INFINITY;
    for (let row = Math.max(test.from - first, from); row < test.to - first; row += 1) {
      const probability = calibrated[row] ?? Number.NaN;
      signals[row - from] = probability > threshold ? 1 : 1 - probability > threshold ? -1 : 0;
    }
  }
  return { first: first + from, signals };
}

/** Long where a rise of more than a round trip's costs is expected, short where a fall is, else neither. */
export function returnSignals(expected: Float64Array, { feeShare, slippageShare }: TradingCosts): Int8Array {
  const costs = 2 * (feeShare + slippageShare);
  return Int8Array.from(expected, (each) => (Math.expm1(each) > costs ? 1 : Math.expm1(each) < -costs ? -1 : 0));
}

/** The net result of a direction model's calibrated forecasts, in steps; null where none was calibrated. `close`: of all bars that the rows' `barIndex` counts. */
export function* directionNetSteps(
  data: ScoringData & Pick<ReturnTrainingData, 'logReturn'>,
  close: Float64Array,
  outOfSample: OutOfSample,
  calibrated: Float64Array,
  costs: TradingCosts,
  judgement: Judgement,
): Generator<void, NetOfCosts | null> {
  const thresholds = breakEvenOfFolds(data.logReturn, outOfSample.folds, costs);
  yield;
  const { first, signals } = directionSignals(calibrated, outOfSample, thresholds);
  const { horizonBars } = data;
  const barIndex = data.barIndex.subarray(first);
  return signals.length === 0
    ? null
    : yield* netOfCostsSteps({ close, barIndex, signals, horizonBars }, costs, judgement);
}

/** Purchases and sales of the whole capital, half their number, fewer of which say nothing of what trading brings: the usual least of a mean whose distribution is not known. */
export const ROUND_TRIPS_MIN = 30;

/** The net result that a vote is judged by; null where nothing was calibrated, or too little was traded to tell. */
export const judgedNet = (net: NetOfCosts | null): Judged | null =>
  net === null || Math.min(net.longFlat.roundTrips, net.longShort.roundTrips) < ROUND_TRIPS_MIN ? null : net.least;

/** A model has a vote only where its skill over every baseline and its result after costs (`judgedNet`) both have intervals above zero. */
export const mayVote = (skill: Pick<Estimate, 'low'>, net: Pick<Estimate, 'low'> | null): boolean =>
  skill.low > 0 && net !== null && net.low > 0;
