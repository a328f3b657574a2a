import {
  approximate,
  approximatePrice,
  err,
  intervalMs,
  msFromUs,
  ok,
  VOLUME_SCALE,
  type Bar,
  type Instrument,
  type Interval,
  type Result,
} from '@monsta/core';

/**
 * Closed bars of one instrument and interval as binary columns, oldest first: what features are computed from.
 * Missing bars are missing: `openTimeMs` jumps there, and nothing that would span the jump is known.
 */
export interface BarColumns {
  readonly interval: Interval;
  readonly length: number;
  readonly openTimeMs: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Base volume. */
  readonly volume: Float64Array;
}

/** One closed bar in binary approximation. */
export interface BarValues {
  readonly openTimeMs: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Beyond 2^53 the quotient of two rounded numbers may differ from the rounded decimal, which is what text parses to. */
const approximateVolume = (units: bigint): number =>
  units <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(units) / 10 ** VOLUME_SCALE : approximate(units, VOLUME_SCALE);

/** The bar's figures as the nearest binary numbers: the same that its decimal text on the wire parses to. */
export function barValues(bar: Bar, instrument: Pick<Instrument, 'tick'>): BarValues {
  return {
    openTimeMs: msFromUs(bar.openTimeUs),
    high: approximatePrice(bar.high, instrument),
    low: approximatePrice(bar.low, instrument),
    close: approximatePrice(bar.close, instrument),
    volume: approximateVolume(bar.volume),
  };
}

/** Room for `length` bars, all zero. */
export function emptyBarColumns(interval: Interval, length: number): BarColumns {
  return {
    interval,
    length,
    openTimeMs: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
  };
}

export function writeBar(columns: BarColumns, index: number, bar: BarValues): void {
  columns.openTimeMs[index] = bar.openTimeMs;
  columns.high[index] = bar.high;
  columns.low[index] = bar.low;
  columns.close[index] = bar.close;
  columns.volume[index] = bar.volume;
}

/** What is wrong with one bar's figures, in words; null when nothing is. */
export function barFault(bar: BarValues): string | null {
  const { high, low, close, volume, openTimeMs } = bar;
  if (!Number.isSafeInteger(openTimeMs)) return `its open time ${openTimeMs} is no whole millisecond`;
  if (!(low > 0) || !Number.isFinite(high)) return `its low ${low} or high ${high} is no price above zero`;
  if (!(low <= close && close <= high)) return `its close ${close} lies outside its low ${low} and high ${high}`;
  if (!(volume >= 0) || !Number.isFinite(volume)) return `its volume ${volume} is no amount`;
  return null;
}

const BARS_PER_STEP = 8_000;

/**
 * Columns from closed bars, oldest first, in steps of some milliseconds, so that a caller can do other things in between.
 * Faults: `bar_not_closed`, `interval_mismatch`; and those of `checkBarColumns`.
 */
export function* barColumnsSteps(
  bars: readonly Bar[],
  interval: Interval,
  instrument: Pick<Instrument, 'tick'>,
): Generator<void, Result<BarColumns>> {
  const columns = emptyBarColumns(interval, bars.length);
  for (const [index, bar] of bars.entries()) {
    if (index > 0 && index % BARS_PER_STEP === 0) yield;
    if (!bar.closed)
      return err('bar_not_closed', `bar ${index} is still forming; features are computed from closed bars only`);
    if (bar.interval !== interval)
      return err('interval_mismatch', `bar ${index} is a ${bar.interval} bar among ${interval} bars`);
    writeBar(columns, index, barValues(bar, instrument));
  }
  return checkBarColumns(columns);
}

/** The same columns when they can be used. Faults: `columns_unequal`, `bar_invalid`, `bars_disordered` (with the bar's index). */
export function checkBarColumns(columns: BarColumns): Result<BarColumns> {
  const { openTimeMs, high, low, close, volume, length } = columns;
  if ([openTimeMs, high, low, close, volume].some((column) => column.length !== length))
    return err('columns_unequal', `every column must hold ${length} bars`);
  const step = intervalMs(columns.interval);
  for (let index = 0; index < length; index += 1) {
    const bar = {
      openTimeMs: openTimeMs[index] ?? Number.NaN,
      high: high[index] ?? Number.NaN,
      low: low[index] ?? Number.NaN,
      close: close[index] ?? Number.NaN,
      volume: volume[index] ?? Number.NaN,
    };
    const wrong = barFault(bar);
    if (wrong !== null) return err('bar_invalid', `bar ${index} of ${length} can't be used: ${wrong}`);
    if (index > 0 && bar.openTimeMs < (openTimeMs[index - 1] ?? Number.NaN) + step)
      return err(
        'bars_disordered',
        `bar ${index} of ${length} opens less than one ${columns.interval} after the bar before; sort the bars and remove doubles`,
      );
  }
  return ok(columns);
}
