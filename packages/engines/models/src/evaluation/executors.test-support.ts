import { expectOk, seededRandom } from '@monsta/core';
import { runSteps, type Dataset } from '@monsta/features';
import { DEFAULT_SCORING_OPTIONS, type ScoringData } from '../evaluation.ts';
import type { Executor, ReturnExecutor } from '../executor.ts';
import { logisticRegression } from '../logistic-regression.ts';
import { ridgeRegression } from '../ridge-regression.ts';
import { datasetFromReturns, noiseData } from '../series.test-support.ts';
import { forestExecutor, forestReturnExecutor } from '../trees/forest-executor.ts';
import { forestParams } from '../trees/forest-params.ts';
import { FOREST_OF_PRICES } from '../trees/parameters-of-prices.ts';
import {
  lightgbmExecutor,
  lightgbmReturnExecutor,
  xgboostExecutor,
  xgboostReturnExecutor,
} from '../trees/tree-executors.ts';
import {
  evaluateDirectionSteps,
  type DirectionEvaluation,
  type EvaluationData,
  type EvaluationOptions,
} from './evaluate-direction.ts';
import { evaluateReturnSteps, type ReturnEvaluation } from './evaluate-return.ts';

/** What each executor is asked to find: a rule that its kind of model can see. */
export type Rule = 'leaning' | 'regime';

export interface ExecutorCase {
  readonly rule: Rule;
  readonly direction: () => Executor<unknown>;
  readonly logReturn: () => ReturnExecutor<unknown>;
}

/** Every executor that ships, by the name that `monsta evaluate` knows it by. */
export const EXECUTOR_CASES: readonly (readonly [name: string, each: ExecutorCase])[] = [
  ['logistic-regression', { rule: 'leaning', direction: logisticRegression, logReturn: ridgeRegression }],
  ['xgboost', { rule: 'regime', direction: xgboostExecutor, logReturn: xgboostReturnExecutor }],
  ['lightgbm', { rule: 'regime', direction: lightgbmExecutor, logReturn: lightgbmReturnExecutor }],
  [
    'random-forest',
    {
      rule: 'regime',
      direction: () => forestExecutor(expectOk(forestParams(FOREST_OF_PRICES))),
      logReturn: () => forestReturnExecutor(expectOk(forestParams(FOREST_OF_PRICES))),
    },
  ],
];

const SIZE = 0.01;
/** The median of |standard normal|. */
const MEDIAN = 0.674_489_750_196_081_7;
/** How strongly the last return leans the next one back. */
const LEAN = 0.4;
/** How often the rule of the regimes holds. */
const HOLDS = 0.7;

/**
 * Best accuracy, and best R² of the log return against expecting no change, of the two markets.
 * - `leaning`: r' = −0.4 r + noise. Its sign is right with ½ + asin(0.4) / π (two normals of that correlation agree in sign), and 0.4² of the variance is known.
 * - `regime`: the price rises with 0.7 after a move larger than the median and with 0.3 after a smaller one, by a size that has nothing to do with it: 0.7 of the directions, and (0.4 · E|g|)² =
 *   0.16 · 2 / π of the variance. The rule is even in the last return: no linear function of returns sees it.
 */
export const BEST: Readonly<Record<Rule, { readonly accuracy: number; readonly r2: number }>> = {
  leaning: { accuracy: 0.5 + Math.asin(LEAN) / Math.PI, r2: LEAN * LEAN },
  regime: { accuracy: HOLDS, r2: ((2 * HOLDS - 1) ** 2 * 2) / Math.PI },
};

/** Bars of a market that follows a rule, with real features and labels one bar ahead. */
export function ruledMarket(rule: Rule, seed: number, bars: number): EvaluationData {
  const random = seededRandom(seed);
  let last = random.gaussian();
  const returns = Array.from({ length: bars }, () => {
    if (rule === 'leaning') last = -LEAN * last + Math.sqrt(1 - LEAN * LEAN) * random.gaussian();
    else {
      const rises = random.next() < (Math.abs(last) > MEDIAN ? HOLDS : 1 - HOLDS);
      last = (rises ? 1 : -1) * Math.abs(random.gaussian());
    }
    return SIZE * last;
  });
  return withCloses(datasetFromReturns(returns, 1, random), returns);
}

function withCloses(dataset: Dataset, returns: readonly number[]): EvaluationData {
  let close = 100;
  const closes = Float64Array.from(returns, (each) => (close *= Math.exp(each)));
  return { ...dataset, close: closes };
}

/** Features, directions and returns without any connection. */
export function noiseMarket(seed: number, rows: number, width: number): EvaluationData {
  const base: ScoringData = noiseData(seed, rows, width);
  const random = seededRandom(seed + 1_000_000);
  const logReturn = Float64Array.from(base.up, (up) => (up === 1 ? SIZE : -SIZE) * Math.abs(random.gaussian()));
  const close = new Float64Array(rows + 1).fill(100);
  for (let row = 0; row < rows; row += 1) close[row + 1] = (close[row] ?? 100) * Math.exp(logReturn[row] ?? 0);
  return { ...base, logReturn, close };
}

const optionsOf = (seed: number, folds: number, trainRowsMin: number, resamples: number): EvaluationOptions => ({
  scoring: { ...DEFAULT_SCORING_OPTIONS, folds, trainRowsMin, resamples, seed },
  correctedLevel: DEFAULT_SCORING_OPTIONS.level,
  costs: { feeShare: 0, slippageShare: 0 },
  calibrationHorizonsMin: 500,
  learningCurve: false,
});

interface Effort {
  readonly seed: number;
  readonly folds: number;
  readonly trainRowsMin: number;
  readonly resamples: number;
}

export const evaluateDirection = (
  executor: Executor<unknown>,
  data: EvaluationData,
  { seed, folds, trainRowsMin, resamples }: Effort,
): DirectionEvaluation =>
  expectOk(runSteps(evaluateDirectionSteps(executor, data, optionsOf(seed, folds, trainRowsMin, resamples))));

export const evaluateReturn = (
  executor: ReturnExecutor<unknown>,
  data: EvaluationData,
  { seed, folds, trainRowsMin, resamples }: Effort,
): ReturnEvaluation =>
  expectOk(runSteps(evaluateReturnSteps(executor, data, optionsOf(seed, folds, trainRowsMin, resamples))));
