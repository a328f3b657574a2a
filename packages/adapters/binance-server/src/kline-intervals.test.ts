import { timestampUs } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KLINE_INTERVALS, KlineGrid, parseKlineInterval, parseTimeZone } from './kline-intervals.ts';

const us = (text: string): number => Date.parse(text) * 1_000;
const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;

describe('the grid of kline intervals', () => {
  it.each([
    ['1s', 0, '2025-03-01T12:34:56Z', '2025-03-01T12:34:57Z'],
    ['3m', 0, '2025-03-01T12:33:00Z', '2025-03-01T12:36:00Z'],
    ['2h', 0, '2025-03-01T12:00:00Z', '2025-03-01T14:00:00Z'],
    ['8h', 0, '2025-03-01T08:00:00Z', '2025-03-01T16:00:00Z'],
    ['1d', 8, '2025-02-28T16:00:00Z', '2025-03-01T16:00:00Z'],
    ['12h', 5.75, '2025-03-01T06:15:00Z', '2025-03-01T18:15:00Z'],
    // 2025-03-01 was a Saturday.
    ['1w', 0, '2025-02-24T00:00:00Z', '2025-03-03T00:00:00Z'],
    ['1w', 8, '2025-02-23T16:00:00Z', '2025-03-02T16:00:00Z'],
    ['1M', 0, '2025-03-01T00:00:00Z', '2025-04-01T00:00:00Z'],
    ['1M', -12, '2025-03-01T12:00:00Z', '2025-04-01T12:00:00Z'],
  ] as const)(
    'puts 2025-03-01 12:34:56.789 into the %s kline of UTC%+d that opens at %s',
    (interval, hours, open, next) => {
      const grid = new KlineGrid(interval, hours * HOUR_US);
      const floor = grid.floor(us('2025-03-01T12:34:56.789Z'));
      expect(new Date(floor / 1_000).toISOString()).toBe(new Date(open).toISOString());
      expect(new Date(grid.next(floor) / 1_000).toISOString()).toBe(new Date(next).toISOString());
    },
  );

  it('knows the weeks and the three-day spans that Binance’s first market opened in', () => {
    const listed = us('2017-08-17T04:00:00Z');
    expect(new KlineGrid('1w').floor(listed)).toBe(us('2017-08-14T00:00:00Z'));
    expect(new KlineGrid('3d').floor(listed)).toBe(us('2017-08-17T00:00:00Z'));
    expect(new KlineGrid('1M').floor(listed)).toBe(us('2017-08-01T00:00:00Z'));
  });

  it('covers time without gap or overlap, in every interval and zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KLINE_INTERVALS),
        fc.integer({ min: -12 * 60, max: 14 * 60 }),
        fc.integer({ min: us('2017-01-01T00:00:00Z'), max: us('2040-01-01T00:00:00Z') }),
        (interval, minutes, at) => {
          const grid = new KlineGrid(interval, minutes * 60_000_000);
          const open = grid.floor(at);
          const next = grid.next(open);
          expect(open).toBeLessThanOrEqual(at);
          expect(next).toBeGreaterThan(at);
          expect(grid.floor(next)).toBe(next);
          expect(grid.floor(next - 1)).toBe(open);
          expect(grid.ceil(open)).toBe(open);
          expect(grid.ceil(open + 1)).toBe(next);
          const base = grid.base();
          if (base === null) {
            expect(interval).toBe('1s');
            return;
          }
          // Whole base bars make a kline, and never more than it says.
          const bars = new KlineGrid(base);
          expect(bars.floor(open)).toBe(open);
          expect(bars.floor(next)).toBe(next);
          expect((next - open) / (bars.next(timestampUs(0)) - 0)).toBeLessThanOrEqual(grid.basesMost(base));
        },
      ),
    );
  });

  it('takes the widest bars that fit', () => {
    expect(new KlineGrid('1M').base()).toBe('1d');
    expect(new KlineGrid('12h').base()).toBe('12h');
    expect(new KlineGrid('12h', 2 * HOUR_US).base()).toBe('2h');
    expect(new KlineGrid('1w').base()).toBe('1w');
    expect(new KlineGrid('3d', 12 * HOUR_US).base()).toBe('12h');
    expect(new KlineGrid('2h').base()).toBe('2h');
    expect(new KlineGrid('3m').base()).toBe('3m');
    expect(new KlineGrid('1s').base()).toBeNull();
    expect(new KlineGrid('1w', 8 * HOUR_US).base()).toBe('8h');
    expect(new KlineGrid('1d', 5.75 * HOUR_US).base()).toBe('15m');
    expect(new KlineGrid('1d', DAY_US / 1_440).base()).toBe('1m');
  });

  it('reads intervals letter by letter and zones with and without minutes', () => {
    expect(parseKlineInterval('1M')).toBe('1M');
    expect(parseKlineInterval('1H')).toBeNull();
    expect(parseKlineInterval('2m')).toBeNull();
    expect(['0', '8', '+8', '-1:00', '05:45', '14', '14:00', '-12:00'].map(parseTimeZone)).toEqual(
      [0, 480, 480, -60, 345, 840, 840, -720].map((minutes) => minutes * 60_000_000),
    );
    expect(['', '15', '14:01', '-12:01', '5:60', '1:2', '8h', 'UTC', '+-8'].map(parseTimeZone)).toEqual(
      Array.from({ length: 9 }, () => null),
    );
  });
});
