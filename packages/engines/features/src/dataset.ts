import { err, ok, type Result } from '@monsta/core';
import { checkBarColumns, type BarColumns } from './bar-columns.ts';
import { featureMatrixSteps, type FeatureMatrix, type OtherBars } from './feature-matrix.ts';
import type { FeatureSet } from './feature-set.ts';
import { directionLabel, returnLabel } from './labels.ts';
import { enoughKnown, type MissingPolicy } from './missing.ts';
import { CORE_SET } from './shipped-sets.ts';
import { contiguousBars } from './user-values.ts';

/** How many bars gave no row, and why; with the rows they add up to the bars. */
export interface DroppedRows {
  /** Too near the start of the history for the features. */
  readonly warmUp: number;
  /** The features would span a gap. */
  readonly gap: number;
  /** A feature has no meaning there (a price that never moved, no volume); where missing values are kept: most features. */
  readonly undefinedValue: number;
  /** The horizon ends after the last bar. */
  readonly labelAhead: number;
  /** The horizon spans a gap. */
  readonly labelGap: number;
  /** The close after the horizon equals the close now: neither up nor down. */
  readonly labelEqual: number;
}

/** Rows in order of time: features, and the direction and the log return of the close `horizonBars` later. */
export interface Dataset {
  /** Which features: a model of another set, or of another hash, must not be fed these. */
  readonly featureSet: { readonly id: string; readonly version: number; readonly hash: string };
  readonly featureNames: readonly string[];
  readonly rows: number;
  readonly width: number;
  readonly horizonBars: number;
  /** Row-major, `rows × width`; NaN where a value is missing, which the policy `drop` leaves none of. */
  readonly features: Float64Array;
  /** 1: the close after the horizon is above the close now; 0: below. */
  readonly up: Uint8Array;
  /** `ln(close after the horizon / close now)`. */
  readonly logReturn: Float64Array;
  /** Sign of the move over the last `horizonBars`: −1, 0, 1. */
  readonly lastSign: Int8Array;
  /** Which bar each row was made at. */
  readonly barIndex: Int32Array;
  readonly dropped: DroppedRows;
}

export interface DatasetOptions {
  /** Default: `CORE_SET`. */
  readonly set?: FeatureSet;
  /** Default: `drop`. */
  readonly missing?: MissingPolicy;
  /** Bars of the other instruments that the set names. */
  readonly others?: OtherBars;
}

const BARS_PER_STEP = 8_000;

/**
 * Builds the dataset of one horizon in steps of some milliseconds, so that a caller can do other things in between.
 * Faults: `horizon_invalid` (no whole number of bars above 0); those of `checkBarColumns` and of `featureMatrixSteps`.
 */
export function* datasetSteps(
  columns: BarColumns,
  horizonBars: number,
  options: DatasetOptions = {},
): Generator<void, Result<Dataset>> {
  const built = yield* datasetsSteps(columns, [horizonBars], options);
  if (!built.ok) return built;
  const [dataset] = built.value;
  return dataset === undefined ? err('horizon_invalid', 'no horizon was given') : ok(dataset);
}

/** The same for several horizons, in their order; the features are reckoned once. */
export function* datasetsSteps(
  columns: BarColumns,
  horizons: readonly number[],
  { set = CORE_SET, missing = 'drop', others }: DatasetOptions = {},
): Generator<void, Result<readonly Dataset[]>> {
  const unsound = horizons.find((horizonBars) => !Number.isInteger(horizonBars) || horizonBars < 1);
  if (unsound !== undefined)
    return err('horizon_invalid', `the horizon must be a whole number of bars above 0, not ${unsound}`);
  const checked = checkBarColumns(columns);
  if (!checked.ok) return checked;
  yield;
  const matrix = yield* featureMatrixSteps(columns, set, others);
  if (!matrix.ok) return matrix;
  const contiguous = contiguousBars(columns);
  const datasets: Dataset[] = [];
  for (const horizonBars of horizons)
    datasets.push(yield* labelledSteps(columns, matrix.value, contiguous, horizonBars, set, missing));
  return ok(datasets);
}

/** The rows that have features enough and a label. */
function* labelledSteps(
  columns: BarColumns,
  matrix: FeatureMatrix,
  contiguous: Int32Array,
  horizonBars: number,
  set: FeatureSet,
  missing: MissingPolicy,
): Generator<void, Dataset> {
  const { length, close } = columns;
  const { width, values } = matrix;
  const features = new Float64Array(length * width);
  const up = new Uint8Array(length);
  const logReturn = new Float64Array(length);
  const lastSign = new Int8Array(length);
  const barIndex = new Int32Array(length);
  const dropped = { warmUp: 0, gap: 0, undefinedValue: 0, labelAhead: 0, labelGap: 0, labelEqual: 0 };
  const needed = Math.max(missing === 'drop' ? set.warmUpBars : 1, horizonBars + 1);
  let rows = 0;

  for (let index = 0; index < length; index += 1) {
    if (index > 0 && index % BARS_PER_STEP === 0) yield;
    const behind = contiguous[index] as number;
    const tooShort = behind === index + 1 ? 'warmUp' : 'gap';
    if (behind < needed) {
      dropped[tooShort] += 1;
      continue;
    }
    const row = values.subarray(index * width, (index + 1) * width);
    let known = 0;
    for (let column = 0; column < width; column += 1) if (!Number.isNaN(row[column])) known += 1;
    if (!enoughKnown(known, width, missing)) {
      dropped[behind < set.warmUpBars ? tooShort : 'undefinedValue'] += 1;
      continue;
    }
    const label = directionLabel(columns, index, horizonBars);
    if (label === 'up' || label === 'down') {
      features.set(row, rows * width);
      up[rows] = label === 'up' ? 1 : 0;
      logReturn[rows] = returnLabel(columns, index, horizonBars);
      lastSign[rows] = Math.sign((close[index] as number) - (close[index - horizonBars] as number));
      barIndex[rows] = index;
      rows += 1;
    } else {
      dropped[label === 'ahead' ? 'labelAhead' : label === 'gap' ? 'labelGap' : 'labelEqual'] += 1;
    }
  }
  return {
    featureSet: { id: set.id, version: set.version, hash: set.hash },
    featureNames: matrix.names,
    rows,
    width,
    horizonBars,
    features: features.slice(0, rows * width),
    up: up.slice(0, rows),
    logReturn: logReturn.slice(0, rows),
    lastSign: lastSign.slice(0, rows),
    barIndex: barIndex.slice(0, rows),
    dropped,
  };
}
