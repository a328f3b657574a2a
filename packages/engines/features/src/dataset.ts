import { err, intervalMs, ok, type Result } from '@monsta/core';
import { checkBarColumns, type BarColumns } from './bar-columns.ts';
import { FEATURE_COUNT, FEATURE_NAMES, LOOKBACK_BARS, writeFeatureRow } from './feature-set.ts';

/** How many bars gave no row, and why; with the rows they add up to the bars. */
export interface DroppedRows {
  /** Too near the start of the history for the features. */
  readonly warmUp: number;
  /** The features would span a gap. */
  readonly gap: number;
  /** A feature has no meaning there (a price that never moved, no volume). */
  readonly undefinedValue: number;
  /** The horizon ends after the last bar. */
  readonly labelAhead: number;
  /** The horizon spans a gap. */
  readonly labelGap: number;
  /** The close after the horizon equals the close now: neither up nor down. */
  readonly labelEqual: number;
}

/** Rows in order of time: features, and the direction of the close `horizonBars` later. */
export interface Dataset {
  readonly featureNames: readonly string[];
  readonly rows: number;
  readonly width: number;
  readonly horizonBars: number;
  /** Row-major, `rows × width`. */
  readonly features: Float64Array;
  /** 1: the close after the horizon is above the close now; 0: below. */
  readonly up: Uint8Array;
  /** Sign of the move over the last `horizonBars`: −1, 0, 1. */
  readonly lastSign: Int8Array;
  /** Which bar each row was made at. */
  readonly barIndex: Int32Array;
  readonly dropped: DroppedRows;
}

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

const BARS_PER_STEP = 4_000;

/**
 * Builds the dataset in steps of some milliseconds, so that a caller can do other things in between.
 * Faults: `horizon_invalid` (no whole number of bars above 0); those of `checkBarColumns`.
 */
export function* datasetSteps(columns: BarColumns, horizonBars: number): Generator<void, Result<Dataset>> {
  if (!Number.isInteger(horizonBars) || horizonBars < 1)
    return err('horizon_invalid', `the horizon must be a whole number of bars above 0, not ${horizonBars}`);
  const checked = checkBarColumns(columns);
  if (!checked.ok) return checked;
  yield;

  const { length, openTimeMs, close } = columns;
  const step = intervalMs(columns.interval);
  const inputs = { ...columns, logClose: close.map(Math.log) };
  const features = new Float64Array(length * FEATURE_COUNT);
  const up = new Uint8Array(length);
  const lastSign = new Int8Array(length);
  const barIndex = new Int32Array(length);
  const dropped = { warmUp: 0, gap: 0, undefinedValue: 0, labelAhead: 0, labelGap: 0, labelEqual: 0 };
  const needed = Math.max(LOOKBACK_BARS, horizonBars + 1);
  let rows = 0;
  let contiguous = 0;
  let gaps = 0;

  for (let index = 0; index < length; index += 1) {
    if (index > 0 && index % BARS_PER_STEP === 0) yield;
    if (index > 0 && (openTimeMs[index] ?? Number.NaN) !== (openTimeMs[index - 1] ?? Number.NaN) + step) {
      contiguous = 0;
      gaps += 1;
    }
    contiguous += 1;
    if (contiguous < needed) {
      dropped[gaps === 0 ? 'warmUp' : 'gap'] += 1;
      continue;
    }
    if (!writeFeatureRow(inputs, columns.interval, index, features, rows * FEATURE_COUNT)) {
      dropped.undefinedValue += 1;
      continue;
    }
    const label = directionLabel(columns, index, horizonBars);
    if (label === 'up' || label === 'down') {
      up[rows] = label === 'up' ? 1 : 0;
      lastSign[rows] = Math.sign((close[index] ?? Number.NaN) - (close[index - horizonBars] ?? Number.NaN));
      barIndex[rows] = index;
      rows += 1;
    } else {
      dropped[label === 'ahead' ? 'labelAhead' : label === 'gap' ? 'labelGap' : 'labelEqual'] += 1;
    }
  }
  return ok({
    featureNames: FEATURE_NAMES,
    rows,
    width: FEATURE_COUNT,
    horizonBars,
    features: features.slice(0, rows * FEATURE_COUNT),
    up: up.slice(0, rows),
    lastSign: lastSign.slice(0, rows),
    barIndex: barIndex.slice(0, rows),
    dropped,
  });
}
