import { ok, type Result } from '@monsta/core';
import type { FitProgress, RowRange } from '../executor.ts';
import type { Fold } from '../walk-forward.ts';

/** Rows forecast between two pauses: some milliseconds of trees. */
const ROWS_PER_STEP = 2_000;

/** How to fit and ask one kind of model. */
export interface Forecaster<Model> {
  fitSteps(range: RowRange, progress: FitProgress): Generator<void, Result<Model>>;
  say(model: Model, row: number): number;
}

/**
 * What models say of rows that they have not seen, in steps: each fold's rows are forecast by a model fitted on that fold's training rows alone. Value `i` is of row
 * `folds[0].test.from + i`; the folds' tests follow each other. Faults: those of fitting.
 */
export function* forecastSteps<Model>(
  forecaster: Forecaster<Model>,
  folds: readonly Fold[],
  progress: FitProgress = () => {},
): Generator<void, Result<Float64Array>> {
  const first = folds[0]?.test.from ?? 0;
  const forecasts = new Float64Array((folds.at(-1)?.test.to ?? first) - first);
  for (const [index, { train, test }] of folds.entries()) {
    const fitted = yield* forecaster.fitSteps(train, (share) => progress((index + share) / folds.length));
    if (!fitted.ok) return fitted;
    for (let row = test.from; row < test.to; row += 1) {
      forecasts[row - first] = forecaster.say(fitted.value, row);
      if ((row + 1) % ROWS_PER_STEP === 0) yield;
    }
    progress((index + 1) / folds.length);
    yield;
  }
  return ok(forecasts);
}
