import { emptyBarSeries, inferInstrument, instrumentId, sliceBarSeries, type BarSeries } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { compareBars } from './bar-comparison.ts';
import { barQuality } from './bar-quality.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const BTC = inferInstrument({
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 8 },
  quote: null,
});

/** Hours at these offsets, with prices and volumes that no two share. */
function hours(offsets: readonly number[], volumeOf = (offset: number): number => offset + 1): BarSeries {
  const series = emptyBarSeries(BTC, '1h', offsets.length);
  offsets.forEach((offset, index) => {
    series.openTimeMs[index] = START + offset * HOUR;
    for (const column of [series.open, series.high, series.low, series.close]) column[index] = 100 + offset;
    series.volume[index] = volumeOf(offset);
  });
  return series;
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, at) => from + at);

describe('the quality of bars', () => {
  it('counts gaps and what is missing in them, the longest first', () => {
    expect(barQuality(hours([0, 1, 3, 4, 10, 11]), 5).gaps).toEqual({
      count: 2,
      missing: 6,
      examples: [
        { beforeMs: START + 4 * HOUR, afterMs: START + 10 * HOUR, missing: 5 },
        { beforeMs: START + HOUR, afterMs: START + 3 * HOUR, missing: 1 },
      ],
    });
  });

  it('counts runs of bars without volume, also the one at the end', () => {
    const quiet = hours(range(0, 10), (offset) => ([2, 3, 4, 6, 8, 9].includes(offset) ? 0 : 5));
    expect(barQuality(quiet, 5).zeroVolume).toEqual({
      runs: 3,
      bars: 6,
      examples: [
        { fromMs: START + 2 * HOUR, bars: 3 },
        { fromMs: START + 8 * HOUR, bars: 2 },
        { fromMs: START + 6 * HOUR, bars: 1 },
      ],
    });
  });

  it('of no bars is that of none', () => {
    expect(barQuality(hours([]), 5)).toMatchObject({ bars: 0, firstMs: null, lastMs: null, gaps: { count: 0 } });
  });
});

describe('two series', () => {
  it('are compared where both have bars', () => {
    const one = hours(range(0, 50));
    const other = hours(range(40, 60));
    other.close[3] = 1;
    expect(compareBars(one, other, 5)).toEqual({
      same: 9,
      fuller: 0,
      disagreeing: 1,
      examples: [START + 43 * HOUR],
      shifts: [],
    });
    expect(compareBars(one, hours(range(60, 70)), 5)).toMatchObject({ same: 0, disagreeing: 0 });
  });

  it.each([1, -5, 9])('of which one was written with a clock %s hours off are found out', (shift) => {
    const one = hours(range(0, 200));
    const other = sliceBarSeries(hours(range(0, 200)), 50, 150);
    for (let index = 0; index < other.length; index += 1)
      other.openTimeMs[index] = (other.openTimeMs[index] ?? 0) - shift * HOUR;
    expect(compareBars(one, other, 5)).toMatchObject({ same: 0, shifts: [{ bars: 100, minutes: 60 * shift }] });
  });
});
