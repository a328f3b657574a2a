import type { Instrument } from './instrument.ts';
import { price } from './instrument.ts';
import type { Bar } from './market-data.ts';
import { intervalMs, intervalUs, timestampUs, usFromMs, type Interval } from './time.ts';

/** What only some sources say of bars, in columns beside theirs; NaN where it is not known. */
export interface BarFlow {
  /** Base volume that takers bought, in units as `volume`. */
  readonly takerBuyVolume: Float64Array;
  /** Number of trades. */
  readonly trades: Float64Array;
  /** As `Bar.bookImbalance`: millionths. */
  readonly bookImbalance: Float64Array;
}

/**
 * Closed bars of one instrument and interval in columns, oldest first: millions of them cost no objects, and threads can share them. Prices are exact: whole ticks of `instrument`.
 * Bars that are missing are missing: `openTimeMs` jumps there.
 */
export interface BarSeries {
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly length: number;
  /** Strictly rising; each a multiple of the interval unless the source says otherwise. */
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Base volume in units of 10⁻⁸ (`VOLUME_SCALE`); exact up to 2⁵³, the nearest number beyond. */
  readonly volume: Float64Array;
  /** Only where it was asked for. */
  readonly flow?: BarFlow;
}

const columnOf = (length: number, shared: boolean): Float64Array => {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  return shared ? new Float64Array(new SharedArrayBuffer(bytes)) : new Float64Array(new ArrayBuffer(bytes));
};

/** Room for `length` bars, all zero. `shared`: in memory that worker threads can see without copying it. */
export function emptyBarSeries(instrument: Instrument, interval: Interval, length: number, shared = false): BarSeries {
  const column = (): Float64Array => columnOf(length, shared);
  return {
    instrument,
    interval,
    length,
    openTimeMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
}

/** Flow of `length` bars of which nothing is known yet. `shared` as in `emptyBarSeries`. */
export function unknownBarFlow(length: number, shared = false): BarFlow {
  const unknown = (): Float64Array => columnOf(length, shared).fill(Number.NaN);
  return { takerBuyVolume: unknown(), trades: unknown(), bookImbalance: unknown() };
}

/** True where flow of any bar is known. */
export function knowsFlow({ flow }: BarSeries): boolean {
  if (flow === undefined) return false;
  return [flow.takerBuyVolume, flow.trades, flow.bookImbalance].some((column) =>
    column.some((value) => !Number.isNaN(value)),
  );
}

/** The first index whose time is at least `ms`. */
export function indexFrom(times: Float64Array, ms: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The bars from index `from` on, `to` not included: the same memory. */
export function sliceBarSeries(series: BarSeries, from: number, to: number): BarSeries {
  const part = (column: Float64Array): Float64Array => column.subarray(from, to);
  const openTimeMs = part(series.openTimeMs);
  const { flow } = series;
  return {
    ...series,
    length: openTimeMs.length,
    openTimeMs,
    open: part(series.open),
    high: part(series.high),
    low: part(series.low),
    close: part(series.close),
    volume: part(series.volume),
    ...(flow === undefined
      ? {}
      : {
          flow: {
            takerBuyVolume: part(flow.takerBuyVolume),
            trades: part(flow.trades),
            bookImbalance: part(flow.bookImbalance),
          },
        }),
  };
}

const knownAt = (column: Float64Array | undefined, index: number): number | null => {
  const value = column?.[index] ?? Number.NaN;
  return Number.isNaN(value) ? null : value;
};

/** The bar at an index, closed and stamped with its close. Throws a RangeError where there is none. */
export function barAt(series: BarSeries, index: number): Bar {
  const { instrument, interval } = series;
  const openMs = series.openTimeMs[index];
  const o = series.open[index];
  const h = series.high[index];
  const l = series.low[index];
  const c = series.close[index];
  const v = series.volume[index];
  if (
    openMs === undefined ||
    o === undefined ||
    h === undefined ||
    l === undefined ||
    c === undefined ||
    v === undefined
  )
    throw new RangeError(`there is no bar ${index} in ${series.length} bars`);
  const openTimeUs = usFromMs(openMs);
  const closeTimeUs = timestampUs(openTimeUs + intervalUs(interval));
  const takerBuyVolume = knownAt(series.flow?.takerBuyVolume, index);
  return {
    kind: 'bar',
    instrument: instrument.id,
    interval,
    openTimeUs,
    closeTimeUs,
    open: price(o),
    high: price(h),
    low: price(l),
    close: price(c),
    volume: BigInt(v),
    quoteVolume: null,
    takerBuyVolume: takerBuyVolume === null ? null : BigInt(takerBuyVolume),
    takerBuyQuoteVolume: null,
    trades: knownAt(series.flow?.trades, index),
    firstTradeId: null,
    lastTradeId: null,
    bookImbalance: knownAt(series.flow?.bookImbalance, index),
    closed: true,
    tsEventUs: closeTimeUs,
    tsInitUs: closeTimeUs,
  };
}

/** Where bars are missing inside a series. */
export interface BarGaps {
  /** How many times `openTimeMs` jumps over bars. */
  readonly count: number;
  /** How many bars are not there. */
  readonly missing: number;
  /** The longest gap: the open times of the bars around it; null where there is none. */
  readonly longest: { readonly beforeMs: number; readonly afterMs: number } | null;
}

/** The gaps of a series, counted. */
export function barGaps(series: BarSeries): BarGaps {
  const { openTimeMs, length } = series;
  const step = intervalMs(series.interval);
  let count = 0;
  let missing = 0;
  let longest = 0;
  for (let index = 1; index < length; index += 1) {
    const distance = (openTimeMs[index] ?? 0) - (openTimeMs[index - 1] ?? 0);
    if (distance <= step) continue;
    count += 1;
    missing += distance / step - 1;
    if (longest === 0 || distance > (openTimeMs[longest] ?? 0) - (openTimeMs[longest - 1] ?? 0)) longest = index;
  }
  return {
    count,
    missing,
    longest: longest === 0 ? null : { beforeMs: openTimeMs[longest - 1] ?? 0, afterMs: openTimeMs[longest] ?? 0 },
  };
}
