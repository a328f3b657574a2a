import { ok } from '@monsta/core';
import {
  meanAndVariance,
  quantile,
  sortedColumn,
  type FittedStep,
  type StepKind,
  type Table,
  type FitRange,
} from './step.ts';

/** `(x − centre) / spread` of each column. A column without a known value, or without spread, is only centred. */
export interface FittedScaling extends FittedStep {
  readonly centres: readonly number[];
  readonly spreads: readonly number[];
}

interface Scale {
  readonly centre: number;
  readonly spread: number;
}

const scaling = <Name extends string>(
  name: Name,
  scaleOf: (table: Table, range: FitRange, column: number) => Scale | null,
): StepKind<{ readonly step: Name }, FittedScaling> => ({
  name,
  fault: () => null,
  fit: (_, table, range) => {
    const scales = table.names.map((_name, column) => scaleOf(table, range, column) ?? { centre: 0, spread: 1 });
    return ok({
      step: name,
      inputs: table.names,
      outputs: table.names,
      centres: scales.map(({ centre }) => centre),
      spreads: scales.map(({ spread }) => (spread > 0 ? spread : 1)),
    });
  },
  change: ({ centres, spreads }) => {
    const [centre, spread] = [Float64Array.from(centres), Float64Array.from(spreads)];
    return (from, offset, into, at) => {
      for (let column = 0; column < centre.length; column += 1)
        into[at + column] =
          ((from[offset + column] as number) - (centre[column] as number)) / (spread[column] as number);
    };
  },
});

/** By mean and standard deviation (divided by n). */
export const standard = scaling('standard', (table, range, column) => {
  const found = meanAndVariance(table, range, column);
  return found === null ? null : { centre: found.mean, spread: Math.sqrt(found.variance) };
});

/** By median and the distance between the quartiles. */
export const robust = scaling('robust', (table, range, column) => {
  const sorted = sortedColumn(table, range, column);
  const [lower, median, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  return lower === null || median === null || upper === null ? null : { centre: median, spread: upper - lower };
});

/** To 0 … 1 of the rows it is fitted on. */
export const minMax = scaling('min-max', (table, range, column) => {
  const sorted = sortedColumn(table, range, column);
  const [least, largest] = [sorted[0], sorted.at(-1)];
  return least === undefined || largest === undefined ? null : { centre: least, spread: largest - least };
});

export interface WinsoriseDeclaration {
  readonly step: 'winsorise';
  /** Quantiles beyond which values are set to them. */
  readonly lower: number;
  readonly upper: number;
}

export interface FittedWinsorise extends FittedStep {
  /** Null: no known value. */
  readonly least: readonly (number | null)[];
  readonly most: readonly (number | null)[];
}

/** Sets what lies beyond two quantiles to them (Winsor; Tukey 1962). */
export const winsorise: StepKind<WinsoriseDeclaration, FittedWinsorise> = {
  name: 'winsorise',
  fault: ({ lower, upper }) =>
    lower >= 0 && upper <= 1 && lower < upper ? null : 'lower and upper must be shares, 0 ≤ lower < upper ≤ 1',
  fit: ({ lower, upper }, table, range) => {
    const sorted = table.names.map((_, column) => sortedColumn(table, range, column));
    return ok({
      step: 'winsorise',
      inputs: table.names,
      outputs: table.names,
      least: sorted.map((values) => quantile(values, lower)),
      most: sorted.map((values) => quantile(values, upper)),
    });
  },
  change: ({ least, most }) => {
    const low = Float64Array.from(least, (value) => value ?? Number.NEGATIVE_INFINITY);
    const high = Float64Array.from(most, (value) => value ?? Number.POSITIVE_INFINITY);
    return (from, offset, into, at) => {
      for (let column = 0; column < low.length; column += 1)
        // NaN stays NaN.
        into[at + column] = Math.min(
          Math.max(from[offset + column] as number, low[column] as number),
          high[column] as number,
        );
    };
  },
};
