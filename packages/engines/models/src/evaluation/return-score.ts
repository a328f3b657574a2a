import type { Fold } from '../walk-forward.ts';
import type { RowRange } from '../executor.ts';
import { leastOf, resampleSteps, type Judged, type Judgement } from './judgement.ts';

/** What models expected of rows that they had not seen: row `first + i` of the data got `expected[i]`, a log return. */
export interface ReturnsOutOfSample {
  readonly first: number;
  readonly expected: Float64Array;
  readonly folds: readonly Fold[];
}

/** By how much errors are smaller than each baseline's, in log return; above 0 is better. */
export interface ReturnSkill {
  /** Random walk: no change is expected. */
  readonly zero: Judged;
  /** The training rows' mean return. */
  readonly mean: Judged;
  /** The last horizon's return again. */
  readonly last: Judged;
  /** The least of them. */
  readonly best: Judged;
}

/** Out-of-sample scores of expected log returns. */
export interface ReturnScore {
  readonly rows: number;
  readonly block: number;
  /** Mean absolute error, and root mean squared error, of the log return. */
  readonly mae: Judged;
  readonly rmse: Judged;
  /** 1 − mean squared error ÷ that of expecting no change (Campbell and Thompson 2008, there against the mean). */
  readonly r2: Judged;
  readonly baselines: {
    readonly zero: { readonly mae: number; readonly rmse: number };
    readonly mean: { readonly mae: number; readonly rmse: number };
    readonly last: { readonly mae: number; readonly rmse: number };
  };
  /** Differences of root mean squared errors: what an expected value is to make small. */
  readonly skill: ReturnSkill;
  readonly maeSkill: ReturnSkill;
}

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

function meanOf(values: Float64Array, { from, to }: RowRange): number {
  let sum = 0;
  for (let row = from; row < to; row += 1) sum += at(values, row);
  return sum / (to - from);
}

/** Scores expected log returns beside the baselines, in steps. `logReturn` and `lastReturn` are of all rows of the data: over the next horizon and the last one. */
export function* returnScoreSteps(
  logReturn: Float64Array,
  lastReturn: Float64Array,
  { first, expected, folds }: ReturnsOutOfSample,
  block: number,
  judgement: Judgement,
): Generator<void, ReturnScore> {
  const rows = expected.length;
  const column = (): Float64Array => new Float64Array(rows);
  const series = {
    modelAbsolute: column(),
    modelSquare: column(),
    zeroAbsolute: column(),
    zeroSquare: column(),
    meanAbsolute: column(),
    meanSquare: column(),
    lastAbsolute: column(),
    lastSquare: column(),
  };
  for (const { train, test } of folds) {
    const drift = meanOf(logReturn, train);
    for (let row = test.from; row < test.to; row += 1) {
      const index = row - first;
      const came = at(logReturn, row);
      const errors = [at(expected, index), 0, drift, at(lastReturn, row)].map((said) => came - said);
      const [model = 0, zero = 0, mean = 0, last = 0] = errors;
      series.modelAbsolute[index] = Math.abs(model);
      series.modelSquare[index] = model * model;
      series.zeroAbsolute[index] = Math.abs(zero);
      series.zeroSquare[index] = zero * zero;
      series.meanAbsolute[index] = Math.abs(mean);
      series.meanSquare[index] = mean * mean;
      series.lastAbsolute[index] = Math.abs(last);
      series.lastSquare[index] = last * last;
    }
    yield;
  }
  const sums = yield* resampleSteps(series, judgement);
  type Sums = typeof sums.totals;
  const judged = (of: (totals: Sums) => number): Judged => {
    const found = sums.judge(of);
    if (found === null) throw new RangeError('an error of no rows');
    return found;
  };
  const root = (squares: number): number => Math.sqrt(squares / rows);
  const skill = (over: (totals: Sums, baseline: 'zero' | 'mean' | 'last') => number): ReturnSkill => {
    const [zero, mean, last] = (['zero', 'mean', 'last'] as const).map((name) =>
      judged((totals) => over(totals, name)),
    );
    if (zero === undefined || mean === undefined || last === undefined) throw new RangeError('three baselines');
    return { zero, mean, last, best: leastOf([zero, mean, last]) ?? zero };
  };
  const { totals } = sums;
  const baseline = (name: 'zero' | 'mean' | 'last') => ({
    mae: totals[`${name}Absolute`] / rows,
    rmse: root(totals[`${name}Square`]),
  });
  return {
    rows,
    block,
    mae: judged(({ modelAbsolute }) => modelAbsolute / rows),
    rmse: judged(({ modelSquare }) => root(modelSquare)),
    r2: judged(({ modelSquare, zeroSquare }) => 1 - modelSquare / zeroSquare),
    baselines: { zero: baseline('zero'), mean: baseline('mean'), last: baseline('last') },
    skill: skill((each, name) => root(each[`${name}Square`]) - root(each.modelSquare)),
    maeSkill: skill((each, name) => (each[`${name}Absolute`] - each.modelAbsolute) / rows),
  };
}
