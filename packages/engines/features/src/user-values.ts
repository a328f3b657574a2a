import { err, intervalMs, ok, type Result } from '@monsta/core';
import { emptyBarColumns, writeBar, type BarColumns, type BarValues } from './bar-columns.ts';
import { frameBar } from './indicators/bar-frame.ts';
import type { IndicatorBar } from './indicators/indicator-bar.ts';
import { isColumnFeature, type ColumnFeature, type UserFeature, type WindowFeature } from './user-feature.ts';

const BARS_PER_STEP = 2_000;

const failed = (feature: UserFeature, what: string) =>
  err('feature_failed', `the feature ${feature.name} ${what}`, { details: { feature: feature.name } });

/** What somebody's function gave, or what is wrong with it. */
function numberOf(feature: UserFeature, value: unknown): Result<number> {
  if (typeof value === 'number') return ok(Number.isFinite(value) ? value : Number.NaN);
  return failed(feature, `gave ${typeof value} where a number is expected; give NaN where it is not known`);
}

function windowValue(feature: WindowFeature, bars: readonly IndicatorBar[]): Result<number> {
  try {
    return numberOf(feature, feature.value(bars));
  } catch (thrown) {
    return failed(feature, `threw: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

/** Of somebody else's function, so it is given columns of its own. */
function columnValues(feature: ColumnFeature, columns: BarColumns): Result<ArrayLike<unknown>> {
  try {
    const values: unknown = feature.column(copyOf(columns));
    if (typeof values !== 'object' || values === null || !('length' in values) || values.length !== columns.length)
      return failed(feature, `must give an array of ${columns.length} numbers, one for each bar`);
    // Its elements are looked at one by one.
    return ok(values as ArrayLike<unknown>);
  } catch (thrown) {
    return failed(feature, `threw: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function copyOf(columns: BarColumns): BarColumns {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(columns))
    copy[name] = value instanceof Float64Array ? value.slice() : value;
  return { ...columns, ...copy };
}

/** How many contiguous bars end at each bar, it included. */
export function contiguousBars({ openTimeMs, interval, length }: BarColumns): Int32Array {
  const stepMs = intervalMs(interval);
  const counts = new Int32Array(length);
  for (let index = 0; index < length; index += 1) {
    const follows = index > 0 && (openTimeMs[index] as number) === (openTimeMs[index - 1] as number) + stepMs;
    counts[index] = follows ? (counts[index - 1] as number) + 1 : 1;
  }
  return counts;
}

/** Somebody's features over whole columns, by name; NaN where fewer contiguous bars are there than a feature is made of. Fault `feature_failed`: it threw, or gave no number. */
export function* userValuesSteps(
  features: readonly UserFeature[],
  columns: BarColumns,
): Generator<void, Result<ReadonlyMap<string, Float64Array>>> {
  const made = new Map<string, Float64Array>();
  if (features.length === 0) return ok(made);
  const contiguous = contiguousBars(columns);
  const bars: IndicatorBar[] = [];
  if (features.some((feature) => !isColumnFeature(feature)))
    for (let index = 0; index < columns.length; index += 1) bars.push(Object.freeze(frameBar(columns, index)));
  for (const feature of features) {
    const values = new Float64Array(columns.length).fill(Number.NaN);
    const given = isColumnFeature(feature) ? columnValues(feature, columns) : null;
    if (given !== null && !given.ok) return given;
    for (let index = 0; index < columns.length; index += 1) {
      if (index % BARS_PER_STEP === 0) yield;
      if ((contiguous[index] as number) < feature.bars) continue;
      const value = isColumnFeature(feature)
        ? numberOf(feature, given?.value[index])
        : windowValue(feature, bars.slice(index - feature.bars + 1, index + 1));
      if (!value.ok) return value;
      values[index] = value.value;
    }
    made.set(feature.name, values);
  }
  return ok(made);
}

const NO_VALUES: Result<ReadonlyMap<string, number>> = ok(new Map());

/** The newest contiguous bars, for somebody's features in a stream. */
export class UserStream {
  readonly #features: readonly UserFeature[];
  readonly #columns: BarColumns;
  readonly #bars: IndicatorBar[] = [];
  readonly #most: number;

  constructor(features: readonly UserFeature[], columns: Pick<BarColumns, 'interval'>) {
    this.#features = features;
    this.#most = Math.max(0, ...features.map(({ bars }) => bars));
    this.#columns = emptyBarColumns(columns.interval, 2 * this.#most, true);
  }

  reset(): void {
    this.#bars.length = 0;
  }

  /** Takes the next bar and gives the features as of it. Fault `feature_failed`. */
  push(bar: BarValues): Result<ReadonlyMap<string, number>> {
    if (this.#most === 0) return NO_VALUES;
    const values = new Map<string, number>();
    if (this.#bars.length === 2 * this.#most) this.#keepNewest();
    const index = this.#bars.length;
    writeBar(this.#columns, index, bar);
    this.#bars.push(Object.freeze(frameBar(this.#columns, index)));
    for (const feature of this.#features) {
      const value = this.#valueOf(feature);
      if (!value.ok) return value;
      values.set(feature.name, value.value);
    }
    return ok(values);
  }

  #valueOf(feature: UserFeature): Result<number> {
    const from = this.#bars.length - feature.bars;
    if (from < 0) return ok(Number.NaN);
    if (!isColumnFeature(feature)) return windowValue(feature, this.#bars.slice(from));
    const given = columnValues(feature, sliceBarColumns(this.#columns, from, this.#bars.length));
    return given.ok ? numberOf(feature, given.value[feature.bars - 1]) : given;
  }

  #keepNewest(): void {
    const most = this.#most;
    for (const column of Object.values<unknown>({ ...this.#columns }))
      if (column instanceof Float64Array) column.copyWithin(0, most, 2 * most);
    this.#bars.splice(0, most);
  }
}

/** The bars `from … to − 1`: the same memory. */
export function sliceBarColumns(columns: BarColumns, from: number, to: number): BarColumns {
  const part: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(columns))
    part[name] = value instanceof Float64Array ? value.subarray(from, to) : value;
  return { ...columns, ...part, length: Math.max(0, to - from) };
}
