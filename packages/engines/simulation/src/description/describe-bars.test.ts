import { dataDescriptionSchema, type DataDescription } from '@monsta/contracts';
import { expectOk, MS_PER_DAY, MS_PER_HOUR, seededRandom, sliceBarSeries, type BarSeries } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barsOf } from './bars.test-support.ts';
import { describeBars } from './describe-bars.ts';
import { renderDescription } from './page/description-page.ts';

const OPTIONS = { source: { kind: 'file', market: null, file: 'bars.csv' }, simulated: null, lags: 5 } as const;
const described = (series: BarSeries, lags = 5): DataDescription =>
  expectOk(describeBars(series, { ...OPTIONS, lags }));
const reasonOf = ({ unknown }: DataDescription, figure: string): unknown =>
  unknown.find((each) => each.figure === figure)?.reason;

/** A walk of closes around 10,000 ticks. */
function walk(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  let close = 1_000_000;
  return Array.from({ length: count }, () => (close = Math.max(1_000, close + random.integer(20_001) - 10_000)));
}

describe('a description by hand', () => {
  // Doubled, halved, a gap of two, doubled: four closes before the gap, two after it.
  const series = barsOf({
    startMs: Date.UTC(2024, 0, 1),
    closes: [100, 200, 100, 200, 800, 400],
    volumes: [1, 0, 0, 3, 4, 0],
    missingBefore: { 4: 2 },
  });
  const found = described(series);
  const log2 = Math.log(2);

  it('never bridges a gap: what lies between its closes is no return', () => {
    expect(found.returns).toEqual({ count: 4, overGaps: 1, zero: 0 });
    expect(found.distribution.min).toBeCloseTo(-log2, 12);
    expect(found.distribution.max).toBeCloseTo(log2, 12);
    expect(found.distribution.mean).toBeCloseTo(0, 12);
    // Four of ±ln 2 around 0: √(4 ln²2 ÷ 3).
    expect(found.distribution.deviation).toBeCloseTo(log2 * Math.sqrt(4 / 3), 12);
    expect(found.distribution.meanStandardError).toBeCloseTo(log2 / Math.sqrt(3), 12);
  });

  it('tells prices as decimals, and the span from the first open to the last close', () => {
    expect(found.price).toEqual({ first: '1.00', last: '4.00', low: '1.00', high: '8.00' });
    expect([found.fromMs, found.toMs]).toEqual([Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 1) + 8 * MS_PER_HOUR]);
    expect(found.closes.close).toEqual([1, 2, 1, 2, 8, 4]);
  });

  it('counts what is missing, by year too', () => {
    expect(found.missing).toEqual({
      expected: 8,
      missing: 2,
      gaps: 1,
      longest: [
        {
          beforeMs: Date.UTC(2024, 0, 1, 3),
          afterMs: Date.UTC(2024, 0, 1, 6),
          missing: 2,
        },
      ],
      zeroVolume: {
        bars: 3,
        runs: 2,
        longest: [
          { fromMs: Date.UTC(2024, 0, 1, 1), bars: 2 },
          { fromMs: Date.UTC(2024, 0, 1, 7), bars: 1 },
        ],
      },
      years: [{ year: 2024, expected: 8, missing: 2, gapsBegun: 1, zeroVolume: 3 }],
    });
  });

  it('groups by the hour in which a bar opens', () => {
    const hours = found.seasonality.hours?.groups ?? [];
    expect(hours.map(({ of }) => of)).toEqual([0, 1, 2, 3, 6, 7]);
    expect(hours.map(({ returns }) => returns)).toEqual([0, 1, 1, 1, 0, 1]);
    expect(hours.map(({ volumeShare }) => volumeShare)).toEqual([1 / 8, 0, 0, 3 / 8, 4 / 8, 0]);
    expect(hours[2]?.mean).toBeCloseTo(-log2, 12);
    expect(hours[2]?.meanAbsolute).toBeCloseTo(log2, 12);
    expect(hours[2]?.standardError).toBeNull();
    // 2024-01-01 was a Monday.
    expect(found.seasonality.weekdays?.groups.map(({ of }) => of)).toEqual([1]);
  });

  it('tells the largest moves with their prices, of equal ones the earlier first', () => {
    const between = described(sliceBarSeries(series, 0, 4)).tails.largest;
    expect(between.map(({ closeTimeMs }) => closeTimeMs)).toEqual([2, 3, 4].map((hour) => Date.UTC(2024, 0, 1, hour)));
    expect(between[0]).toMatchObject({ fromPrice: '1.00', toPrice: '2.00' });
  });

  it('says of what is not known why', () => {
    expect(found.distribution.jarqueBera).toBeNull();
    expect(found.distribution.histogram).toBeNull();
    expect(found.stationarity.logPrice).toEqual({ adf: null, kpss: null, verdict: null });
    expect(found.volatility.daily).toBeNull();
    expect(found.unknown).toContainEqual({ figure: 'distribution', reason: 'too_few', needed: 20, given: 4 });
    expect(found.unknown).toContainEqual({ figure: 'volatility.daily', reason: 'too_few', needed: 24, given: 4 });
    expect(reasonOf(found, 'stationarity.returns')).toBe('too_few');
    expect(reasonOf(found, 'tails.lower.hill')).toBe('too_few');
  });
});

describe('realised volatility of days', () => {
  it('is √(365 Σ r²) of whole days, and leaves out a day that lacks a return', () => {
    // Two days of 4 h bars before a gap on the third: the first day lacks its first return.
    const closes = Array.from({ length: 17 }, (_, index) => (index % 2 === 0 ? 100 : 200));
    const found = described(barsOf({ interval: '4h', closes, missingBefore: { 15: 1 } }));
    const { daily } = found.volatility;
    expect(daily?.dayMs).toEqual([MS_PER_DAY]);
    expect(daily?.values[0]).toBeCloseTo(Math.sqrt(365 * 6) * Math.log(2), 12);
    expect(daily).toMatchObject({ days: 1, leftOut: 2 });
  });

  it('and hours have no meaning for bars of a day, which the description says', () => {
    const found = described(barsOf({ interval: '1d', closes: walk(100, 3) }));
    expect([found.volatility.daily, found.seasonality.hours]).toEqual([null, null]);
    expect(reasonOf(found, 'volatility.daily')).toBe('interval_too_long');
    expect(reasonOf(found, 'seasonality.hours')).toBe('interval_too_long');
    expect(found.seasonality.weekdays?.groups).toHaveLength(7);
  });
});

describe('years', () => {
  it('share out what is expected, and a gap over the year’s end', () => {
    const found = described(
      barsOf({ interval: '1d', startMs: Date.UTC(2023, 11, 28), closes: [5, 6, 7, 8], missingBefore: { 2: 4 } }),
    );
    // 28 and 29 December, then 3 and 4 January.
    expect(found.missing.years).toEqual([
      { year: 2023, expected: 4, missing: 2, gapsBegun: 1, zeroVolume: 0 },
      { year: 2024, expected: 4, missing: 2, gapsBegun: 0, zeroVolume: 0 },
    ]);
  });
});

describe('what can not be described', () => {
  it('no bars', () => {
    expect(describeBars(barsOf({ closes: [] }), OPTIONS)).toMatchObject({ ok: false, fault: { code: 'data_none' } });
  });

  it('a close that is not above zero, and which', () => {
    const found = describeBars(barsOf({ closes: [5, 0, 5] }), OPTIONS);
    expect(found).toMatchObject({ ok: false, fault: { code: 'data_unfit' } });
    expect(found.ok ? '' : found.fault.message).toContain('1970-01-01T01:00:00.000Z');
  });

  it('one bar: everything unknown, nothing zero', () => {
    const found = described(barsOf({ closes: [5] }));
    expect(found.distribution).toMatchObject({ mean: null, deviation: null, min: null, skewness: null });
    expect(found.autocorrelation).toEqual({ band: null, returns: null, absolute: null, squared: null });
    expect(found.tails.lower).toEqual({ count: 0, hill: [], risk: [] });
    expect(found.volatility).toEqual({ annualised: null, daily: null });
    expect(found.missing).toMatchObject({ expected: 1, missing: 0 });
    expect(dataDescriptionSchema.parse(found)).toEqual(found);
  });

  it('a price that never moves: constant, not too few', () => {
    const found = described(
      barsOf({ closes: new Array<number>(400).fill(7), volumes: new Array<number>(400).fill(0) }),
    );
    expect(found.returns).toEqual({ count: 399, overGaps: 0, zero: 399 });
    expect(found.distribution).toMatchObject({ deviation: 0, skewness: null, jarqueBera: null, histogram: null });
    expect(found.tails.largest).toEqual([]);
    for (const figure of ['distribution', 'stationarity.logPrice', 'autocorrelation', 'seasonality.hours.equalMeans'])
      expect([figure, reasonOf(found, figure)]).toEqual([figure, 'constant']);
    expect(reasonOf(found, 'seasonality.hours.volumeShare')).toBe('no_volume');
    expect(found.seasonality.hours?.groups[0]?.volumeShare).toBeNull();
    expect(dataDescriptionSchema.parse(found)).toEqual(found);
  });
});

describe('of any bars', () => {
  const bars = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    count: fc.integer({ min: 60, max: 500 }),
    gaps: fc.uniqueArray(
      fc.record({ at: fc.integer({ min: 1, max: 499 }), missing: fc.integer({ min: 1, max: 30 }) }),
      {
        selector: ({ at }) => at,
        maxLength: 8,
      },
    ),
  });
  const made = ({ seed, count, gaps }: { seed: number; count: number; gaps: { at: number; missing: number }[] }) => {
    const missingBefore = Object.fromEntries(
      gaps.filter(({ at }) => at < count).map(({ at, missing }) => [at, missing]),
    );
    return { closes: walk(count, seed), missingBefore };
  };

  it('counts add up, and the description is what the contract says', () => {
    fc.assert(
      fc.property(bars, (given) => {
        const { closes, missingBefore } = made(given);
        const found = described(barsOf({ closes, missingBefore }));
        const lost = Object.values(missingBefore).reduce((sum, each) => sum + each, 0);
        expect(found.missing).toMatchObject({ missing: lost, gaps: Object.keys(missingBefore).length });
        expect(found.returns.count + found.returns.overGaps).toBe(closes.length - 1);
        const { histogram } = found.distribution;
        const counted = (histogram?.counts ?? []).reduce((sum, each) => sum + each, 0);
        expect(counted + (histogram?.below ?? 0) + (histogram?.above ?? 0)).toBe(found.returns.count);
        for (const groups of [found.seasonality.hours, found.seasonality.weekdays]) {
          expect(groups?.groups.reduce((sum, each) => sum + each.bars, 0)).toBe(closes.length);
          expect(groups?.groups.reduce((sum, each) => sum + each.returns, 0)).toBe(found.returns.count);
          expect(groups?.groups.reduce((sum, each) => sum + (each.volumeShare ?? 0), 0)).toBeCloseTo(1, 9);
        }
        expect(found.missing.years.reduce((sum, each) => sum + each.expected, 0)).toBe(found.missing.expected);
        expect(found.missing.years.reduce((sum, each) => sum + each.missing, 0)).toBe(lost);
        expect(dataDescriptionSchema.parse(found)).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });

  it('a price in another unit has the same returns', () => {
    fc.assert(
      fc.property(bars, fc.integer({ min: 2, max: 50 }), (given, factor) => {
        const { closes, missingBefore } = made(given);
        const found = described(barsOf({ closes, missingBefore }));
        const other = described(barsOf({ closes: closes.map((close) => close * factor), missingBefore }));
        const near = (one: number | null | undefined, two: number | null | undefined): void => {
          if (one === null || one === undefined) expect(two ?? null).toBeNull();
          else expect(Math.abs(one - (two ?? Number.NaN))).toBeLessThan(1e-6 * Math.max(1, Math.abs(one)));
        };
        near(found.distribution.deviation, other.distribution.deviation);
        near(found.distribution.skewness, other.distribution.skewness);
        near(found.stationarity.logPrice.adf?.statistic, other.stationarity.logPrice.adf?.statistic);
        near(found.stationarity.returns.kpss?.statistic, other.stationarity.returns.kpss?.statistic);
        near(found.tails.lower.risk[1]?.expectedShortfall, other.tails.lower.risk[1]?.expectedShortfall);
        near(found.autocorrelation.absolute?.values[2], other.autocorrelation.absolute?.values[2]);
        expect(other.missing).toEqual(found.missing);
      }),
      { numRuns: 25 },
    );
  });

  it('the distribution does not depend on the order of returns, but the dependence does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const closes = walk(200, seed);
        const found = described(barsOf({ closes }));
        // Backwards every return comes with its sign changed.
        const other = described(barsOf({ closes: closes.toReversed() }));
        expect(other.distribution.mean).toBeCloseTo(-(found.distribution.mean ?? 0), 12);
        expect(other.distribution.skewness).toBeCloseTo(-(found.distribution.skewness ?? 0), 8);
        expect(other.tails.upper.risk[0]?.valueAtRisk).toBeCloseTo(found.tails.lower.risk[0]?.valueAtRisk ?? 0, 12);
        expect(other.tails.upper.hill).toEqual(found.tails.lower.hill);
        expect(other.autocorrelation.returns?.values[0]).toBeCloseTo(found.autocorrelation.returns?.values[0] ?? 0, 9);
      }),
      { numRuns: 25 },
    );
  });

  it('a part is described as if it were all there is', () => {
    const closes = walk(300, 5);
    const part = described(sliceBarSeries(barsOf({ closes }), 100, 250));
    expect(part).toEqual(described(barsOf({ closes: closes.slice(100, 250), startMs: 100 * MS_PER_HOUR })));
  });
});

describe('the page', () => {
  const page = { createdMs: Date.UTC(2024, 5, 1), version: '1.2.3' };

  it('stands alone: no script, nothing from elsewhere, and what comes from outside is escaped', () => {
    const description = {
      ...described(barsOf({ closes: walk(300, 7), missingBefore: { 40: 3 } })),
      source: { kind: 'file' as const, market: null, file: '<script>alert(1)</script>.csv' },
    };
    for (const language of ['en', 'ko'] as const) {
      const html = renderDescription({ ...page, description }, language);
      expect(html).toContain(`<html lang="${language}">`);
      expect(html).not.toMatch(/<script|<link|<img|https?:\/\/|NaN|undefined|Infinity/);
      expect(html).toContain('&lt;script&gt;');
      expect(html.match(/<figure/g)?.length).toBe(13);
    }
    expect(renderDescription({ ...page, description }, 'ko')).toContain('빠진 데이터');
  });

  it('says what is simulated, and what nobody knows', () => {
    const description = described(barsOf({ closes: walk(100, 8) }));
    expect(renderDescription({ ...page, description }, 'en')).toContain('A file does not say where its bars come from');
    const simulated = renderDescription({ ...page, description: { ...description, simulated: true } }, 'en');
    expect(simulated).toContain('Simulated data');
    expect(renderDescription({ ...page, description: { ...description, simulated: false } }, 'en')).not.toContain(
      'Simulated data',
    );
  });

  it('is whole where hardly anything is known', () => {
    for (const closes of [[5], [5, 6], new Array<number>(100).fill(5)]) {
      const html = renderDescription({ ...page, description: described(barsOf({ closes })) }, 'en');
      expect(html).toContain('Not known');
      expect(html).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
});
