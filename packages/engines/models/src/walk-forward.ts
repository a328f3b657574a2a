import { err, ok, type Result } from '@monsta/core';
import type { RowRange } from './executor.ts';

/** A model is fitted on `train` and judged on `test`, all of which comes later. */
export interface Fold {
  readonly train: RowRange;
  readonly test: RowRange;
}

export interface WalkForwardOptions {
  readonly folds: number;
  /** The first fold trains on at least this many rows … */
  readonly trainRowsMin: number;
  /** … and on at least this share of all rows. */
  readonly trainShareMin: number;
  /** Null: every earlier row (expanding); otherwise the newest so many (rolling). */
  readonly trainRowsMax: number | null;
  /** Rows of all tests together at least. */
  readonly testRowsMin: number;
  /** A training label that ends after the test begins would tell of the test: such rows are left out. Set to the horizon. */
  readonly purgeBars: number;
  /** Bars left out beyond that. */
  readonly embargoBars: number;
}

/**
 * Tests that follow each other without overlap, each with the rows before it to train on: a row at bar `b` is trained on only
 * when `b + purgeBars + embargoBars` is not after the bar of the test's first row. `barIndex` rises strictly.
 * Fault `rows_too_few` (details: `rows`, `needed`).
 */
export function walkForwardFolds(barIndex: Int32Array, options: WalkForwardOptions): Result<readonly Fold[]> {
  const rows = barIndex.length;
  const distance = options.purgeBars + options.embargoBars;
  const trainRows = Math.max(options.trainRowsMin, Math.ceil(rows * options.trainShareMin));
  const testRows = Math.max(options.testRowsMin, options.folds);

  /** How many rows may be trained on for a test that begins at row `start`. */
  const trainEnd = (start: number, from: number): number => {
    const limit = (barIndex[start] ?? Number.NaN) - distance;
    let end = from;
    while (end < start && (barIndex[end] ?? Number.NaN) <= limit) end += 1;
    return end;
  };

  let first = trainRows;
  let end = trainEnd(first, 0);
  while (first < rows && end < trainRows) {
    first += 1;
    end = trainEnd(first, end);
  }
  if (rows - first < testRows) {
    const needed = Math.ceil(
      Math.max(options.trainRowsMin + distance + testRows, (distance + testRows) / (1 - options.trainShareMin)),
    );
    return err('rows_too_few', `${rows} rows are too few for walk-forward scoring; about ${needed} are needed`, {
      details: { rows, needed },
    });
  }

  const folds: Fold[] = [];
  for (let fold = 0; fold < options.folds; fold += 1) {
    const from = first + Math.floor(((rows - first) * fold) / options.folds);
    const to = first + Math.floor(((rows - first) * (fold + 1)) / options.folds);
    end = trainEnd(from, end);
    const trainFrom = options.trainRowsMax === null ? 0 : Math.max(0, end - options.trainRowsMax);
    folds.push({ train: { from: trainFrom, to: end }, test: { from, to } });
  }
  return ok(folds);
}
