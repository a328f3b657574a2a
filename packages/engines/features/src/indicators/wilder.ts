import { meanOf } from './averages.ts';
import { columnarNumber, indicator, wholeNumber, type Indicator } from './indicator.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { seededAverage, seededAverages, timesOf, type SeededTerms } from './seeded-averages.ts';
import { columnFor, columnValues } from './shared-values.ts';

/** How many periods a Wilder average looks back: the plain average that it begins with then weighs less than 1.3·10⁻⁴ (e⁻⁹ is the limit for long periods). */
const WILDER_PERIODS = 10;

/** Wilder's average: the mean of the first `period` values, then `average += (value − average) · 1 / period`. All averages from the first on. */
function wilderAverages(values: readonly number[], period: number): number[] {
  const weight = 1 / period;
  let average = meanOf(values.slice(0, period));
  const averages = [average];
  for (const value of values.slice(period)) {
    average += (value - average) * weight;
    averages.push(average);
  }
  return averages;
}

const lastOf = (values: readonly number[]): number => values.at(-1) ?? Number.NaN;

/** What `each` makes of each bar and the one before it, from the second bar on. */
const steps = (bars: readonly IndicatorBar[], each: (bar: IndicatorBar, before: IndicatorBar) => number): number[] =>
  bars.slice(1).map((bar, index) => each(bar, bars[index] ?? bar));

/** Wilder's true range: the largest of high − low, |high − close before|, |low − close before|. */
const rangeOf = (high: number, low: number, closeBefore: number): number =>
  Math.max(high - low, Math.abs(high - closeBefore), Math.abs(low - closeBefore));

const trueRange = ({ high, low }: IndicatorBar, before: IndicatorBar): number => rangeOf(high, low, before.close);

/**
 * Relative strength index, 0 to 100 (Wilder, New Concepts in Technical Trading Systems, 1978): `100 − 100 / (1 + average gain / average loss)` of the closes' changes, each averaged
 * in Wilder's way. 50 where nothing moved. Warm-up: `length` bars, 10 × `period` + 1 unless given.
 */
export function rsi(period = 14, length: number = WILDER_PERIODS * period + 1): Indicator<number> {
  const name = `rsi(${period})`;
  wholeNumber(name, 'the period', period);
  const indexOf = (gain: number, loss: number): number => (gain + loss === 0 ? 50 : (100 * gain) / (gain + loss));
  const terms = wilderTerms(period, wholeNumber(name, 'the number of bars', length, period + 1) - 1);
  const plain = indicator(name, length, (bars) => {
    const changes = steps(bars, (bar, before) => bar.close - before.close);
    const times = timesOf(bars.slice(1));
    return indexOf(
      seededAverage(Float64Array.from(changes, gainOf), times, terms),
      seededAverage(Float64Array.from(changes, lossOf), times, terms),
    );
  });
  return columnarNumber(plain, (frame) => {
    const { close } = frame;
    // Of each bar against the one before.
    const changes = close.map((value, index) => value - (close[index - 1] ?? value));
    const values = seededAverages(changes.map(gainOf), frame, terms, columnFor(frame));
    const losses = seededAverages(changes.map(lossOf), frame, terms, new Float64Array(close.length));
    for (let index = 0; index < values.length; index += 1)
      values[index] = indexOf(values[index] as number, losses[index] as number);
    return columnValues(values);
  });
}

const gainOf = (change: number): number => Math.max(0, change);
const lossOf = (change: number): number => Math.max(0, -change);

/** Wilder's averages of amounts, none of them below 0. */
const wilderTerms = (period: number, count: number): SeededTerms => ({
  count,
  period,
  alpha: 1 / period,
  from: 'nothing',
});

/** Average true range, in the price's unit (Wilder 1978): Wilder's average of the true range. Warm-up: `length` bars, 10 × `period` + 1 unless given. */
export function atr(period = 14, length: number = WILDER_PERIODS * period + 1): Indicator<number> {
  const name = `atr(${period})`;
  wholeNumber(name, 'the period', period);
  const terms = wilderTerms(period, wholeNumber(name, 'the number of bars', length, period + 1) - 1);
  const plain = indicator(name, length, (bars) =>
    seededAverage(Float64Array.from(steps(bars, trueRange)), timesOf(bars.slice(1)), terms),
  );
  return columnarNumber(plain, (frame) => {
    const { high, low, close } = frame;
    const ranges = close.map((value, index) =>
      rangeOf(high[index] as number, low[index] as number, close[index - 1] ?? value),
    );
    return columnValues(seededAverages(ranges, frame, terms, columnFor(frame)));
  });
}

export interface Adx {
  /** Strength of the trend, 0 to 100, whichever its direction. */
  readonly adx: number;
  /** Directional indicators, 0 to 100. */
  readonly plusDi: number;
  readonly minusDi: number;
}

/**
 * Average directional index (Wilder 1978). Directional movement of a bar: what its high rose by where that is more than its low fell by, else nothing; and the other way round.
 * `±DI = 100 · average ±DM / average true range`; `DX = 100 · |+DI − −DI| / (+DI + −DI)`, 0 where neither moved; `ADX` is Wilder's average of DX. Where nothing moved at all, all are 0.
 * Warm-up: 20 × `period` + 1 bars: 10 periods for the inner averages, 10 for the outer one.
 */
export function adx(period = 14): Indicator<Adx> {
  const name = `adx(${period})`;
  wholeNumber(name, 'the period', period);
  return indicator(name, 2 * WILDER_PERIODS * period + 1, (bars) => {
    const rises = steps(bars, (bar, before) => Math.max(0, bar.high - before.high));
    const falls = steps(bars, (bar, before) => Math.max(0, before.low - bar.low));
    const plus = rises.map((rise, index) => (rise > (falls[index] ?? 0) ? rise : 0));
    const minus = falls.map((fall, index) => (fall > (rises[index] ?? 0) ? fall : 0));
    const ranges = wilderAverages(steps(bars, trueRange), period);
    const indicatorsOf = (movements: readonly number[]): number[] =>
      wilderAverages(movements, period).map((movement, index) => {
        const range = ranges[index] ?? 0;
        return range === 0 ? 0 : (100 * movement) / range;
      });
    const [plusDi, minusDi] = [indicatorsOf(plus), indicatorsOf(minus)];
    const strengths = plusDi.map((up, index) => {
      const down = minusDi[index] ?? 0;
      return up + down === 0 ? 0 : (100 * Math.abs(up - down)) / (up + down);
    });
    const settled = strengths.slice(-WILDER_PERIODS * period);
    return { adx: lastOf(wilderAverages(settled, period)), plusDi: lastOf(plusDi), minusDi: lastOf(minusDi) };
  });
}
