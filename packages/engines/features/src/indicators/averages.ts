import { blockSum, blockSums } from './block-sums.ts';
import { columnar, columnarNumber, indicator, wholeNumber, type Indicator } from './indicator.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { columnFor, columnValues } from './shared-values.ts';
import { seededAverage, seededAverages, timesIn, timesOf, type BarTimes, type SeededTerms } from './seeded-averages.ts';

/** How many periods an exponential average looks back: the plain average that it begins with then weighs less than 4·10⁻⁴ (e⁻⁸ is the limit for long periods). */
const EMA_PERIODS = 5;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const closesOf = (bars: readonly IndicatorBar[]): number[] => bars.map(({ close }) => close);

/** Simple moving average: the mean of the last `period` closes, in the price's unit. Warm-up: `period` bars. */
export function sma(period: number): Indicator<number> {
  const name = `sma(${period})`;
  const plain = indicator(name, wholeNumber(name, 'the period', period), (bars) => blockSum(bars) / period);
  return columnarNumber(plain, (frame) => columnValues(blockSums(frame, period, period)));
}

/**
 * Exponential moving average of the closes, in the price's unit: begins with the mean of the first `period` of its `length` bars, then `ema += (close − ema) · 2 / (period + 1)`.
 * Warm-up: `length` bars, 5 × `period` unless given.
 */
export function ema(period: number, length: number = EMA_PERIODS * period): Indicator<number> {
  const name = `ema(${period})`;
  wholeNumber(name, 'the period', period);
  const count = wholeNumber(name, 'the number of bars', length, period);
  const terms = exponential(period, count);
  const plain = indicator(name, count, (bars) =>
    seededAverage(Float64Array.from(closesOf(bars)), timesOf(bars), terms),
  );
  return columnarNumber(plain, (frame) =>
    columnValues(seededAverages(frame.close, timesIn(frame), terms, columnFor(frame))),
  );
}

/** Exponential averages of so many values. Those of one value are the value itself. */
const exponential = (period: number, count: number): SeededTerms => ({
  ...{ count, period, alpha: 2 / (period + 1) },
  from: period === 1 ? 'nothing' : 'value',
});

/** Linearly weighted moving average, in the price's unit: `Σ i · closeᵢ / Σ i`, the newest of the last `period` closes weighing `period`, the oldest 1. Warm-up: `period` bars. */
export function wma(period: number): Indicator<number> {
  const name = `wma(${period})`;
  const weights = (period * (period + 1)) / 2;
  const plain = indicator(name, wholeNumber(name, 'the period', period), (bars) => {
    const weighted = bars.reduce((sum, { close }, index) => sum + close * (index + 1), 0);
    return weighted / weights;
  });
  return columnarNumber(plain, ({ close }) => (index) => {
    let weighted = 0;
    for (let weight = 1; weight <= period; weight += 1) weighted += (close[index - period + weight] as number) * weight;
    return weighted / weights;
  });
}

export interface Macd {
  /** Fast less slow average, in the price's unit. */
  readonly macd: number;
  /** Exponential average of that. */
  readonly signal: number;
  /** `macd − signal`. */
  readonly histogram: number;
}

/**
 * Moving average convergence/divergence (Appel): `ema(fast) − ema(slow)` of the closes, and its own `ema(signal)`, in the price's unit. The averages look back 5 × `slow` + 1 bars,
 * the signal 5 × `signal` of their differences. Warm-up: 5 × (`slow` + `signal`) bars.
 */
export function macd(fast = 12, slow = 26, signal = 9): Indicator<Macd> {
  const name = `macd(${fast}, ${slow}, ${signal})`;
  wholeNumber(name, 'fast', fast);
  wholeNumber(name, 'slow', slow, fast + 1);
  wholeNumber(name, 'signal', signal);
  const [settled, count] = [EMA_PERIODS * slow, EMA_PERIODS * signal];
  const [fastTerms, slowTerms] = [exponential(fast, settled + 1), exponential(slow, settled + 1)];
  const signalTerms = exponential(signal, count);
  const lines = (closes: Float64Array, times: BarTimes): Float64Array => {
    const values = seededAverages(closes, times, fastTerms);
    const slower = seededAverages(closes, times, slowTerms);
    for (let index = 0; index < values.length; index += 1)
      values[index] = (values[index] as number) - (slower[index] as number);
    return values;
  };
  const plain = indicator(name, settled + count, (bars) => {
    const values = lines(Float64Array.from(closesOf(bars)), timesOf(bars)).subarray(settled);
    return macdOf(values.at(-1) ?? Number.NaN, seededAverage(values, timesOf(bars.slice(settled)), signalTerms));
  });
  return columnar(plain, (frame) => {
    const times = timesIn(frame);
    const values = lines(frame.close, times);
    const signals = seededAverages(values, times, signalTerms);
    return (index) => macdOf(values[index] as number, signals[index] as number);
  });
}

const macdOf = (line: number, signal: number): Macd => ({ macd: line, signal, histogram: line - signal });
