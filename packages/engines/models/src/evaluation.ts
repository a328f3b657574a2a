import { ok, seededRandom, type Result } from '@monsta/core';
import { blockBootstrapSums, honestStretch, percentileEstimate, type Estimate } from './block-bootstrap.ts';
import { forecastSteps } from './evaluation/out-of-sample.ts';
import type { Executor, RowRange, TrainingData } from './executor.ts';
import { logLossOf } from './reliability.ts';
import { walkForwardFolds, type Fold, type WalkForwardOptions } from './walk-forward.ts';

/** What is scored: the training data in order of time, with what the baselines and the folds need. */
export interface ScoringData extends TrainingData {
  readonly horizonBars: number;
  /** The bar each row was made at; rises strictly. */
  readonly barIndex: Int32Array;
  /** Sign of the move over the last horizon: −1, 0, 1. */
  readonly lastSign: Int8Array;
}

export interface ScoringOptions extends Omit<WalkForwardOptions, 'purgeBars' | 'embargoBars'> {
  /** Bars between training and test beyond the purge, in horizons. */
  readonly embargoHorizons: number;
  /** Of all intervals, 0–1. */
  readonly level: number;
  readonly resamples: number;
  /** Seeds the resampling: the same data and seed give the same score. */
  readonly seed: number;
}

export const DEFAULT_SCORING_OPTIONS: ScoringOptions = {
  folds: 10,
  trainRowsMin: 500,
  trainShareMin: 0.3,
  trainRowsMax: null,
  testRowsMin: 500,
  embargoHorizons: 1,
  level: 0.95,
  resamples: 2_000,
  seed: 1,
};

/** What models said of rows that they had not seen: row `first + i` of the data got `probabilities[i]`. */
export interface OutOfSample {
  readonly first: number;
  readonly probabilities: Float64Array;
  readonly folds: readonly Fold[];
}

/** Out-of-sample scores of a model beside its baselines. Accuracies are 0–1. */
export interface WalkForwardScore {
  /** Rows of all tests together. */
  readonly rows: number;
  readonly folds: number;
  readonly accuracy: Estimate;
  /** Mean negative log likelihood, natural logarithm; ln 2 = 0.693 is what a coin says. */
  readonly logLoss: number;
  /** Mean squared distance of the probability from what happened; a coin's is 0.25. */
  readonly brier: number;
  /** Accuracy of always saying the training fold's commoner direction, and of saying the last horizon's direction again. */
  readonly baselines: { readonly majority: number; readonly lastSign: number };
  /** Accuracy minus the best baseline's. */
  readonly skill: Estimate;
  /** True only when the skill's whole interval lies above zero. */
  readonly hasVote: boolean;
  /** Rows a block of the bootstrap. */
  readonly block: number;
  readonly outOfSample: OutOfSample;
}

/** What each test row earned: 1 for a hit, 0 for a miss. */
interface Hits {
  readonly model: Int8Array;
  readonly majority: Int8Array;
  readonly lastSign: Int8Array;
}

/**
 * Neighbouring labels overlap by the horizon, so that hits are alike over it: blocks of four horizons, and `honestStretch` for what these miss; the cube root of the rows is the usual least.
 */
export function bootstrapBlock(rows: number, horizonBars: number): number {
  return Math.max(4 * horizonBars, Math.ceil(Math.cbrt(rows)));
}

const sum = (values: Int8Array): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** True when up is the commoner direction of the range; a tie counts as up. */
function majorityUp(up: Uint8Array, { from, to }: RowRange): boolean {
  let risen = 0;
  for (let row = from; row < to; row += 1) risen += up[row] ?? Number.NaN;
  return 2 * risen >= to - from;
}

/** The hits of both baselines on one fold. Where the last move was none, last-sign says what majority says. */
export function baselineHits(
  data: Pick<ScoringData, 'up' | 'lastSign'>,
  fold: Fold,
): { readonly majority: Int8Array; readonly lastSign: Int8Array } {
  const { from, to } = fold.test;
  const usual = majorityUp(data.up, fold.train) ? 1 : 0;
  const majority = new Int8Array(to - from);
  const lastSign = new Int8Array(to - from);
  for (let row = from; row < to; row += 1) {
    const rose = data.up[row];
    const sign = data.lastSign[row] ?? 0;
    majority[row - from] = rose === usual ? 1 : 0;
    lastSign[row - from] = rose === (sign === 0 ? usual : sign > 0 ? 1 : 0) ? 1 : 0;
  }
  return { majority, lastSign };
}

/**
 * The skill over the best baseline: the least of the differences to each, with the least of their paired intervals' ends. Its low end is
 * above zero only when the model beats every baseline at the level (an intersection–union test), whichever turned out best.
 */
function* skillOver(
  hits: Hits,
  options: Pick<ScoringOptions, 'resamples' | 'level' | 'seed'> & {
    readonly block: number;
    readonly horizonBars: number;
  },
): Generator<void, { readonly accuracy: Estimate; readonly skill: Estimate }> {
  const rows = hits.model.length;
  const { level, block, horizonBars } = options;
  const stretch = honestStretch(rows, block, horizonBars, level);
  const [model, majority, lastSign] = yield* blockBootstrapSums([hits.model, hits.majority, hits.lastSign], {
    random: seededRandom(options.seed),
    block,
    resamples: options.resamples,
  });
  const share = (sums: Float64Array | undefined): Float64Array =>
    (sums ?? new Float64Array()).map((value) => value / rows);
  const resampled = share(model);
  const total = sum(hits.model);
  const differences = [
    { baseline: share(majority), total: sum(hits.majority) },
    { baseline: share(lastSign), total: sum(hits.lastSign) },
  ].map(({ baseline, total: baselineTotal }) =>
    percentileEstimate(
      (total - baselineTotal) / rows,
      resampled.map((value, index) => value - (baseline[index] ?? Number.NaN)),
      level,
      stretch,
    ),
  );
  const least = (part: 'value' | 'low' | 'high'): number => Math.min(...differences.map((estimate) => estimate[part]));
  return {
    accuracy: percentileEstimate(total / rows, resampled, level, stretch),
    skill: { value: least('value'), low: least('low'), high: least('high'), level },
  };
}

/** The purged and embargoed folds that a model of this horizon is scored by. Fault `rows_too_few`. */
export function scoringFolds(
  { barIndex, horizonBars }: Pick<ScoringData, 'barIndex' | 'horizonBars'>,
  { folds, trainRowsMin, trainShareMin, trainRowsMax, testRowsMin, embargoHorizons }: ScoringOptions,
): Result<readonly Fold[]> {
  return walkForwardFolds(barIndex, {
    ...{ folds, trainRowsMin, trainShareMin, trainRowsMax },
    // Fewer than ten blocks say nothing of how much hits vary.
    testRowsMin: Math.max(testRowsMin, 10 * bootstrapBlock(testRowsMin, horizonBars)),
    purgeBars: horizonBars,
    embargoBars: embargoHorizons * horizonBars,
  });
}

/**
 * Scores an executor out of sample, in steps: each fold's model, its standardisation included, is fitted on rows that end a horizon and
 * an embargo before its test. Faults: `rows_too_few`, and those of fitting.
 */
export function* walkForwardSteps<Model>(
  executor: Executor<Model>,
  data: ScoringData,
  options: ScoringOptions = DEFAULT_SCORING_OPTIONS,
): Generator<void, Result<WalkForwardScore>> {
  const { level, resamples, seed } = options;
  const folds = scoringFolds(data, options);
  if (!folds.ok) return folds;
  const first = folds.value[0]?.test.from ?? data.rows;
  const rows = data.rows - first;
  const forecast = yield* forecastSteps(
    {
      fitSteps: (range, progress) => executor.fitSteps(data, range, progress),
      say: (model: Model, row) => executor.probabilityUp(model, data.features, row * data.width),
    },
    folds.value,
  );
  if (!forecast.ok) return forecast;
  const probabilities = forecast.value;
  const hits: Hits = { model: new Int8Array(rows), majority: new Int8Array(rows), lastSign: new Int8Array(rows) };
  let logLoss = 0;
  let squares = 0;
  for (const [index, probability] of probabilities.entries()) {
    const rose = data.up[first + index] === 1;
    const said = rose ? probability : 1 - probability;
    hits.model[index] = probability >= 0.5 === rose ? 1 : 0;
    logLoss += logLossOf(said);
    squares += (1 - said) * (1 - said);
  }
  for (const fold of folds.value) {
    const baselines = baselineHits(data, fold);
    hits.majority.set(baselines.majority, fold.test.from - first);
    hits.lastSign.set(baselines.lastSign, fold.test.from - first);
  }
  yield;
  const block = bootstrapBlock(rows, data.horizonBars);
  const { accuracy, skill } = yield* skillOver(hits, { block, horizonBars: data.horizonBars, resamples, level, seed });
  return ok({
    rows,
    folds: folds.value.length,
    accuracy,
    logLoss: logLoss / rows,
    brier: squares / rows,
    baselines: { majority: sum(hits.majority) / rows, lastSign: sum(hits.lastSign) / rows },
    skill,
    hasVote: skill.low > 0,
    block,
    outOfSample: { first, probabilities, folds: folds.value },
  });
}
