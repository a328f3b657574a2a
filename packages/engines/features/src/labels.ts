import { intervalMs } from '@monsta/core';
import type { BarColumns } from './bar-columns.ts';

/** The direction of the close after a horizon, or why there is none. */
export type Label = 'up' | 'down' | 'equal' | 'ahead' | 'gap';

/**
 * The label of the bar at `index`; it depends on the bars `index … index + horizonBars` only.
 * Sound order of the columns is taken for granted (`checkBarColumns`).
 */
export function directionLabel(columns: BarColumns, index: number, horizonBars: number): Label {
  const later = index + horizonBars;
  if (later >= columns.length) return 'ahead';
  const span = (columns.openTimeMs[later] ?? Number.NaN) - (columns.openTimeMs[index] ?? Number.NaN);
  if (span !== horizonBars * intervalMs(columns.interval)) return 'gap';
  const now = columns.close[index] ?? Number.NaN;
  const then = columns.close[later] ?? Number.NaN;
  if (then === now) return 'equal';
  return then > now ? 'up' : 'down';
}

/** `ln(close after the horizon / close now)`, of the same bars; NaN where `directionLabel` says `ahead` or `gap`. */
export function returnLabel(columns: BarColumns, index: number, horizonBars: number): number {
  const label = directionLabel(columns, index, horizonBars);
  if (label === 'ahead' || label === 'gap') return Number.NaN;
  return Math.log((columns.close[index + horizonBars] as number) / (columns.close[index] as number));
}

/** What is to be forecast, as a column: for the leak gate. */
export interface LabelColumn {
  readonly name: string;
  /** Bars after its own that a value may depend on. */
  readonly horizonBars: number;
  /** A value for each bar; NaN where there is none. */
  values(columns: BarColumns): Float64Array;
}

const DIRECTION: Readonly<Record<Label, number>> = {
  up: 1,
  equal: 0,
  down: -1,
  ahead: Number.NaN,
  gap: Number.NaN,
};

/** The labels that datasets hold, of one horizon. */
export function labelColumns(horizonBars: number): readonly LabelColumn[] {
  const column = (name: string, at: (columns: BarColumns, index: number) => number): LabelColumn => ({
    name: `${name}_${horizonBars}`,
    horizonBars,
    values: (columns) => Float64Array.from({ length: columns.length }, (_, index) => at(columns, index)),
  });
  return [
    column('direction', (columns, index) => DIRECTION[directionLabel(columns, index, horizonBars)]),
    column('log_return_ahead', (columns, index) => returnLabel(columns, index, horizonBars)),
  ];
}
