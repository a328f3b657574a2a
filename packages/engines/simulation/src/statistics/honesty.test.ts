import { MS_PER_DAY, seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { honestyOf, type HonestyOptions } from './honesty.ts';
import { againstHolding, returnIntervals } from './intervals.ts';
import { outcomeOf, START_MS, tradeOf } from './outcomes.test-support.ts';
import { statisticsOf } from './statistics.ts';
import { tradeOrderOf } from './trade-order.ts';

const RESAMPLING = { seed: 1, resamples: 1_000, level: 0.95 };

const gaussians = (seed: number, length: number, mean: number, deviation: number): Float64Array => {
  const random = seededRandom(seed);
  return Float64Array.from({ length }, () => mean + deviation * random.gaussian());
};

const curveOf = (returns: Float64Array): number[] => {
  const curve = [10_000];
  for (const each of returns) curve.push((curve.at(-1) ?? 0) * (1 + each));
  return curve;
};

/** A trade each fifth day, that makes what the account makes in it. */
function runOf(own: Float64Array, held: Float64Array) {
  const equity = curveOf(own);
  const trades = Array.from({ length: Math.floor(own.length / 5) }, (_, index) =>
    tradeOf({
      profit: (equity[5 * index + 5] ?? 0) - (equity[5 * index] ?? 0),
      openedMs: START_MS + 5 * index * MS_PER_DAY,
      closedMs: START_MS + (5 * index + 5) * MS_PER_DAY,
    }),
  );
  return outcomeOf({ equity, benchmark: curveOf(held), trades });
}

const judge = (own: Float64Array, held: Float64Array, options: Partial<HonestyOptions> = {}) =>
  honestyOf(runOf(own, held), { seed: 1, trials: { this: 0 }, resamples: 500, ...options });

describe('honesty about a result', () => {
  const skilled = gaussians(1, 1_000, 0.002, 0.01);
  const market = gaussians(2, 1_000, 0.0002, 0.02);

  it('finds evidence in a strong one, and none once very many things have been tried', () => {
    expect(judge(skilled, market)).toMatchObject({ verdict: 'some', trials: 1, days: 1_000, luckySharpe: 0 });
    const random = seededRandom(3);
    const trials = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [String(index), 0.1 * random.gaussian()]),
    );
    const after = judge(skilled, market, { trials });
    expect(after).toMatchObject({ verdict: 'none', trials: 1_000 });
    expect(after.luckySharpe).toBeGreaterThan(after.sharpeDaily ?? NaN);
    expect(after.deflatedSharpe).toBeLessThan(0.5);
  });

  it('finds none in noise, and no more than holding in holding with a little less of it', () => {
    expect(judge(gaussians(4, 1_000, 0, 0.01), market).verdict).toBe('none');
    const strong = gaussians(5, 1_000, 0.003, 0.01);
    expect(
      judge(
        strong.map((each) => each * 0.9),
        strong,
      ).verdict,
    ).toBe('not-above-holding');
  });

  it('says that there is too little to tell', () => {
    expect(judge(skilled.subarray(0, 15), market.subarray(0, 15))).toMatchObject({
      verdict: 'too-little',
      intervals: null,
      profitFactor: null,
      tradeOrder: null,
      againstHolding: null,
    });
    expect(judge(new Float64Array(200), market.subarray(0, 200))).toMatchObject({
      verdict: 'too-little',
      deflatedSharpe: null,
    });
  });

  it('knows nothing of several trials that are not known to spread', () => {
    expect(judge(skilled, market, { trials: { a: null, b: 0.1 } })).toMatchObject({
      verdict: 'none',
      deflatedSharpe: null,
      luckySharpe: null,
    });
  });

  it('is the same with the same seed, and about the same with another', () => {
    expect(judge(skilled, market)).toEqual(judge(skilled, market));
    const [one, other] = [judge(skilled, market), judge(skilled, market, { seed: 2 })];
    expect(one.intervals).not.toEqual(other.intervals);
    expect(one.intervals?.sharpeDaily?.low).toBeCloseTo(other.intervals?.sharpeDaily?.low ?? NaN, 0);
  });

  it('measures what the statistics do', () => {
    const statistics = statisticsOf(runOf(skilled, market));
    const honesty = judge(skilled, market);
    expect(honesty.sharpeDaily).toBe(statistics.sharpeDaily);
    expect(honesty.probabilisticSharpe).toBe(statistics.probabilisticSharpe);
    expect(honesty.intervals?.totalReturn?.value).toBeCloseTo(statistics.totalReturn ?? NaN, 10);
    expect(honesty.intervals?.maxDrawdown?.value).toBeCloseTo(statistics.maxDrawdown ?? NaN, 10);
    expect(honesty.profitFactor?.value).toBeCloseTo(statistics.profitFactor ?? NaN, 10);
    const shorter = judge(skilled, market, { yearDays: 252 });
    expect(shorter.sharpeDaily).toBe(statisticsOf(runOf(skilled, market), 252).sharpeDaily);
    expect(
      (shorter.againstHolding?.excessGrowth.value ?? NaN) / (honesty.againstHolding?.excessGrowth.value ?? NaN),
    ).toBeCloseTo(252 / 365, 10);
    // What is not of a year is the same.
    expect(shorter).toMatchObject({ deflatedSharpe: honesty.deflatedSharpe, verdict: honesty.verdict });
  });
});

describe('bootstrap intervals', () => {
  it('hold the true Sharpe ratio about as often as they say', () => {
    const [mean, deviation, sets] = [0.001, 0.01, 200];
    let held = 0;
    for (let set = 0; set < sets; set += 1) {
      const returns = gaussians(100 + set, 250, mean, deviation);
      const found = returnIntervals(returns, 365, { seed: set, resamples: 200, level: 0.9 })?.sharpeDaily;
      const truth = (mean / deviation) * Math.sqrt(365);
      if (found !== null && found !== undefined && truth >= found.low && truth <= (found.high ?? Infinity)) held += 1;
    }
    expect(held / sets).toBeGreaterThan(0.82);
    expect(held / sets).toBeLessThan(0.96);
  });

  it('widen where days are alike their neighbours', () => {
    const noise = gaussians(9, 1_000, 0, 0.01);
    let value = 0;
    const persistent = noise.map((each) => (value = 0.7 * value + each * Math.sqrt(1 - 0.7 ** 2)));
    const width = (returns: Float64Array): number => {
      const found = returnIntervals(returns, 365, RESAMPLING)?.sharpeDaily;
      return (found?.high ?? NaN) - (found?.low ?? NaN);
    };
    expect(width(persistent) / width(noise)).toBeGreaterThan(1.5);
  });

  it('survive returns that leave nothing', () => {
    const returns = gaussians(3, 30, 0, 0.1);
    returns[29] = -1.2;
    expect(returnIntervals(returns, 365, RESAMPLING)).toMatchObject({ totalReturn: { value: -1, low: -1 } });
  });
});

describe('the test against holding', () => {
  it('rejects rarely where there is no difference in growth, and about as often as it says', () => {
    let rejected = 0;
    for (let set = 0; set < 200; set += 1) {
      const [own, held] = [gaussians(1_000 + set, 100, 0, 0.01), gaussians(5_000 + set, 100, 0, 0.01)];
      const { pValue } = againstHolding(own, held, 365, { seed: set, resamples: 200, level: 0.95 }) ?? { pValue: NaN };
      if (pValue < 0.05) rejected += 1;
    }
    expect(rejected).toBeLessThan(26);
    expect(rejected).toBeGreaterThan(2);
  });

  it('finds what is there, and is not to be had where nothing was left of either', () => {
    const held = gaussians(1, 300, 0, 0.01);
    const ahead = held.map((each) => each + 0.003);
    expect(againstHolding(ahead, held, 365, RESAMPLING)?.pValue).toBeLessThan(0.01);
    expect(againstHolding(held, ahead, 365, RESAMPLING)?.pValue).toBeGreaterThan(0.99);
    held[5] = -1;
    expect(againstHolding(ahead, held, 365, RESAMPLING)).toBeNull();
  });
});

describe('the order of trades', () => {
  it('moves the drawdown and not what comes in the end', () => {
    // Ten wins of a tenth, then ten losses of a tenth: hardly an order is worse than this.
    const profits: number[] = [];
    let worth = 1_000;
    for (let index = 0; index < 20; index += 1) {
      const profit = worth * (index < 10 ? 0.1 : -0.1);
      profits.push(profit);
      worth += profit;
    }
    const found = tradeOrderOf(1_000, Float64Array.from(profits), RESAMPLING);
    expect(found?.measured).toBeCloseTo(1 - 0.9 ** 10, 12);
    expect(found?.worse).toBe(0);
    expect(found?.median).toBeLessThan(0.5);
    expect(found?.worst95).toBeLessThanOrEqual(found?.worst99 ?? NaN);
    expect(found?.orders).toBe(1_000);
  });

  it('is as good as any other where all trades are the same', () => {
    const found = tradeOrderOf(1_000, new Float64Array(20).fill(1), RESAMPLING);
    expect(found).toMatchObject({ measured: 0, median: 0, worst99: 0, worse: 0 });
  });

  it('is not told of trades that lost everything', () => {
    const profits = new Float64Array(20).fill(1);
    profits[3] = -2_000;
    expect(tradeOrderOf(1_000, profits, RESAMPLING)).toBeNull();
  });
});
