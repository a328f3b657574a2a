import type { BarFrame } from './bar-frame.ts';
import { columnar, columnarNumber, indicator, wholeNumber, type Indicator } from './indicator.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { seededAverage, seededAverages, timesIn, timesOf, type BarTimes, type SeededTerms } from './seeded-averages.ts';
import { columnFor, columnValues } from './shared-values.ts';

/** How many periods a Wilder average looks back: the plain average that it begins with then weighs less than 1.3·10⁻⁴ (e⁻⁹ is the limit for long periods). */
const WILDER_PERIODS = 10;

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
    const times = timesIn(frame);
    // Of each bar against the one before.
    const changes = close.map((value, index) => value - (close[index - 1] ?? value));
    const values = seededAverages(changes.map(gainOf), times, terms, columnFor(frame));
    const losses = seededAverages(changes.map(lossOf), times, terms);
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
  return columnarNumber(plain, (frame) =>
    columnValues(seededAverages(rangesIn(frame), timesIn(frame), terms, columnFor(frame))),
  );
}

/** The true range of each bar, of the first against its own close. */
const rangesIn = ({ high, low, close }: BarFrame): Float64Array =>
  close.map((value, index) => rangeOf(high[index] as number, low[index] as number, close[index - 1] ?? value));

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
 * Warm-up: 20 × `period` + 1 bars: 10 periods and one for the inner averages, 10 periods of DX for the outer one.
 */
export function adx(period = 14): Indicator<Adx> {
  const name = `adx(${period})`;
  wholeNumber(name, 'the period', period);
  const count = WILDER_PERIODS * period;
  const [inner, outer] = [wilderTerms(period, count + 1), wilderTerms(period, count)];
  /** Of bars and the one before the first. */
  const directions = (moves: Movements, times: BarTimes) => {
    const ranges = seededAverages(moves.ranges, times, inner);
    const shares = (movements: Float64Array): Float64Array =>
      seededAverages(movements, times, inner).map((movement, index) => {
        const range = ranges[index] as number;
        return range === 0 ? 0 : (100 * movement) / range;
      });
    const [plus, minus] = [shares(moves.plus), shares(moves.minus)];
    const strengths = plus.map((up, index) => {
      const down = minus[index] as number;
      return up + down === 0 ? 0 : (100 * Math.abs(up - down)) / (up + down);
    });
    return { plus, minus, strengths };
  };
  const plain = indicator(name, 2 * count + 1, (bars) => {
    const { plus, minus, strengths } = directions(movementsOf(bars), timesOf(bars.slice(1)));
    const newest = bars.slice(-count);
    const average = seededAverage(strengths.subarray(-count), timesOf(newest), outer);
    return { adx: average, plusDi: plus.at(-1) ?? Number.NaN, minusDi: minus.at(-1) ?? Number.NaN };
  });
  return columnar(plain, (frame) => {
    const times = timesIn(frame);
    const { plus, minus, strengths } = directions(movementsIn(frame), times);
    const averages = seededAverages(strengths, times, outer);
    return (index) => ({
      adx: averages[index] as number,
      plusDi: plus[index] as number,
      minusDi: minus[index] as number,
    });
  });
}

/** What bars moved by, against the bar before each: up, down, and their true ranges. */
interface Movements {
  readonly plus: Float64Array;
  readonly minus: Float64Array;
  readonly ranges: Float64Array;
}

const directionOf = (own: number, other: number): number => (own > Math.max(0, other) ? own : 0);

function movementsOf(bars: readonly IndicatorBar[]): Movements {
  const column = (each: (bar: IndicatorBar, before: IndicatorBar) => number) => Float64Array.from(steps(bars, each));
  return {
    plus: column((bar, before) => directionOf(bar.high - before.high, before.low - bar.low)),
    minus: column((bar, before) => directionOf(before.low - bar.low, bar.high - before.high)),
    ranges: column(trueRange),
  };
}

/** The same of bars in columns; the first moved by nothing. */
function movementsIn(frame: BarFrame): Movements {
  const { high, low } = frame;
  return {
    plus: high.map((value, at) =>
      directionOf(value - (high[at - 1] ?? value), (low[at - 1] ?? 0) - (low[at] as number)),
    ),
    minus: low.map((value, at) =>
      directionOf((low[at - 1] ?? value) - value, (high[at] as number) - (high[at - 1] ?? 0)),
    ),
    ranges: rangesIn(frame),
  };
}
