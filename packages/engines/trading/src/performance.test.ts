import { amount, timestampUs } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { money } from './kernel.test-support.ts';
import { drawdownCurve, DrawdownMeter, returnOf, TimeAverage, TripMeter } from './performance.ts';

const HOUR_US = 3_600_000_000;
const curve = (...values: readonly string[]) =>
  values.map((value, index) => ({ tsUs: timestampUs(index * HOUR_US), value: money(value) }));

describe('a drawdown', () => {
  test('is the deepest fall from the highest point before it, and lasts until that is reached again', () => {
    const meter = new DrawdownMeter();
    for (const point of curve('100', '120', '90', '110', '120', '125', '100', '110')) meter.add(point);
    // From 120 to 90 is a quarter; from 125 to 100 a fifth, which lasts two hours until the end. The first lasted three.
    expect(meter.deepest).toEqual({ share: 0.25, amount: money('30'), peakUs: HOUR_US, troughUs: 2 * HOUR_US });
    expect(meter.longestUs).toBe(3 * HOUR_US);
    expect(meter.current).toBeCloseTo(0.12, 12);
  });

  test('goes on to the last point while the peak was not reached again', () => {
    const meter = new DrawdownMeter();
    for (const point of curve('100', '99', '98', '97')) meter.add(point);
    expect(meter.longestUs).toBe(3 * HOUR_US);
  });

  test('there is none of a curve that only rises, and no share of a peak that is not above zero', () => {
    const rising = new DrawdownMeter();
    for (const point of curve('1', '2', '2', '3')) rising.add(point);
    expect([rising.deepest, rising.longestUs, rising.current]).toEqual([null, 0, 0]);
    const losing = new DrawdownMeter();
    for (const point of curve('0', '-5', '-2')) losing.add(point);
    expect(losing.deepest).toMatchObject({ share: null, amount: money('5') });
    expect(losing.current).toBeNull();
  });

  test('is at each point what the brute force finds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 60 }), (values) => {
        const points = values.map((value, index) => ({ tsUs: timestampUs(index), value: amount(BigInt(value)) }));
        const found = drawdownCurve(points);
        const expected = values.map((value, index) => 1 - value / Math.max(...values.slice(0, index + 1)));
        for (const [index, share] of found.entries()) expect(share).toBeCloseTo(expected[index] ?? Number.NaN, 12);
        const meter = new DrawdownMeter();
        for (const point of points) meter.add(point);
        expect(meter.deepest?.share ?? 0).toBeCloseTo(Math.max(...expected), 12);
      }),
    );
  });
});

describe('returns', () => {
  test('are of what there was: 64,900 to 176,000 is 171.19 %', () => {
    expect(returnOf(money('64900'), money('176000'))).toBeCloseTo(1.7119, 4);
    expect(returnOf(money('0'), money('5'))).toBeNull();
  });
});

describe('statistics of round trips', () => {
  const trip = (profit: string, holdingUs = 60, adverse = '0', favourable = '0') => ({
    profit: money(profit),
    entryValue: money('100'),
    exitValue: money('110'),
    holdingUs,
    adverse: money(adverse),
    favourable: money(favourable),
  });

  test('are those of five trades worked out by hand', () => {
    const meter = new TripMeter();
    for (const each of [
      trip('10', 100, '1', '12'),
      trip('-4', 200, '6', '2'),
      trip('6', 300, '2', '9'),
      trip('0', 400, '3', '1'),
      trip('-2', 500, '8', '1'),
    ])
      meter.add(each);
    expect(meter.statistics).toEqual({
      trips: 5,
      won: 2,
      lost: 2,
      winRate: 0.4,
      grossProfit: money('16'),
      grossLoss: money('6'),
      profit: money('10'),
      profitFactor: expect.closeTo(16 / 6, 12) as number,
      expectancy: money('2'),
      averageWin: money('8'),
      averageLoss: money('3'),
      averageHoldingUs: 300,
      averageAdverse: money('4'),
      averageFavourable: money('5'),
      worstAdverse: money('8'),
      bestFavourable: money('12'),
      turnover: money('1050'),
    });
  });

  test('of nothing are unknown, and there is no profit factor where nothing was lost', () => {
    expect(new TripMeter().statistics).toMatchObject({ trips: 0, winRate: null, expectancy: null, profitFactor: null });
    const meter = new TripMeter();
    meter.add(trip('5'));
    expect(meter.statistics).toMatchObject({ winRate: 1, profitFactor: null, averageLoss: null });
  });
});

test('a mean over time weighs each value by how long it stood', () => {
  const mean = new TimeAverage();
  mean.add(timestampUs(0), 1);
  expect(mean.mean).toBeNull();
  mean.add(timestampUs(10), 0.5);
  mean.add(timestampUs(40), 0);
  expect(mean.mean).toBeCloseTo((10 * 1 + 30 * 0.5) / 40, 12);
});
