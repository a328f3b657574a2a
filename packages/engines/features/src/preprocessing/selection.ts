import { err, ok, type Result } from '@monsta/core';
import {
  meanAndVariance,
  quantile,
  sortedColumn,
  type FitRange,
  type FittedStep,
  type LabelledTable,
  type StepKind,
  type Table,
} from './step.ts';

/** Some columns of the input, in their order, with the score by which each was judged. */
export interface FittedSelection extends FittedStep {
  readonly kept: readonly number[];
  /** By input column; null: no known value. */
  readonly scores: readonly (number | null)[];
}

function selection(
  step: string,
  table: Table,
  kept: readonly number[],
  scores: readonly (number | null)[],
): Result<FittedSelection> {
  if (kept.length === 0) return err('no_columns_left', `the step ${step} would leave none of ${table.width} columns`);
  return ok({
    step,
    inputs: table.names,
    outputs: kept.map((column) => table.names[column] ?? ''),
    kept: [...kept],
    scores,
  });
}

const change =
  ({ kept }: FittedSelection) =>
  (from: Float64Array, offset: number, into: Float64Array, at: number): void => {
    for (let place = 0; place < kept.length; place += 1)
      into[at + place] = from[offset + (kept[place] as number)] as number;
  };

const columnsOf = ({ width }: Table): readonly number[] => Array.from({ length: width }, (_, column) => column);

export interface SelectVarianceDeclaration {
  readonly step: 'select-variance';
  readonly above: number;
}

/** Keeps columns whose variance is above a bound. */
export const selectVariance: StepKind<SelectVarianceDeclaration, FittedSelection> = {
  name: 'select-variance',
  fault: ({ above }) => (above >= 0 && Number.isFinite(above) ? null : 'above must be a number from 0 on'),
  fit: ({ above }, table, range) => {
    const scores = columnsOf(table).map((column) => meanAndVariance(table, range, column)?.variance ?? null);
    const kept = columnsOf(table).filter((column) => (scores[column] ?? -1) > above);
    return selection('select-variance', table, kept, scores);
  },
  change,
};

export interface SelectCorrelationDeclaration {
  readonly step: 'select-correlation';
  /** Columns that are correlated more than this, either sign, with one that is kept are left out. */
  readonly most: number;
}

/** Of columns that say nearly the same keeps the first. A column that is constant or unknown is correlated with none. */
export const selectCorrelation: StepKind<SelectCorrelationDeclaration, FittedSelection> = {
  name: 'select-correlation',
  fault: ({ most }) => (most > 0 && most <= 1 ? null : 'most must be a number above 0, at most 1'),
  fit: ({ most }, table, range) => {
    const kept: number[] = [];
    const scores: number[] = [];
    for (const column of columnsOf(table)) {
      const largest = Math.max(0, ...kept.map((other) => Math.abs(correlation(table, range, other, column))));
      scores.push(largest);
      if (largest <= most) kept.push(column);
    }
    return selection('select-correlation', table, kept, scores);
  },
  change,
};

/** Pearson's, over the rows where both are known; 0 where one does not vary. */
function correlation({ features, width }: Table, { from, to }: FitRange, a: number, b: number): number {
  let [count, meanA, meanB, squaresA, squaresB, products] = [0, 0, 0, 0, 0, 0];
  for (let row = from; row < to; row += 1) {
    const [x, y] = [features[row * width + a] as number, features[row * width + b] as number];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    count += 1;
    const [offA, offB] = [x - meanA, y - meanB];
    meanA += offA / count;
    meanB += offB / count;
    squaresA += offA * (x - meanA);
    squaresB += offB * (y - meanB);
    products += offA * (y - meanB);
  }
  return squaresA > 0 && squaresB > 0 ? products / Math.sqrt(squaresA * squaresB) : 0;
}

export interface SelectImportanceDeclaration {
  readonly step: 'select-importance';
  /** How many columns are kept. */
  readonly keep: number;
  /** Bins of equal counts. */
  readonly bins: number;
}

/**
 * Keeps the columns that tell most of the direction: mutual information, in nats, between the column's bin and `up`. Missing values are a bin of their own. Equal scores: the earlier column.
 */
export const selectImportance: StepKind<SelectImportanceDeclaration, FittedSelection> = {
  name: 'select-importance',
  fault: ({ keep, bins }) =>
    Number.isInteger(keep) && keep >= 1 && Number.isInteger(bins) && bins >= 2 && bins <= 256
      ? null
      : 'keep must be a whole number above 0 and bins one from 2 to 256',
  fit: ({ keep, bins }, table, range) => {
    const scores = columnsOf(table).map((column) => information(table, range, column, bins));
    const best = [...columnsOf(table)].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, keep);
    return selection(
      'select-importance',
      table,
      best.sort((a, b) => a - b),
      scores,
    );
  },
  change,
};

function information(table: LabelledTable, range: FitRange, column: number, bins: number): number {
  const sorted = sortedColumn(table, range, column);
  const cuts: number[] = [];
  for (let bin = 1; bin < bins; bin += 1) {
    const cut = quantile(sorted, bin / bins);
    if (cut !== null && cut !== cuts.at(-1)) cuts.push(cut);
  }
  const counts = [new Float64Array(bins + 1), new Float64Array(bins + 1)] as const;
  for (let row = range.from; row < range.to; row += 1) {
    const value = table.features[row * table.width + column] as number;
    const bin = Number.isNaN(value) ? bins : cuts.filter((cut) => cut < value).length;
    const side = table.up[row] === 1 ? counts[1] : counts[0];
    side[bin] = (side[bin] as number) + 1;
  }
  const total = range.to - range.from;
  const sums = counts.map((side) => side.reduce((sum, count) => sum + count, 0));
  let nats = 0;
  for (const [label, side] of counts.entries())
    for (const [bin, count] of side.entries()) {
      if (count === 0) continue;
      const inBin = (counts[0][bin] as number) + (counts[1][bin] as number);
      nats += (count / total) * Math.log((count * total) / (inBin * (sums[label] as number)));
    }
  return nats;
}
