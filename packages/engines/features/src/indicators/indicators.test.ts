import { barOpenMs, intervalMs, type Interval } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absoluteReturn,
  adx,
  atr,
  bollinger,
  donchian,
  ema,
  indicator,
  lag,
  macd,
  on,
  realizedVolatility,
  roc,
  rsi,
  sma,
  standardDeviation,
  stochastic,
  vwap,
  wma,
  type BarFrame,
  type Indicator,
  type IndicatorBar,
} from './index.ts';

const MINUTE_MS = 60_000;
type Ohlcv = readonly [open: number, high: number, low: number, close: number, volume: number];

const bars = (list: readonly Ohlcv[]): IndicatorBar[] =>
  list.map(([open, high, low, close, volume], index) => ({
    openTimeMs: index * MINUTE_MS,
    closeTimeMs: (index + 1) * MINUTE_MS,
    open,
    high,
    low,
    close,
    volume,
  }));
const closes = (...list: readonly number[]): IndicatorBar[] =>
  bars(list.map((close) => [close, close, close, close, 1]));
const last = <V>(what: Indicator<V>, all: readonly IndicatorBar[]): V => what.compute(all.slice(-what.length));

describe('indicators against values made by hand', () => {
  it('averages: plain, exponential, weighted', () => {
    expect(last(sma(3), closes(9, 1, 2, 6))).toBe(3);
    // Begins with the mean 2 of 1, 2, 3; α = 1/2: 3.5 after 5, 5.25 after 7.
    expect(last(ema(3, 5), closes(1, 2, 3, 5, 7))).toBe(5.25);
    // (1·1 + 2·2 + 3·6) / 6
    expect(last(wma(3), closes(1, 2, 6))).toBeCloseTo(23 / 6, 12);
  });

  it('macd: the difference of two averages, its average, and what is between', () => {
    // All ones: one is the close itself (α = 1), the other lags by a geometric series.
    const value = last(macd(1, 2, 1), closes(...Array.from({ length: 15 }, (_, index) => index)));
    // ema(2) of a line that rises by 1 lags it by 1/2 in the end; the signal of period 1 is the line itself.
    expect(value.macd).toBeCloseTo(0.5, 6);
    expect(value.signal).toBeCloseTo(value.macd, 12);
    expect(value.histogram).toBeCloseTo(0, 12);
    expect(macd().length).toBe(5 * (26 + 9));
  });

  it('rsi: Wilder’s averages of gains and losses', () => {
    // Changes +1, −1, then +2: gains 0.5 → 1.25, losses 0.5 → 0.25; 100 · 1.25 / 1.5.
    expect(last(rsi(2, 4), closes(10, 11, 10, 12))).toBeCloseTo(100 * (1.25 / 1.5), 12);
    expect(last(rsi(2, 4), closes(1, 2, 3, 4))).toBe(100);
    expect(last(rsi(2, 4), closes(4, 3, 2, 1))).toBe(0);
    expect(last(rsi(2, 4), closes(5, 5, 5, 5))).toBe(50);
  });

  it('atr: the true range reaches over a gap to the close before', () => {
    // True ranges 3 (13 − 10), 4 (12 − 8), 2; averages 3.5, then 2.75.
    const list = bars([
      [10, 10, 10, 10, 1],
      [12, 13, 12, 12, 1],
      [9, 10, 8, 9, 1],
      [9, 10, 8, 9, 1],
    ]);
    expect(last(atr(2, 4), list)).toBe(2.75);
  });

  it('adx: a market that only rises has all its direction one way', () => {
    const rising = bars(Array.from({ length: 41 }, (_, n) => [n, n + 2, n, n + 1, 1] as const));
    const value = last(adx(2), rising);
    // Each bar rises by 1 and ranges over 2: +DI is 50.
    expect(value.plusDi).toBeCloseTo(50, 9);
    expect([value.minusDi, value.adx]).toEqual([0, 100]);
    expect(last(adx(2), closes(...Array.from({ length: 41 }, () => 7)))).toEqual({ adx: 0, plusDi: 0, minusDi: 0 });
  });

  it('deviation and bands are of the whole population', () => {
    const list = closes(2, 4, 4, 4, 5, 5, 7, 9);
    expect(last(standardDeviation(8), list)).toBe(2);
    expect(last(bollinger(8, 2), list)).toEqual({ lower: 1, middle: 5, upper: 9 });
  });

  it('channel, rate of change, stochastic', () => {
    const list = bars([
      [5, 9, 4, 5, 1],
      [5, 8, 2, 6, 1],
      [6, 7, 3, 7, 1],
    ]);
    expect(last(donchian(2), list)).toEqual({ lower: 2, middle: 5, upper: 8 });
    expect(last(roc(2), list)).toBeCloseTo(40, 12);
    // Of the last two bars: (7 − 2) / (8 − 2); of the first two: (6 − 2) / (9 − 2).
    const { k, d } = last(stochastic(2, 1, 2), list);
    expect(k).toBeCloseTo((100 * 5) / 6, 12);
    expect(d).toBeCloseTo((100 * (5 / 6 + 4 / 7)) / 2, 12);
    expect(last(stochastic(2, 1, 1), closes(3, 3))).toEqual({ k: 50, d: 50 });
  });

  it('vwap weighs by volume, and is nothing where nothing was traded', () => {
    const list = bars([
      [1, 3, 0, 3, 1],
      [1, 6, 3, 6, 3],
    ]);
    expect(last(vwap(2), list)).toBe((2 * 1 + 5 * 3) / 4);
    expect(last(vwap(1), bars([[1, 1, 1, 1, 0]]))).toBeNull();
  });

  it('realised volatility is a year’s, of 365 days, by the bars’ own length', () => {
    // Each return is ±1 %: so is their root mean square; a year has 525,600 minutes.
    const up = Math.exp(0.01);
    expect(last(realizedVolatility(4), closes(1, up, 1, up, 1))).toBeCloseTo(0.01 * Math.sqrt(525_600), 9);
  });

  it('the absolute return is the mean of moves that overlap, up and down alike', () => {
    const list = closes(1, Math.E, Math.E ** 3, Math.E ** 2);
    expect(last(absoluteReturn(1, 3), list)).toBeCloseTo((1 + 2 + 1) / 3, 12);
    expect(last(absoluteReturn(2, 2), list)).toBeCloseTo((3 + 1) / 2, 12);
    expect(absoluteReturn(2, 2).length).toBe(4);
    expect(() => absoluteReturn(0, 2)).toThrow('over must be a whole number');
  });

  it('on another interval and some bars ago it is the same figure', () => {
    expect(on('1h', sma(2))).toMatchObject({ name: 'sma(2) on 1h', length: 2, interval: '1h' });
    expect(last(lag(2, sma(2)), closes(1, 3, 10, 20))).toBe(2);
    expect(lag(1, on('1h', sma(2)))).toMatchObject({ length: 3, interval: '1h' });
  });

  it('refuses in words what makes no sense', () => {
    expect(() => sma(0)).toThrow('sma(0): the period must be a whole number from 1 to 5000, not 0');
    expect(() => ema(5, 4)).toThrow('ema(5): the number of bars must be a whole number from 5');
    expect(() => macd(26, 12)).toThrow('slow must be a whole number from 27');
    expect(() => bollinger(20, 0)).toThrow('width must be above 0');
    expect(() => lag(0, sma(2))).toThrow('ago');
    expect(() => indicator('mine', 6_000, () => 1)).toThrow('mine');
  });
});

const SHIPPED: readonly Indicator[] = [
  sma(7),
  ema(4),
  wma(5),
  macd(3, 6, 4),
  rsi(5),
  atr(4),
  adx(3),
  standardDeviation(6),
  bollinger(6),
  donchian(8),
  roc(3),
  stochastic(5, 2, 3),
  vwap(4),
  realizedVolatility(5),
  absoluteReturn(3, 5),
  lag(3, sma(2)),
];

/** Long enough for the longest of them, adx(3) of 61 bars, behind which twenty may be later ones. */
const series = fc.array(
  fc.tuple(
    fc.double({ min: 1, max: 1_000, noNaN: true }),
    fc.double({ min: 0, max: 5, noNaN: true }),
    fc.double({ min: 0, max: 0.9, noNaN: true }),
    fc.double({ min: 0, max: 100, noNaN: true }),
  ),
  { minLength: 90, maxLength: 140 },
);

/** Weeks and three days are not counted from the epoch on. */
const intervals = fc.constantFrom<Interval>('1m', '1m', '3d', '1w');

const barsOf = (list: readonly (readonly [number, number, number, number])[]): IndicatorBar[] =>
  bars(list.map(([close, above, below, volume]) => [close, close + above, close - below, close, volume]));

const frameOf = (all: readonly IndicatorBar[], interval: Interval): BarFrame => {
  const column = (of: (bar: IndicatorBar) => number): Float64Array => Float64Array.from(all, of);
  return {
    interval,
    length: all.length,
    openTimeMs: column(({ openTimeMs }) => openTimeMs),
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
    volume: column(({ volume }) => volume),
  };
};

describe.each(SHIPPED.map((each) => [each.name, each] as const))('%s', (_name, figure) => {
  it('depends on its bars alone: neither on later ones, nor on when anybody began to watch', () => {
    fc.assert(
      fc.property(series, fc.nat({ max: 20 }), fc.nat({ max: 10 }), (list, later, earlier) => {
        const all = barsOf(list);
        const end = all.length - later;
        const value = figure.compute(all.slice(end - figure.length, end));
        // Without what came later, and with a history that begins later.
        const cut = all.slice(0, end);
        expect(last(figure, cut)).toEqual(value);
        expect(last(figure, cut.slice(Math.min(earlier, cut.length - figure.length)))).toEqual(value);
      }),
      { numRuns: 40 },
    );
  });

  it('is over columns the same to the last bit, at every bar, with and without gaps', () => {
    const { over } = figure;
    if (over === undefined) return;
    fc.assert(
      fc.property(series, fc.array(fc.nat({ max: 120 }), { maxLength: 3 }), intervals, (list, gaps, interval) => {
        const stepMs = intervalMs(interval);
        const all = barsOf(list).map((bar, index) => {
          const skipped = 17 + 3 * gaps.filter((at) => at <= index).length;
          const openTimeMs = barOpenMs(bar.openTimeMs / MINUTE_MS + skipped, stepMs);
          return { ...bar, openTimeMs, closeTimeMs: openTimeMs + stepMs };
        });
        const values = over(frameOf(all, interval));
        for (let end = figure.length; end <= all.length; end += 1)
          expect(values(end - 1)).toEqual(figure.compute(all.slice(end - figure.length, end)));
      }),
      { numRuns: 20 },
    );
  });

  it('moves with its oldest and its newest bar: it needs no fewer than it says', () => {
    const all = barsOf(Array.from({ length: figure.length }, (_, n) => [100 + ((n * 37) % 11), 2, 0.5, 1 + (n % 5)]));
    const changed = (index: number): unknown =>
      figure.compute(
        all.map((bar, n) =>
          n === index ? { ...bar, close: bar.close + 40, high: bar.high + 60, volume: bar.volume + 9 } : bar,
        ),
      );
    const value = figure.compute(all);
    const newest = figure.name.startsWith('lag') ? 1 : all.length - 1;
    expect(changed(newest)).not.toEqual(value);
    expect(changed(0)).not.toEqual(value);
  });
});
