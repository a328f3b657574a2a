import { resampleSteps, type Judged, type Judgement } from './judgement.ts';

/** What prediction intervals are judged by. */
export interface ConformalOptions {
  /** Share of returns that the intervals are to hold, 0–1. */
  readonly coverage: number;
  /** `split`: errors of every settled forecast; `rolling`: of the newest so many horizons of them, for markets whose size of moves changes. */
  readonly windowHorizons: number | null;
  /** Least settled forecasts that do not overlap, fewer of which make no interval. */
  readonly horizonsMin: number;
}

/** How prediction intervals did on returns that came after they were made. */
export interface ConformalScore {
  readonly method: 'split' | 'rolling';
  readonly wanted: number;
  /** Rows that had an interval. */
  readonly rows: number;
  /** Share of them within their interval. */
  readonly coverage: Judged;
  /** Mean half width, in log return. */
  readonly meanHalfWidth: Judged;
  /** Half width that the newest forecast would be given. */
  readonly latestHalfWidth: number;
}

/** Absolute errors in order of size; the newest so many. */
class SortedWindow {
  readonly #sorted: Float64Array;
  readonly #arrived: Float64Array;
  readonly #limit: number;
  #count = 0;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#sorted = new Float64Array(limit);
    this.#arrived = new Float64Array(limit);
  }

  get count(): number {
    return this.#count;
  }

  push(value: number): void {
    if (this.#count === this.#limit) {
      const place = this.#placeOf(this.#arrived[this.#taken % this.#limit] ?? 0);
      this.#sorted.copyWithin(place, place + 1, this.#count);
      this.#count -= 1;
    }
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place + 1, place, this.#count);
    this.#sorted[place] = value;
    this.#arrived[this.#taken % this.#limit] = value;
    this.#count += 1;
    this.#taken += 1;
  }

  /** The ⌈(n + 1) · coverage⌉-th smallest, which a further value exchangeable with these stays within with at least that probability; infinite where there are too few. */
  bound(coverage: number): number {
    const rank = Math.ceil((this.#count + 1) * coverage);
    return rank > this.#count ? Number.POSITIVE_INFINITY : (this.#sorted[rank - 1] ?? Number.NaN);
  }

  #placeOf(value: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? Infinity) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The bar and outcome of each forecast: expected, what came, made at. */
export interface SettledForecasts {
  readonly expected: Float64Array;
  readonly came: Float64Array;
  readonly barIndex: Int32Array;
  readonly horizonBars: number;
}

const at = (values: Float64Array | Int32Array, index: number): number => values[index] ?? Number.NaN;

const ROWS_PER_STEP = 4_000;

/**
 * The half width of each forecast's interval, in steps, from the absolute errors of forecasts that were settled when it was made (split conformal prediction: Vovk, Gammerman and Shafer 2005;
 * Lei, G'Sell, Rinaldo, Tibshirani and Wasserman 2018). NaN where these were too few. One value more than forecasts: the last is of a forecast made when all are settled.
 */
export function* conformalWidthsSteps(
  { expected, came, barIndex, horizonBars }: SettledForecasts,
  { coverage, windowHorizons, horizonsMin }: ConformalOptions,
): Generator<void, Float64Array> {
  const rows = expected.length;
  const limit = windowHorizons === null ? rows : Math.min(rows, windowHorizons * horizonBars);
  const window = new SortedWindow(Math.max(1, limit));
  const least = horizonsMin * horizonBars;
  const widths = new Float64Array(rows + 1).fill(Number.NaN);
  let settled = 0;
  for (let row = 0; row <= rows; row += 1) {
    const bar = row === rows ? Number.POSITIVE_INFINITY : at(barIndex, row);
    while (settled < row && at(barIndex, settled) + horizonBars <= bar) {
      window.push(Math.abs(at(came, settled) - at(expected, settled)));
      settled += 1;
    }
    if (window.count >= Math.min(least, limit)) widths[row] = window.bound(coverage);
    if ((row + 1) % ROWS_PER_STEP === 0) yield;
  }
  return widths;
}

/** How conformal intervals did out of sample, in steps; null where no forecast had one. */
export function* conformalScoreSteps(
  forecasts: SettledForecasts,
  options: ConformalOptions,
  judgement: Judgement,
): Generator<void, ConformalScore | null> {
  const widths = yield* conformalWidthsSteps(forecasts, options);
  const rows = forecasts.expected.length;
  const judged = Int32Array.from({ length: rows }, (_, row) => row).filter((row) => Number.isFinite(widths[row]));
  const latest = at(widths, rows);
  if (judged.length === 0 || !Number.isFinite(latest)) return null;
  const width = Float64Array.from(judged, (row) => at(widths, row));
  const inside = Int8Array.from(judged, (row) =>
    Math.abs(at(forecasts.came, row) - at(forecasts.expected, row)) <= at(widths, row) ? 1 : 0,
  );
  yield;
  const sums = yield* resampleSteps({ inside, width }, judgement);
  const coverage = sums.judge((totals) => totals.inside / judged.length);
  const meanHalfWidth = sums.judge((totals) => totals.width / judged.length);
  if (coverage === null || meanHalfWidth === null) return null;
  return {
    method: options.windowHorizons === null ? 'split' : 'rolling',
    wanted: options.coverage,
    rows: judged.length,
    coverage,
    meanHalfWidth,
    latestHalfWidth: latest,
  };
}
