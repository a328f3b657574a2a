import { MS_PER_DAY, MS_PER_HOUR } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOf, START_MS, tradeOf, type CurveGiven } from './outcomes.test-support.ts';
import { statisticsOf } from './statistics.ts';

const of = (given: CurveGiven, yearDays: number | null = null) => statisticsOf(outcomeOf(given), yearDays);

const curveOf = (percents: readonly number[], first = 100): number[] => {
  const curve = [first];
  for (const percent of percents) curve.push((curve.at(-1) ?? 0) * (1 + percent / 100));
  return curve;
};

describe('growth', () => {
  it('of 64,900 to 176,000 is 39.45 % a year over three years of 365 days, 171.19 % over one', () => {
    const over = (days: number) => of({ equity: [64_900, 176_000], stepMs: days * MS_PER_DAY }).cagr;
    expect(over(1_095)).toBeCloseTo(0.3945, 4);
    expect(over(365)).toBeCloseTo(1.7119, 4);
  });

  it('is everything that was there at first where nothing is left, and unknown where no time went by', () => {
    expect(of({ equity: [100, 0] })).toMatchObject({ totalReturn: -1, cagr: -1, finalEquity: 0 });
    expect(of({ equity: [100, -20] })).toMatchObject({ cagr: -1, finalEquity: -20 });
    expect(of({ equity: [100] })).toMatchObject({ totalReturn: 0, cagr: null, durationMs: 0, bars: 0 });
  });
});

describe('statistics of a curve worked by hand', () => {
  // Returns 10 %, −10 %, 10 %: mean 1/30, squares of what is apart add up to 0.02666…
  const figures = of({ equity: [100, 110, 99, 108.9], benchmark: [100, 105, 100, 110] });
  const deviation = Math.sqrt(0.08 / 3 / 2);

  it('has the volatility, Sharpe, Sortino and omega ratios of its returns', () => {
    expect(figures.volatilityAnnual).toBeCloseTo(deviation * Math.sqrt(365), 10);
    expect(figures.sharpe).toBeCloseTo((0.1 / 3 / deviation) * Math.sqrt(365), 10);
    expect(figures.sortino).toBeCloseTo((0.1 / 3 / Math.sqrt(0.01 / 3)) * Math.sqrt(365), 10);
    expect(figures.omega).toBeCloseTo(2, 10);
    expect(figures.sharpePerDay).toBeCloseTo(0.1 / 3 / deviation, 10);
  });

  it('has the drawdown from 110 to 99, which lasts until the end', () => {
    expect(figures).toMatchObject({ peakEquity: 110, maxDrawdownAmount: 11, drawdowns: 1 });
    expect(figures.maxDrawdown).toBeCloseTo(0.1, 12);
    expect(figures.averageDrawdown).toBeCloseTo(0.1, 12);
    expect(figures.maxDrawdownDurationMs).toBe(2 * MS_PER_DAY);
    expect(figures.longestDrawdownMs).toBe(2 * MS_PER_DAY);
    expect(figures.ulcerIndex).toBeCloseTo(Math.sqrt((0.1 ** 2 + 0.01 ** 2) / 4), 12);
    expect(figures.recoveryFactor).toBeCloseTo(8.9 / 11, 12);
    expect(figures.calmar).toBeCloseTo((figures.cagr ?? NaN) / 0.1, 6);
  });

  it('stands beside buy-and-hold', () => {
    expect(figures.buyAndHoldReturn).toBeCloseTo(0.1, 12);
    expect(figures.excessReturn).toBeCloseTo(0.089 - 0.1, 12);
    expect(figures.buyAndHoldMaxDrawdown).toBeCloseTo(5 / 105, 12);
    expect(figures.correlation).toBeGreaterThan(0.9);
  });

  it('has days, months and their extremes', () => {
    expect(figures).toMatchObject({ days: 3, winningMonths: 1 });
    expect(figures.bestDay).toBeCloseTo(0.1, 12);
    expect(figures.worstDay).toBeCloseTo(-0.1, 12);
    expect(figures.winningDays).toBeCloseTo(2 / 3, 12);
    expect(figures.bestMonth).toBeCloseTo(0.089, 12);
  });
});

describe('statistics that empyrical 0.5.5 holds its own to', () => {
  it('of its mixed returns, 252 of them a year', () => {
    const figures = of({ equity: curveOf([1, 10, -4, 2, 3, 2, 1, -10]), stepMs: (365 / 252) * MS_PER_DAY });
    expect(figures.volatilityAnnual).toBeCloseTo(0.9136465399704637, 8);
    expect(figures.sharpe).toBeCloseTo(1.7238613961706866, 8);
    // Its downside risk is 0.60448325038829653.
    expect(figures.sortino).toBeCloseTo((0.00625 * 252) / 0.60448325038829653, 8);
    expect(figures.maxDrawdown).toBeCloseTo(0.1, 8);
  });

  it('of its weekly returns', () => {
    const figures = of({ equity: curveOf([0, 1, 10, -4, 2, 3, 2, 1, -10]), stepMs: (365 / 52) * MS_PER_DAY });
    expect(figures.cagr).toBeCloseTo(0.24690830513998208, 8);
    expect(figures.calmar).toBeCloseTo(2.4690830513998208, 7);
    expect(figures.volatilityAnnual).toBeCloseTo(0.38851569394870583, 8);
  });

  it('of its mixed, weekly and monthly returns, by how many of them a year has', () => {
    const mixed = of({ equity: curveOf([1, 10, -4, 2, 3, 2, 1, -10]) }, 252);
    expect(mixed.volatilityAnnual).toBeCloseTo(0.9136465399704637, 8);
    expect(mixed.sharpe).toBeCloseTo(1.7238613961706866, 8);
    const weekly = of({ equity: curveOf([0, 1, 10, -4, 2, 3, 2, 1, -10]), stepMs: 7 * MS_PER_DAY }, 52);
    expect(weekly.cagr).toBeCloseTo(0.24690830513998208, 8);
    expect(weekly.calmar).toBeCloseTo(2.4690830513998208, 7);
    const monthly = of({ equity: curveOf([0, 1, 10, -4, 2, 3, 2, 1, -10]), stepMs: 30 * MS_PER_DAY }, 12);
    expect(monthly.cagr).toBeCloseTo(0.052242061386048144, 8);
    expect(monthly.volatilityAnnual).toBeCloseTo(0.18663690238892558, 8);
  });

  it('of its negative returns', () => {
    const figures = of({ equity: curveOf([0, -6, -7, -1, -9, -2, -6, -8, -5]), stepMs: (365 / 252) * MS_PER_DAY });
    expect(figures.sharpe).toBeCloseTo(-24.406808633910085, 8);
    expect(figures.maxDrawdown).toBeCloseTo(0.36590730349873601, 8);
    expect(figures).toMatchObject({ omega: 0, winningDays: 0 });
  });
});

describe('annualisation', () => {
  it('goes by the real spacing of bars over 365 days', () => {
    const equity = curveOf([1, -1, 2, 1]);
    const [hourly, daily] = [of({ equity, stepMs: MS_PER_HOUR }), of({ equity })];
    expect((hourly.sharpe ?? NaN) / (daily.sharpe ?? NaN)).toBeCloseTo(Math.sqrt(24), 10);
    // Five bars a week: as many a year as there are.
    const weekdays = Array.from(
      { length: 260 },
      (_, index) => START_MS + (index + 2 * Math.floor(index / 5)) * MS_PER_DAY,
    );
    const shares = of({ equity: curveOf(weekdays.slice(1).map((_, index) => (index % 3) - 0.9)), timeMs: weekdays });
    // 259 returns in 361 days.
    const yearly = (259 * 365) / 361;
    expect(shares.sharpe).toBeCloseTo((shares.sharpePerDay ?? NaN) * Math.sqrt(yearly), 10);
  });

  it('goes by the number of days where a year is said to have so many, whatever lies between them', () => {
    const equity = curveOf([1, -1, 2, 1, -2]);
    const daily = of({ equity }, 252);
    const years = 5 / 252;
    const grown = (equity.at(-1) ?? 0) / 100;
    expect(daily.sharpe).toBeCloseTo((daily.sharpePerDay ?? NaN) * Math.sqrt(252), 12);
    expect(daily.sharpeDaily).toBeCloseTo(daily.sharpe ?? NaN, 12);
    expect(daily.cagr).toBeCloseTo(grown ** (1 / years) - 1, 12);
    expect(daily.calmar).toBeCloseTo((daily.cagr ?? NaN) / (daily.maxDrawdown ?? NaN), 12);
    // A weekend between them changes nothing.
    const timeMs = [0, 1, 2, 5, 6, 7].map((day) => START_MS + day * MS_PER_DAY);
    expect({ ...of({ equity, timeMs }, 252), durationMs: daily.durationMs }).toMatchObject({
      sharpe: daily.sharpe,
      cagr: daily.cagr,
    });
    expect(of({ equity, timeMs }).cagr).not.toBeCloseTo(of({ equity }).cagr ?? NaN, 3);
  });

  it('of bars shorter than a day takes as many returns a year as its days have', () => {
    // Two days of seven hours each, as shares trade, and a night between them.
    const timeMs = [
      START_MS + 9 * MS_PER_HOUR,
      ...[0, 1].flatMap((day) =>
        [10, 11, 12, 13, 14, 15, 16].map((hour) => START_MS + day * MS_PER_DAY + hour * MS_PER_HOUR),
      ),
    ];
    const equity = curveOf([1, -1, 2, 1, -2, 1, 1, -1, 3, 1, -1, 2, 1, -1]);
    const [hours, plain] = [of({ equity, timeMs }, 252), of({ equity, timeMs })];
    const perReturn = (plain.sharpe ?? NaN) / Math.sqrt((14 * 365 * 24) / 31);
    expect(hours.sharpe).toBeCloseTo(perReturn * Math.sqrt(7 * 252), 10);
    expect(hours.sharpeDaily).toBeCloseTo((plain.sharpePerDay ?? NaN) * Math.sqrt(252), 10);
    expect(hours.cagr).toBeCloseTo(((equity.at(-1) ?? 0) / 100) ** (252 / 2) - 1, 6);
  });

  it('touches nothing but what is of a year', () => {
    const timeMs = [0, 1, 2, 5, 6, 7].map((day) => START_MS + day * MS_PER_DAY);
    const given = {
      ...{ equity: curveOf([1, -1, 2, 1, -2]), benchmark: curveOf([2, -2, 1, 1, 1]), timeMs },
      ...{ trades: [tradeOf({ profit: 10 })], turnover: 1_000, exposure: [0, 50, 50, 0, 50, 0] },
    };
    const [byTime, byDays] = [of(given), of(given, 252)];
    const changed = Object.keys(byTime).filter(
      (name) => byTime[name as keyof typeof byTime] !== byDays[name as keyof typeof byDays],
    );
    expect(changed).toEqual([
      ...['cagr', 'volatilityAnnual', 'sharpe', 'sortino', 'sharpeDaily', 'calmar'],
      ...['buyAndHoldCagr', 'buyAndHoldVolatility', 'buyAndHoldSharpe', 'alpha', 'informationRatio'],
      ...['turnoverAnnual', 'tradesPerYear'],
    ]);
    // Five days are so much of a year of 252.
    expect(byDays.tradesPerYear).toBeCloseTo(252 / 5, 12);
    expect((byDays.turnoverAnnual ?? NaN) / (byTime.turnoverAnnual ?? NaN)).toBeCloseTo(252 / 5 / (365 / 7), 12);
  });

  it('of no day at all is unknown', () => {
    expect(of({ equity: [100] }, 252)).toMatchObject({ cagr: null, sharpe: null, tradesPerYear: null });
    expect(of({ equity: [100, 0] }, 252)).toMatchObject({ cagr: -1 });
  });

  it('counts a bar that closes at midnight to the day that ends there', () => {
    const equity = curveOf(Array.from({ length: 48 }, () => 1));
    expect(of({ equity, stepMs: MS_PER_HOUR })).toMatchObject({ days: 2, bars: 48 });
    expect(of({ equity, stepMs: MS_PER_HOUR }).bestDay).toBeCloseTo(1.01 ** 24 - 1, 10);
  });
});

describe('the tails of daily returns', () => {
  it('are those of a hundred days worked by hand', () => {
    const percents = Array.from({ length: 101 }, (_, index) => (index * 37) % 101).map((rank) => rank / 10 - 5);
    const figures = of({ equity: curveOf(percents) });
    // Of −5.0, −4.9 … 5.0 the sixth is at a twentieth of the way; the six worst have the mean −4.75.
    expect(figures.valueAtRisk95).toBeCloseTo(0.045, 10);
    expect(figures.expectedShortfall95).toBeCloseTo(0.0475, 10);
    expect(figures.tailRatio).toBeCloseTo(1, 8);
    expect(figures.skew).toBeCloseTo(0, 8);
  });

  it('are unknown of fewer than 20 days', () => {
    expect(of({ equity: curveOf(new Array<number>(19).fill(1)) })).toMatchObject({
      valueAtRisk95: null,
      expectedShortfall95: null,
      tailRatio: null,
    });
  });
});

describe('curves with little in them', () => {
  const ratios = ['sharpe', 'sortino', 'sharpeDaily', 'omega', 'calmar', 'recoveryFactor', 'skew', 'beta'] as const;

  it.each([
    ['no point', []],
    ['one point', [100]],
    ['a flat line', [100, 100, 100, 100]],
  ])('have no ratios: %s', (_, equity) => {
    const figures = of({ equity, benchmark: equity });
    for (const name of ratios) expect([name, figures[name]]).toEqual([name, null]);
  });

  it('tell a flat line from an unknown one', () => {
    expect(of({ equity: [100, 100] })).toMatchObject({
      maxDrawdown: 0,
      totalReturn: 0,
      volatilityAnnual: null,
      averageDrawdown: null,
    });
    expect(of({ equity: [] })).toMatchObject({ maxDrawdown: null, totalReturn: null, finalEquity: null });
  });

  it('end with bankruptcy: what comes of nothing is no return', () => {
    const figures = of({ equity: [100, 110, 90, 0, 0, 50] });
    const until = of({ equity: [100, 110, 90, 0] });
    expect(figures.volatilityAnnual).toBe(until.volatilityAnnual);
    expect(figures).toMatchObject({ days: 3, maxDrawdown: 1, finalEquity: 50 });
    expect(of({ equity: [100, 110, -11] }).maxDrawdown).toBeCloseTo(1.1, 12);
  });

  it('are never infinite and never NaN, whatever the curve', () => {
    const point = fc.integer({ min: -50, max: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.tuple(point, point), { maxLength: 40 }),
        (first, rest) => {
          const equity = [first, ...rest.map(([value]) => value)];
          const benchmark = [first, ...rest.map(([, value]) => value)];
          for (const [name, value] of Object.entries(of({ equity, benchmark })))
            expect([name, value === null || Number.isFinite(value)]).toEqual([name, true]);
        },
      ),
    );
  });
});

describe('scaling all money', () => {
  const percents = fc.array(fc.integer({ min: -20, max: 25 }), { minLength: 2, maxLength: 60 });

  it('leaves shares and ratios as they are', () => {
    fc.assert(
      fc.property(percents, fc.double({ min: 0.01, max: 1_000, noNaN: true }), (returns, scale) => {
        const [before, after] = [of({ equity: curveOf(returns) }), of({ equity: curveOf(returns, 100 * scale) })];
        for (const name of [
          'totalReturn',
          'cagr',
          'sharpe',
          'sortino',
          'maxDrawdown',
          'ulcerIndex',
          'omega',
        ] as const) {
          const [left, right] = [before[name], after[name]];
          if (left === null || right === null) expect([name, right]).toEqual([name, left]);
          else expect(Math.abs(right - left)).toBeLessThan(1e-9 * (1 + Math.abs(left)));
        }
      }),
    );
  });

  it('has a beta of 1 and no alpha against itself, and a beta of a half with half of it in cash', () => {
    fc.assert(
      fc.property(percents, (returns) => {
        const held = curveOf(returns);
        const itself = of({ equity: held, benchmark: held });
        if (itself.beta === null) return;
        expect(itself.beta).toBeCloseTo(1, 9);
        expect(itself.alpha).toBeCloseTo(0, 9);
        expect(itself.informationRatio).toBeNull();
        const half = of({ equity: curveOf(returns.map((each) => each / 2)), benchmark: held });
        expect(half.beta).toBeCloseTo(0.5, 9);
        expect(half.correlation).toBeCloseTo(1, 9);
      }),
    );
  });

  it('raises the Sharpe and Sortino ratios with each constant that is added to all returns', () => {
    fc.assert(
      fc.property(percents, fc.integer({ min: 1, max: 5 }), (returns, more) => {
        const [before, after] = [
          of({ equity: curveOf(returns) }),
          of({ equity: curveOf(returns.map((r) => r + more)) }),
        ];
        if (before.sharpe === null || after.sharpe === null) return;
        expect(after.sharpe).toBeGreaterThan(before.sharpe);
        expect(after.volatilityAnnual).toBeCloseTo(before.volatilityAnnual ?? NaN, 8);
        if (after.sortino !== null) expect(after.sortino).toBeGreaterThan(before.sortino ?? NaN);
      }),
    );
  });
});
