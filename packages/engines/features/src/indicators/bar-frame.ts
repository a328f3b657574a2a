import { intervalMs, opensInterval, VOLUME_SCALE, type BarSeries, type Interval } from '@monsta/core';
import type { IndicatorBar } from './indicator-bar.ts';

const VOLUME_UNIT = 10 ** VOLUME_SCALE;

/** Closed bars in columns of binary numbers, oldest first: each the very number that it is in the bar's `IndicatorBar`. */
export interface BarFrame {
  readonly interval: Interval;
  readonly length: number;
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

const frames = new WeakMap<BarSeries, BarFrame>();

/** The bars of a series as strategies see them. Made once for each series, and of its columns those that somebody looks at. */
export function barFrameOf(series: BarSeries): BarFrame {
  const known = frames.get(series);
  if (known !== undefined) return known;
  const frame = new SeriesFrame(series);
  frames.set(series, frame);
  return frame;
}

class SeriesFrame implements BarFrame {
  readonly #series: BarSeries;
  readonly interval: Interval;
  readonly length: number;
  readonly openTimeMs: Float64Array;
  #open: Float64Array | null = null;
  #high: Float64Array | null = null;
  #low: Float64Array | null = null;
  #close: Float64Array | null = null;
  #volume: Float64Array | null = null;

  constructor(series: BarSeries) {
    this.#series = series;
    this.interval = series.interval;
    this.length = series.length;
    this.openTimeMs = series.openTimeMs;
  }

  get open(): Float64Array {
    return (this.#open ??= this.#prices(this.#series.open));
  }

  get high(): Float64Array {
    return (this.#high ??= this.#prices(this.#series.high));
  }

  get low(): Float64Array {
    return (this.#low ??= this.#prices(this.#series.low));
  }

  get close(): Float64Array {
    return (this.#close ??= this.#prices(this.#series.close));
  }

  get volume(): Float64Array {
    return (this.#volume ??= scaled(this.#series.volume, 1, VOLUME_UNIT));
  }

  #prices(ticks: Float64Array): Float64Array {
    const { units, scale } = this.#series.instrument.tick;
    return scaled(ticks, units, 10 ** scale);
  }
}

function scaled(values: Float64Array, by: number, over: number): Float64Array {
  const made = new Float64Array(values.length);
  for (let index = 0; index < values.length; index += 1) made[index] = ((values[index] as number) * by) / over;
  return made;
}

/** The bar at an index. Throws a RangeError where there is none. */
export function frameBar(frame: BarFrame, index: number): IndicatorBar {
  const openTimeMs = frame.openTimeMs[index];
  if (openTimeMs === undefined) throw new RangeError(`there is no bar ${index} in ${frame.length} bars`);
  return {
    openTimeMs,
    closeTimeMs: openTimeMs + intervalMs(frame.interval),
    open: frame.open[index] ?? 0,
    high: frame.high[index] ?? 0,
    low: frame.low[index] ?? 0,
    close: frame.close[index] ?? 0,
    volume: frame.volume[index] ?? 0,
  };
}

/** The columns of a frame at hand, for who makes one bar of them after another. */
export class FrameColumns {
  // Not private: the fewer steps `barAt` has, the sooner it becomes a part of the strategy that looks at the bar, and nothing is made that is not looked at.
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly lengthMs: number;

  constructor({ openTimeMs, open, high, low, close, volume, interval }: BarFrame) {
    this.openTimeMs = openTimeMs;
    this.open = open;
    this.high = high;
    this.low = low;
    this.close = close;
    this.volume = volume;
    this.lengthMs = intervalMs(interval);
  }

  /** `frameBar` at an index that is there. */
  barAt(index: number): IndicatorBar {
    const openTimeMs = this.openTimeMs[index] as number;
    return {
      openTimeMs,
      closeTimeMs: openTimeMs + this.lengthMs,
      open: this.open[index] as number,
      high: this.high[index] as number,
      low: this.low[index] as number,
      close: this.close[index] as number,
      volume: this.volume[index] as number,
    };
  }
}

const columnsAtHand = new WeakMap<BarFrame, FrameColumns>();

/** Made once for each frame. */
export function frameColumnsOf(frame: BarFrame): FrameColumns {
  let known = columnsAtHand.get(frame);
  if (known === undefined) columnsAtHand.set(frame, (known = new FrameColumns(frame)));
  return known;
}

type Times = Pick<BarFrame, 'openTimeMs' | 'length' | 'interval'>;

const even = new WeakMap<Times, boolean>();

/** True where each bar begins an interval after the one before, at a multiple of it. Looked at once for each frame, or series. */
export function isEvenlySpaced(bars: Times): boolean {
  let known = even.get(bars);
  if (known === undefined) even.set(bars, (known = hasEqualSteps(bars)));
  return known;
}

function hasEqualSteps({ openTimeMs, length, interval }: Times): boolean {
  const stepMs = intervalMs(interval);
  if (length === 0 || !opensInterval(openTimeMs[0] as number, interval)) return false;
  for (let index = 1; index < length; index += 1)
    if ((openTimeMs[index] as number) - (openTimeMs[index - 1] as number) !== stepMs) return false;
  return true;
}
