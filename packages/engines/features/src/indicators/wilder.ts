import { meanOf } from './averages.ts';
import { columnarNumber, indicator, wholeNumber, type FrameValues, type Indicator } from './indicator.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { inLanes, wilderSide } from './lanes.ts';

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
  const plain = indicator(name, wholeNumber(name, 'the number of bars', length, period + 1), (bars) => {
    const changes = steps(bars, (bar, before) => bar.close - before.close);
    const averageOf = (part: (change: number) => number): number => lastOf(wilderAverages(changes.map(part), period));
    const gain = averageOf((change) => Math.max(0, change));
    const loss = averageOf((change) => Math.max(0, -change));
    return indexOf(gain, loss);
  });
  return columnarNumber(plain, ({ close }) => {
    // Of each bar against the one before.
    const changes = close.map((value, index) => value - (close[index - 1] ?? value));
    const averageOf = (part: (change: number) => number) => wilderLanes(changes.map(part), length - 1, period);
    const gain = averageOf((change) => Math.max(0, change));
    const loss = averageOf((change) => Math.max(0, -change));
    return (index) => indexOf(gain(index), loss(index));
  });
}

/** Wilder's average of the `count` values that end at an index. */
const wilderLanes = (values: Float64Array, count: number, period: number): FrameValues<number> =>
  inLanes(values.length, count, wilderSide(values, count, period), (index) =>
    wilderOver(index - count + 1, index, period, (at) => values[at] as number),
  );

/** The last of `wilderAverages` of the values at these indices. */
function wilderOver(from: number, to: number, period: number, valueAt: (index: number) => number): number {
  let sum = 0;
  for (let index = from; index < from + period; index += 1) sum += valueAt(index);
  const weight = 1 / period;
  let average = sum / period;
  for (let index = from + period; index <= to; index += 1) average += (valueAt(index) - average) * weight;
  return average;
}

/** Average true range, in the price's unit (Wilder 1978): Wilder's average of the true range. Warm-up: `length` bars, 10 × `period` + 1 unless given. */
export function atr(period = 14, length: number = WILDER_PERIODS * period + 1): Indicator<number> {
  const name = `atr(${period})`;
  wholeNumber(name, 'the period', period);
  const plain = indicator(name, wholeNumber(name, 'the number of bars', length, period + 1), (bars) =>
    lastOf(wilderAverages(steps(bars, trueRange), period)),
  );
  return columnarNumber(plain, ({ high, low, close }) => {
    const ranges = close.map((value, index) =>
      rangeOf(high[index] as number, low[index] as number, close[index - 1] ?? value),
    );
    return wilderLanes(ranges, length - 1, period);
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
