import { MS_PER_DAY, MS_PER_HOUR, seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOf, tradeOf } from './outcomes.test-support.ts';
import { perPeriod } from './periods.ts';
import { periodEnds } from './returns.ts';
import { rollingOf } from './rolling.ts';

describe('figures of periods', () => {
  // From the 30th of January to the 2nd of February, four bars a day, each 1 % up.
  const startMs = Date.UTC(2024, 0, 30);
  const equity = Array.from({ length: 13 }, (_, index) => 100 * 1.01 ** index);
  const closing = (hours: number, profit: number) => tradeOf({ profit, closedMs: startMs + hours * MS_PER_HOUR });
  const outcome = outcomeOf({
    equity,
    benchmark: equity.map((_, index) => 100 + index),
    startMs,
    stepMs: 6 * MS_PER_HOUR,
    trades: [closing(24, 5), closing(48, -1), closing(49, 2), tradeOf({ profit: 1, closedMs: null })],
  });

  it('begin where the one before ended: what closes at midnight belongs to the day that ends', () => {
    const days = perPeriod(outcome, 'day');
    expect(days.map(({ fromMs }) => new Date(fromMs).toISOString().slice(0, 10))).toEqual([
      '2024-01-30',
      '2024-01-31',
      '2024-02-01',
    ]);
    for (const day of days) expect(day.return).toBeCloseTo(1.01 ** 4 - 1, 10);
    expect(days.map(({ trades, wins }) => [trades, wins])).toEqual([
      [1, 1],
      [1, 0],
      [1, 1],
    ]);
  });

  it('are months and years of the calendar', () => {
    const months = perPeriod(outcome, 'month');
    expect(months.map(({ fromMs, trades }) => [fromMs, trades])).toEqual([
      [Date.UTC(2024, 0, 1), 2],
      [Date.UTC(2024, 1, 1), 1],
    ]);
    expect(months[0]?.return).toBeCloseTo(1.01 ** 8 - 1, 10);
    expect(months[1]?.buyAndHoldReturn).toBeCloseTo(112 / 108 - 1, 10);
    expect(perPeriod(outcome, 'year')).toMatchObject([{ fromMs: Date.UTC(2024, 0, 1), trades: 3, wins: 2 }]);
  });

  it('add up: the growth of all periods is the growth of the whole', () => {
    for (const period of ['day', 'month', 'year'] as const) {
      const grown = perPeriod(outcome, period).reduce((product, each) => product * (1 + (each.return ?? NaN)), 1);
      expect(grown).toBeCloseTo(1.01 ** 12, 10);
    }
  });

  it('have their own deepest drawdown', () => {
    const falling = outcomeOf({ equity: [100, 120, 90, 95, 60], startMs: Date.UTC(2024, 0, 30) });
    expect(perPeriod(falling, 'month').map(({ maxDrawdown }) => maxDrawdown)).toEqual([
      0.25,
      expect.closeTo(1 - 60 / 95, 12),
    ]);
  });

  it('hold each point, with gaps of any length, in the day, month or year that a calendar says', () => {
    const gap = fc.oneof(
      fc.constant(6 * MS_PER_HOUR),
      fc.integer({ min: 1, max: 80 * 24 }).map((h) => h * MS_PER_HOUR),
    );
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 60 }), (gaps) => {
        const timeMs = Float64Array.from([startMs, ...gaps]);
        for (let index = 1; index < timeMs.length; index += 1)
          timeMs[index] = (timeMs[index - 1] ?? 0) + (timeMs[index] ?? 0);
        for (const [period, digits] of [
          ['day', 10],
          ['month', 7],
          ['year', 4],
        ] as const) {
          const named = (ms: number) => new Date(ms - 1).toISOString().slice(0, digits);
          const names = Array.from(timeMs.subarray(1), named);
          const ends = periodEnds(timeMs, period);
          expect(Array.from(ends.fromMs, (ms) => named(ms + 1))).toEqual([...new Set(names)]);
          expect(Array.from(ends.last)).toEqual([...new Set(names)].map((name) => names.lastIndexOf(name) + 1));
        }
      }),
    );
  });

  it('are none of an empty curve', () => {
    expect(perPeriod(outcomeOf({ equity: [] }), 'day')).toEqual([]);
    expect(perPeriod(outcomeOf({ equity: [1] }), 'month')).toEqual([]);
  });
});

describe('rolling figures', () => {
  it('are those of each window of days alone', () => {
    const random = seededRandom(1);
    let worth = 100;
    const equity = Array.from({ length: 40 }, () => (worth *= Math.exp(0.02 * random.gaussian())));
    const rolling = rollingOf(outcomeOf({ equity }).curve, 10);
    expect(rolling.timeMs.length).toBe(30);
    const [window] = [equity.slice(5, 16)];
    const alone = rollingOf(outcomeOf({ equity: window }).curve, 10);
    for (const name of ['return', 'sharpe', 'volatility', 'maxDrawdown'] as const)
      expect(rolling[name][5]).toBeCloseTo(alone[name][0] ?? NaN, 10);
    // Ten days of a year that has 252.
    const { sharpe, volatility } = rollingOf(outcomeOf({ equity }).curve, 10, 252);
    expect((sharpe[5] ?? NaN) / (rolling.sharpe[5] ?? NaN)).toBeCloseTo(Math.sqrt(252 / 365), 10);
    expect((volatility[5] ?? NaN) / (rolling.volatility[5] ?? NaN)).toBeCloseTo(Math.sqrt(252 / 365), 10);
    expect(rolling.return[5]).toBeCloseTo((window.at(-1) ?? 0) / (window[0] ?? 0) - 1, 12);
  });

  it('are none where there are fewer days than the window', () => {
    expect(rollingOf(outcomeOf({ equity: [1, 2, 3], stepMs: MS_PER_DAY }).curve, 3).timeMs.length).toBe(0);
  });
});
