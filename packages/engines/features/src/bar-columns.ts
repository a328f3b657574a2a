import {
  approximate,
  approximatePrice,
  err,
  IMBALANCE_UNITS,
  intervalMs,
  knowsFlow,
  msFromUs,
  ok,
  VOLUME_SCALE,
  type Bar,
  type BarSeries,
  type Instrument,
  type Interval,
  type Result,
} from '@monsta/core';
import { barFrameOf } from './indicators/bar-frame.ts';
import type { FlowInput } from './nodes/run-graph.ts';

/**
 * Closed bars of one instrument and interval as binary columns, oldest first: what features are computed from.
 * Missing bars are missing: `openTimeMs` jumps there, and nothing that would span the jump is known.
 */
export interface BarColumns {
  readonly interval: Interval;
  readonly length: number;
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Base volume. */
  readonly volume: Float64Array;
  /** Base volume that takers bought; NaN, or no column, where it is not known. */
  readonly takerBuyVolume?: Float64Array;
  /** Number of trades; NaN, or no column, where it is not known. */
  readonly trades?: Float64Array;
  /** `Bar.bookImbalance` as a number, −1 … 1; NaN, or no column, where the book is not known. */
  readonly bookImbalance?: Float64Array;
}

/** One closed bar in binary approximation. */
export interface BarValues {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** As in `BarColumns`; left out where it is not known. */
  readonly takerBuyVolume?: number;
  readonly trades?: number;
  readonly bookImbalance?: number;
}

/** Beyond 2^53 the quotient of two rounded numbers may differ from the rounded decimal, which is what text parses to. */
const approximateVolume = (units: bigint): number =>
  units <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(units) / 10 ** VOLUME_SCALE : approximate(units, VOLUME_SCALE);

/** The bar's figures as the nearest binary numbers: the same that its decimal text on the wire parses to. */
export function barValues(bar: Bar, instrument: Pick<Instrument, 'tick'>): BarValues {
  return {
    openTimeMs: msFromUs(bar.openTimeUs),
    open: approximatePrice(bar.open, instrument),
    high: approximatePrice(bar.high, instrument),
    low: approximatePrice(bar.low, instrument),
    close: approximatePrice(bar.close, instrument),
    volume: approximateVolume(bar.volume),
    ...(bar.takerBuyVolume === null ? {} : { takerBuyVolume: approximateVolume(bar.takerBuyVolume) }),
    ...(bar.trades === null ? {} : { trades: bar.trades }),
    ...(bar.bookImbalance === null ? {} : { bookImbalance: bar.bookImbalance / IMBALANCE_UNITS }),
  };
}

/** Room for `length` bars, all zero; with `flow` for what is known of trades and the book, all unknown. */
export function emptyBarColumns(interval: Interval, length: number, flow = false): BarColumns {
  const unknown = (): Float64Array => new Float64Array(length).fill(Number.NaN);
  return {
    interval,
    length,
    openTimeMs: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
    ...(flow ? { takerBuyVolume: unknown(), trades: unknown(), bookImbalance: unknown() } : {}),
  };
}

export function writeBar(columns: BarColumns, index: number, bar: BarValues): void {
  columns.openTimeMs[index] = bar.openTimeMs;
  columns.open[index] = bar.open;
  columns.high[index] = bar.high;
  columns.low[index] = bar.low;
  columns.close[index] = bar.close;
  columns.volume[index] = bar.volume;
  const { takerBuyVolume, trades, bookImbalance } = columns;
  if (takerBuyVolume !== undefined) takerBuyVolume[index] = bar.takerBuyVolume ?? Number.NaN;
  if (trades !== undefined) trades[index] = bar.trades ?? Number.NaN;
  if (bookImbalance !== undefined) bookImbalance[index] = bar.bookImbalance ?? Number.NaN;
}

/** What is wrong with one bar's figures, in words; null when nothing is. */
export function barFault(bar: BarValues): string | null {
  const { open, high, low, close, volume, openTimeMs } = bar;
  if (!Number.isSafeInteger(openTimeMs)) return `its open time ${openTimeMs} is no whole millisecond`;
  if (!(low > 0) || !Number.isFinite(high)) return `its low ${low} or high ${high} is no price above zero`;
  if (!(low <= close && close <= high)) return `its close ${close} lies outside its low ${low} and high ${high}`;
  if (!(low <= open && open <= high)) return `its open ${open} lies outside its low ${low} and high ${high}`;
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
  const flow = bars.some((bar) => bar.takerBuyVolume !== null || bar.trades !== null || bar.bookImbalance !== null);
  const columns = emptyBarColumns(interval, bars.length, flow);
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

/** The bars of a series as binary numbers, its flow among them: each the number that `barValues` gives of `barAt`. Faults: those of `checkBarColumns`. */
export function seriesColumns(series: BarSeries): Result<BarColumns> {
  const { interval, length, openTimeMs, open, high, low, close, volume } = barFrameOf(series);
  return checkBarColumns({ interval, length, openTimeMs, open, high, low, close, volume, ...flowOf(series) });
}

/** No column where nothing of it is known at any bar, as in `barColumnsSteps`. */
function flowOf(series: BarSeries): Pick<BarColumns, FlowInput> {
  if (series.flow === undefined || !knowsFlow(series)) return {};
  const { takerBuyVolume, trades, bookImbalance } = series.flow;
  const over = (column: Float64Array, unit: number): Float64Array => column.map((value) => value / unit);
  return {
    takerBuyVolume: over(takerBuyVolume, 10 ** VOLUME_SCALE),
    trades,
    bookImbalance: over(bookImbalance, IMBALANCE_UNITS),
  };
}

/** The same columns when they can be used. Faults: `columns_unequal`, `bar_invalid`, `bars_disordered` (with the bar's index). */
export function checkBarColumns(columns: BarColumns): Result<BarColumns> {
  const { openTimeMs, open, high, low, close, volume, length, takerBuyVolume, trades, bookImbalance } = columns;
  const all = [openTimeMs, open, high, low, close, volume, takerBuyVolume, trades, bookImbalance];
  if (all.some((column) => column !== undefined && column.length !== length))
    return err('columns_unequal', `every column must hold ${length} bars`);
  const step = intervalMs(columns.interval);
  for (let index = 0; index < length; index += 1) {
    const bar = {
      openTimeMs: openTimeMs[index] ?? Number.NaN,
      open: open[index] ?? Number.NaN,
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
