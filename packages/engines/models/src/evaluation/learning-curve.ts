import { ok, type Result } from '@monsta/core';
import type { FitProgress } from '../executor.ts';
import type { Fold } from '../walk-forward.ts';
import { forecastSteps, type Forecaster } from './out-of-sample.ts';

/** Shares of the training rows, the newest of them, that models are fitted on. */
const SHARES = [0.125, 0.25, 0.5] as const;
/** The newest folds, which all sizes are judged on. */
const FOLDS_MAX = 3;

/** What models fitted on fewer rows said of the same tests. */
export interface SizedForecasts {
  /** Mean training rows of the folds. */
  readonly trainRows: number;
  readonly share: number;
  /** The first row that was forecast. */
  readonly first: number;
  readonly forecasts: Float64Array;
  readonly folds: readonly Fold[];
}

const lastFolds = (folds: readonly Fold[]): readonly Fold[] => folds.slice(-Math.min(FOLDS_MAX, folds.length));

const meanRows = (folds: readonly Fold[]): number =>
  Math.round(folds.reduce((sum, { train }) => sum + train.to - train.from, 0) / folds.length);

/**
 * A learning curve, in steps: the newest folds forecast by models fitted on the newest eighth, quarter and half of their training rows, and on all of them (which `whole` holds). A size that
 * can't be fitted (`rows_too_few`, `one_class`) is left out.
 */
export function* learningCurveSteps<Model>(
  forecaster: Forecaster<Model>,
  all: readonly Fold[],
  whole: { readonly first: number; readonly forecasts: Float64Array },
  progress: FitProgress = () => {},
): Generator<void, Result<readonly SizedForecasts[]>> {
  const newest = lastFolds(all);
  const first = newest[0]?.test.from ?? 0;
  const sizes: SizedForecasts[] = [];
  for (const [index, share] of SHARES.entries()) {
    const folds = newest.map(({ train: { from, to }, test }) => ({
      train: { from: to - Math.ceil(share * (to - from)), to },
      test,
    }));
    const found = yield* forecastSteps(forecaster, folds, (part) => progress((index + part) / SHARES.length));
    if (found.ok) sizes.push({ trainRows: meanRows(folds), share, first, forecasts: found.value, folds });
    else if (found.fault.code !== 'rows_too_few' && found.fault.code !== 'one_class') return found;
  }
  const forecasts = whole.forecasts.subarray(first - whole.first);
  return ok([...sizes, { trainRows: meanRows(newest), share: 1, first, forecasts, folds: newest }]);
}
