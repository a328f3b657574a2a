import { intervalMs, MS_PER_DAY } from '@monsta/core';
import { closesOf, meanOf } from './averages.ts';
import { columnar, columnarNumber, indicator, wholeNumber, type Indicator } from './indicator.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { rollingHighest, rollingLowest } from './rolling-extremes.ts';

const YEAR_MS = 365 * MS_PER_DAY;

/** Of the whole population: divided by n. */
function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/** Standard deviation of the last `period` closes, divided by n (as Bollinger's bands are), in the price's unit. Warm-up: `period` bars. */
export function standardDeviation(period = 20): Indicator<number> {
  const name = `standardDeviation(${period})`;
  const plain = indicator(name, wholeNumber(name, 'the period', period), (bars) => deviationOf(closesOf(bars)));
  return columnarNumber(
    plain,
    ({ close }) =>
      (index) =>
        spreadOver(close, index - period + 1, index).deviation,
  );
}

/** `meanOf` and `deviationOf` the values from one index to another. */
function spreadOver(
  values: Float64Array,
  from: number,
  to: number,
): { readonly mean: number; readonly deviation: number } {
  const count = to - from + 1;
  let sum = 0;
  for (let index = from; index <= to; index += 1) sum += values[index] as number;
  const mean = sum / count;
  let squares = 0;
  for (let index = from; index <= to; index += 1) squares += ((values[index] as number) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / count) };
}

export interface Band {
  readonly lower: number;
  readonly middle: number;
  readonly upper: number;
}

/**
 * Bollinger bands (Bollinger on Bollinger Bands, 2001), in the price's unit: the mean of the last `period` closes, and `width` standard deviations (divided by n) below and above it.
 * Warm-up: `period` bars.
 */
export function bollinger(period = 20, width = 2): Indicator<Band> {
  const name = `bollinger(${period}, ${width})`;
  if (!(Number.isFinite(width) && width > 0)) throw new RangeError(`${name}: the width must be above 0, not ${width}`);
  const bandOf = (middle: number, deviation: number): Band => {
    const reach = width * deviation;
    return { lower: middle - reach, middle, upper: middle + reach };
  };
  const plain = indicator(name, wholeNumber(name, 'the period', period), (bars) => {
    const closes = closesOf(bars);
    return bandOf(meanOf(closes), deviationOf(closes));
  });
  return columnar(plain, ({ close }) => (index) => {
    const { mean, deviation } = spreadOver(close, index - period + 1, index);
    return bandOf(mean, deviation);
  });
}

const highestOf = (bars: readonly IndicatorBar[]): number =>
  bars.reduce((top, { high }) => Math.max(top, high), -Infinity);
const lowestOf = (bars: readonly IndicatorBar[]): number => bars.reduce((low, bar) => Math.min(low, bar.low), Infinity);

/** `meanOf` the last `count` values up to an index. */
function meanUpTo(values: Float64Array, index: number, count: number): number {
  let sum = 0;
  for (let at = Math.max(0, index - count + 1); at <= index; at += 1) sum += values[at] as number;
  return sum / count;
}

/** Donchian channel, in the price's unit: the highest high and the lowest low of the last `period` bars, the newest among them, and the middle between. Warm-up: `period` bars. */
export function donchian(period = 20): Indicator<Band> {
  const name = `donchian(${period})`;
  const bandOf = (lower: number, upper: number): Band => ({ lower, middle: (lower + upper) / 2, upper });
  const plain = indicator(name, wholeNumber(name, 'the period', period), (bars) =>
    bandOf(lowestOf(bars), highestOf(bars)),
  );
  return columnar(plain, ({ low, high }) => {
    const [lowest, highest] = [rollingLowest(low, period), rollingHighest(high, period)];
    return (index) => bandOf(lowest[index] as number, highest[index] as number);
  });
}

/** Rate of change in per cent: `100 · (close / close of period bars before − 1)`. Warm-up: `period` + 1 bars. */
export function roc(period = 10): Indicator<number> {
  const name = `roc(${period})`;
  const plain = indicator(name, wholeNumber(name, 'the period', period) + 1, (bars) => {
    const [oldest, newest] = [bars[0], bars.at(-1)];
    return oldest === undefined || newest === undefined ? Number.NaN : 100 * (newest.close / oldest.close - 1);
  });
  return columnarNumber(
    plain,
    ({ close }) =>
      (index) =>
        100 * ((close[index] as number) / (close[index - period] as number) - 1),
  );
}

export interface Stochastic {
  readonly k: number;
  readonly d: number;
}

/**
 * Slow stochastic (Lane), 0 to 100: `100 · (close − lowest low) / (highest high − lowest low)` of the last `period` bars, 50 where they are equal; `k` its mean over `smoothing` bars,
 * `d` the mean of `k` over `signal` bars. Warm-up: `period` + `smoothing` + `signal` − 2 bars.
 */
export function stochastic(period = 14, smoothing = 3, signal = 3): Indicator<Stochastic> {
  const name = `stochastic(${period}, ${smoothing}, ${signal})`;
  wholeNumber(name, 'the period', period);
  wholeNumber(name, 'the smoothing', smoothing);
  wholeNumber(name, 'the signal', signal);
  const averages = (values: readonly number[], over: number): number[] =>
    values.slice(over - 1).map((_, index) => meanOf(values.slice(index, index + over)));
  const placeOf = (close: number, lowest: number, highest: number): number =>
    highest === lowest ? 50 : (100 * (close - lowest)) / (highest - lowest);
  const plain = indicator(name, period + smoothing + signal - 2, (bars) => {
    const raw = bars.slice(period - 1).map(({ close }, index) => {
      const seen = bars.slice(index, index + period);
      return placeOf(close, lowestOf(seen), highestOf(seen));
    });
    const ks = averages(raw, smoothing);
    return { k: ks.at(-1) ?? Number.NaN, d: averages(ks, signal).at(-1) ?? Number.NaN };
  });
  return columnar(plain, ({ low, high, close }) => {
    const [lowest, highest] = [rollingLowest(low, period), rollingHighest(high, period)];
    const raw = close.map((value, at) => placeOf(value, lowest[at] as number, highest[at] as number));
    const ks = raw.map((_, at) => meanUpTo(raw, at, smoothing));
    return (index) => ({ k: ks[index] as number, d: meanUpTo(ks, index, signal) });
  });
}

/**
 * Volume-weighted average price of the last `period` bars, in the price's unit: `Σ typical · volume / Σ volume`, typical = (high + low + close) / 3; null where nothing was traded.
 * It rolls; it does not begin anew with the day. Warm-up: `period` bars.
 */
export function vwap(period = 20): Indicator<number | null> {
  const name = `vwap(${period})`;
  const plain = indicator(name, wholeNumber(name, 'the period', period), (bars) => {
    const volume = bars.reduce((sum, bar) => sum + bar.volume, 0);
    if (volume <= 0) return null;
    return bars.reduce((sum, bar) => sum + ((bar.high + bar.low + bar.close) / 3) * bar.volume, 0) / volume;
  });
  return columnar(plain, ({ high, low, close, volume }) => (index) => {
    let [base, value] = [0, 0];
    for (let at = index - period + 1; at <= index; at += 1) {
      base += volume[at] as number;
      value += (((high[at] as number) + (low[at] as number) + (close[at] as number)) / 3) * (volume[at] as number);
    }
    return base <= 0 ? null : value / base;
  });
}

/**
 * Realised volatility of the last `period` returns, as a fraction of the price per year of 365 days: `√(Σ r² / period · bars per year)` with `r` the logarithm of close over close before
 * (Andersen and Bollerslev; the mean is not taken off). Bars per year follow from the bars' own length. Warm-up: `period` + 1 bars.
 */
export function realizedVolatility(period = 30): Indicator<number> {
  const name = `realizedVolatility(${period})`;
  const squareOf = (close: number, before: number): number => Math.log(close / before) ** 2;
  const plain = indicator(name, wholeNumber(name, 'the period', period) + 1, (bars) => {
    const [first] = bars;
    if (first === undefined) return Number.NaN;
    const squares = bars.slice(1).map(({ close }, index) => squareOf(close, bars[index]?.close ?? Number.NaN));
    return Math.sqrt(meanOf(squares) * (YEAR_MS / (first.closeTimeMs - first.openTimeMs)));
  });
  return columnarNumber(plain, ({ close, interval }) => {
    const squares = close.map((value, at) => squareOf(value, close[at - 1] ?? value));
    const barsAYear = YEAR_MS / intervalMs(interval);
    return (index) => Math.sqrt(meanUpTo(squares, index, period) * barsAYear);
  });
}

/**
 * Mean absolute log return over `over` bars, of the moves that ended at the last `count` closes (they overlap where `over` is above 1); 0.01 is about 1 %. What the price is expected to
 * move in that time, whichever way. Warm-up: `over` + `count` bars.
 */
export function absoluteReturn(over = 1, count = 100): Indicator<number> {
  const name = `absoluteReturn(${over}, ${count})`;
  const length = wholeNumber(name, 'over', over) + wholeNumber(name, 'the count', count);
  const moveOf = (close: number, before: number): number => Math.abs(Math.log(close / before));
  const plain = indicator(name, length, (bars) => {
    const closes = closesOf(bars);
    return meanOf(closes.slice(over).map((close, index) => moveOf(close, closes[index] ?? Number.NaN)));
  });
  return columnarNumber(plain, ({ close }) => {
    const moves = close.map((value, at) => moveOf(value, close[at - over] ?? value));
    return (index) => meanUpTo(moves, index, count);
  });
}
