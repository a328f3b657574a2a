import { amount, formatAmount, MS_PER_DAY, MS_PER_HOUR } from '@monsta/core';
import { TripMeter } from '@monsta/trading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOf, START_MS, tradeOf, type CurveGiven } from './outcomes.test-support.ts';
import { statisticsOf } from './statistics.ts';

const of = (given: Partial<CurveGiven>) => statisticsOf(outcomeOf({ equity: [1_000, 1_000], ...given }));
const tradesOf = (...profits: number[]) => profits.map((profit) => tradeOf({ profit }));

describe('statistics of trades worked by hand', () => {
  // Van Tharp's kind of list: two of five win.
  const figures = of({ trades: tradesOf(30, -10, -10, 50, -10), stepMs: 365 * MS_PER_DAY });

  it('count, win and lose', () => {
    expect(figures).toMatchObject({ trades: 5, tradesOpen: 0, tradesLong: 5, tradesShort: 0, tradesPerYear: 5 });
    expect(figures).toMatchObject({ winRate: 0.4, expectancy: 10, averageWin: 40, averageLoss: 10, payoffRatio: 4 });
    expect(figures.profitFactor).toBeCloseTo(80 / 30, 12);
    expect(figures).toMatchObject({ longestWinningRun: 1, longestLosingRun: 2, bestTrade: 0.05, worstTrade: -0.01 });
    expect(figures.averageTrade).toBeCloseTo(0.01, 12);
  });

  it('have the system quality number √n × mean ÷ deviation, and Kelly’s fraction', () => {
    // Apart from 10: 20, −20, −20, 40, −20: squares 3,200.
    expect(figures.sqn).toBeCloseTo((Math.sqrt(5) * 10) / Math.sqrt(3_200 / 4), 12);
    expect(figures.sqn100).toBe(figures.sqn);
    // 0.4 × (1 − 30 ÷ 80)
    expect(figures.kelly).toBeCloseTo(0.25, 12);
  });

  it('cap the number of trades at 100 in one of the two system quality numbers', () => {
    const many = of({ trades: tradesOf(...Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? 3 : -1))) });
    expect((many.sqn ?? NaN) / (many.sqn100 ?? NaN)).toBeCloseTo(2, 12);
  });
});

describe('trades without losses, without wins, and none', () => {
  it('have no profit factor without a loss', () => {
    expect(of({ trades: tradesOf(5, 10) })).toMatchObject({ profitFactor: null, payoffRatio: null, kelly: 1 });
    expect(of({ trades: tradesOf(-5, -10) })).toMatchObject({ profitFactor: 0, averageWin: null, kelly: -1 });
    expect(of({ trades: tradesOf(0, 0) })).toMatchObject({ winRate: 0, profitFactor: null, kelly: null, sqn: null });
  });

  it('are counted, and nothing else is known, where there are none', () => {
    const { trades, winRate, expectancy, sqn, kelly, averageHoldingMs, bestTrade, longestLosingRun } = of({});
    expect({ trades, winRate, expectancy, sqn, kelly, averageHoldingMs, bestTrade, longestLosingRun }).toEqual({
      trades: 0,
      winRate: null,
      expectancy: null,
      sqn: null,
      kelly: null,
      averageHoldingMs: null,
      bestTrade: null,
      longestLosingRun: 0,
    });
  });

  it('leave one that is still open out of all but its count', () => {
    const figures = of({ trades: [...tradesOf(10), tradeOf({ profit: 500, closedMs: null })] });
    expect(figures).toMatchObject({ trades: 1, tradesOpen: 1, expectancy: 10, bestTrade: 0.01 });
  });
});

describe('times of trades', () => {
  const at = (fromHour: number, toHour: number | null) =>
    tradeOf({
      profit: 1,
      openedMs: START_MS + fromHour * MS_PER_HOUR,
      closedMs: toHour === null ? null : START_MS + toHour * MS_PER_HOUR,
      bars: (toHour ?? 24) - fromHour,
    });

  it('tell how long they were held, and how long it was from entry to entry', () => {
    const figures = of({ trades: [at(2, 3), at(1, 6), at(10, 13)] });
    expect(figures).toMatchObject({
      averageHoldingMs: 3 * MS_PER_HOUR,
      longestHoldingMs: 5 * MS_PER_HOUR,
      shortestHoldingMs: MS_PER_HOUR,
      averageHoldingBars: 3,
      betweenEntriesMs: 4.5 * MS_PER_HOUR,
    });
  });

  it('count the time in which any was open once, up to the end', () => {
    // Of a day: 1–6 (2–3 lies within), 5–8, and 21 to the end: 7 + 3 hours.
    expect(of({ trades: [at(2, 3), at(1, 6), at(5, 8), at(21, null)] }).exposureTime).toBeCloseTo(10 / 24, 12);
  });
});

describe('exposure, turnover and costs', () => {
  it('average the share in positions over time, each point standing until the next', () => {
    const timeMs = [0, 1, 4].map((hour) => START_MS + hour * MS_PER_HOUR);
    const figures = of({ equity: [100, 200, 100], exposure: [50, -200, 90], timeMs });
    expect(figures.averageExposure).toBeCloseTo((0.5 * 1 + 1 * 3) / 4, 12);
    expect(figures.maxExposure).toBe(1);
  });

  it('tell turnover also of a year and of the average equity, fees of all trades, and slippage', () => {
    const trades = [tradeOf({ profit: 1, fees: '0.25' }), tradeOf({ profit: 1, fees: '0.5', closedMs: null })];
    const figures = of({ equity: [100, 300], stepMs: 73 * MS_PER_DAY, trades, turnover: 1_000, slippage: -2 });
    expect(figures).toMatchObject({ turnover: 1_000, turnoverAnnual: 25, fees: 0.75, slippage: -2 });
  });
});

describe('trades and live round trips', () => {
  it('have the same win rate, profit factor, expectancy and averages: there is one definition of each', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 40 }), (profits) => {
        const meter = new TripMeter();
        const none = { entryValue: amount(0n), exitValue: amount(0n), adverse: amount(0n), favourable: amount(0n) };
        for (const profit of profits)
          meter.add({ profit: amount(BigInt(profit) * 10n ** 18n), holdingUs: 3_600_000_000, ...none });
        const live = meter.statistics;
        const figures = of({ trades: tradesOf(...profits) });
        const close = (value: number | null) => (value === null ? null : (expect.closeTo(value, 9) as number));
        const number = (value: typeof live.expectancy) => (value === null ? null : Number(formatAmount(value)));
        expect(figures).toMatchObject({
          trades: live.trips,
          winRate: close(live.winRate),
          profitFactor: close(live.profitFactor),
          expectancy: close(number(live.expectancy)),
          averageWin: close(number(live.averageWin)),
          averageLoss: close(number(live.averageLoss)),
          averageHoldingMs: (live.averageHoldingUs ?? 0) / 1_000,
        });
      }),
    );
  });
});
