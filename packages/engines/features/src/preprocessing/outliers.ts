import { ok } from '@monsta/core';
import { quantile, sortedColumn, type FittedStep, type StepKind, type Table } from './step.ts';

export interface OutliersDeclaration {
  readonly step: 'outliers';
  /** How many robust deviations from the median a value may lie. */
  readonly beyond: number;
  /** In how many columns at least, for the row to be left out of the training. */
  readonly columns: number;
}

export interface FittedOutliers extends FittedStep {
  readonly medians: readonly (number | null)[];
  /** 1.4826 × the median distance from the median: the standard deviation, where values are normal. 0: the column is not judged. */
  readonly deviations: readonly number[];
  readonly beyond: number;
  readonly columns: number;
}

const NORMAL = 1.4826;

/** Training rows that lie far out (Hampel 1974) are left out of the training. No row is changed, and none that is asked is refused. */
export const outliers: StepKind<OutliersDeclaration, FittedOutliers> = {
  name: 'outliers',
  fault: ({ beyond, columns }) =>
    beyond > 0 && Number.isFinite(beyond) && Number.isInteger(columns) && columns >= 1
      ? null
      : 'beyond must be a number above 0 and columns a whole number above 0',
  fit: ({ beyond, columns }, table, range) => {
    const scales = table.names.map((_, column) => {
      const sorted = sortedColumn(table, range, column);
      const median = quantile(sorted, 0.5);
      if (median === null) return { median, deviation: 0 };
      const distances = sorted.map((value) => Math.abs(value - median)).sort();
      return { median, deviation: NORMAL * (quantile(distances, 0.5) ?? 0) };
    });
    return ok({
      step: 'outliers',
      inputs: table.names,
      outputs: table.names,
      medians: scales.map(({ median }) => median),
      deviations: scales.map(({ deviation }) => deviation),
      beyond,
      columns,
    });
  },
  change:
    ({ inputs }) =>
    (from, offset, into, at) => {
      for (let column = 0; column < inputs.length; column += 1) into[at + column] = from[offset + column] as number;
    },
};

/** Whether the row lies too far out to be learnt from. */
export function isOutlier(
  { medians, deviations, beyond, columns }: FittedOutliers,
  table: Table,
  row: number,
): boolean {
  let far = 0;
  for (let column = 0; column < table.width; column += 1) {
    const [median, deviation] = [medians[column] ?? null, deviations[column] ?? 0];
    if (median === null || deviation === 0) continue;
    if (Math.abs((table.features[row * table.width + column] as number) - median) > beyond * deviation) far += 1;
  }
  return far >= columns;
}
