import { seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Judgement } from './judgement.ts';
import { netOfCostsSteps, netResultSteps, type TradedForecasts } from './net-of-costs.ts';
import { breakEvenProbability, directionSignals, returnSignals } from './signals.ts';

const judgement: Judgement = { level: 0.95, correctedLevel: 0.95, resamples: 400, seed: 1, horizonBars: 1 };
const free = { feeShare: 0, slippageShare: 0 };
const dear = { feeShare: 0.001, slippageShare: 0.0005 };

const traded = (close: readonly number[], signals: readonly number[], horizonBars = 1): TradedForecasts => ({
  close: Float64Array.from(close),
  barIndex: Int32Array.from(signals, (_, index) => index),
  signals: Int8Array.from(signals),
  horizonBars,
});

const net = (forecasts: TradedForecasts, variant: 'long-flat' | 'long-short', costs: typeof free) =>
  runSteps(netResultSteps(forecasts, variant, costs, { ...judgement, horizonBars: forecasts.horizonBars }));

describe('forecasts traded naively', () => {
  it('earn each bar’s return with the position that the bar before asked for, less what changing it costs', () => {
    // +10 %, −10 %, +10 %: long, short, short.
    const market = traded([100, 110, 99, 108.9], [1, -1, -1]);
    const both = net(market, 'long-short', dear);
    expect(both?.bars).toBe(3);
    expect(both?.grossPerBar.value).toBeCloseTo((0.1 + 0.1 - 0.1) / 3, 12);
    // In (1), around (2), out (1).
    expect(both?.roundTrips).toBeCloseTo(2, 12);
    expect(both?.netPerBar.value).toBeCloseTo((0.1 - 4 * 0.0015) / 3, 12);
    expect(both?.netPerRoundTrip?.value).toBeCloseTo((0.1 - 4 * 0.0015) / 2, 12);
    const long = net(market, 'long-flat', dear);
    expect(long?.netPerBar.value).toBeCloseTo((0.1 - 2 * 0.0015) / 3, 12);
    expect([long?.roundTrips, long?.signals, long?.exposure]).toEqual([1, 1, expect.closeTo(1 / 3, 12)]);
  });

  it('hold each forecast over its horizon with its share of the capital', () => {
    const market = traded([100, 110, 121, 133.1, 133.1], [1, 0, 0], 2);
    const long = net(market, 'long-flat', dear);
    // Half the capital over two bars of +10 %.
    expect(long?.bars).toBe(4);
    expect((long?.grossPerBar.value ?? 0) * 4).toBeCloseTo(0.1, 12);
    expect(long?.roundTrips).toBeCloseTo(0.5, 12);
  });

  it('pay nothing for what goes on: a signal that stays is one round trip', () => {
    const market = traded(
      Array.from({ length: 40 }, () => 100),
      Array.from({ length: 30 }, () => 1),
      5,
    );
    const long = net(market, 'long-flat', dear);
    expect(long?.roundTrips).toBeCloseTo(1, 12);
    expect((long?.netPerBar.value ?? 0) * (long?.bars ?? 0)).toBeCloseTo(-2 * 0.0015, 12);
  });

  it('without a signal trade nothing, earn nothing, and are not above zero', () => {
    const flat = runSteps(netOfCostsSteps(traded([1, 2, 3, 4, 5], [0, 0, 0]), dear, judgement));
    expect(flat?.least).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(flat?.longFlat.netPerRoundTrip).toBeNull();
    expect(runSteps(netOfCostsSteps(traded([1, 2], []), dear, judgement))).toBeNull();
  });

  it('cost exactly their turnover, whatever the signals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer(),
        (signals, horizonBars, seed) => {
          const random = seededRandom(seed);
          const close = Array.from({ length: signals.length + 10 }, () => 100 * Math.exp(0.01 * random.gaussian()));
          const market = traded(close, signals, horizonBars);
          for (const variant of ['long-flat', 'long-short'] as const) {
            const [paid, unpaid] = [net(market, variant, dear), net(market, variant, free)];
            if (paid === null || unpaid === null) throw new Error('there are bars');
            expect(unpaid.netPerBar.value).toBeCloseTo(unpaid.grossPerBar.value, 12);
            const costs = (unpaid.netPerBar.value - paid.netPerBar.value) * paid.bars;
            expect(costs).toBeCloseTo(2 * paid.roundTrips * 0.0015, 9);
            // Nobody can turn over more than twice a bar.
            expect(paid.roundTrips).toBeLessThanOrEqual(paid.bars + 0.5);
          }
        },
      ),
    );
  });

  it(
    'on a market without memory have a net result above zero no oftener than the level says',
    { timeout: 20_000 },
    () => {
      const seeds = 400;
      let above = 0;
      let missed = 0;
      for (let seed = 1; seed <= seeds; seed += 1) {
        const random = seededRandom(seed);
        let price = 100;
        const close = Array.from({ length: 1_001 }, () => (price *= 1 + 0.01 * random.gaussian()));
        const signals = Array.from({ length: 1_000 }, () => random.integer(3) - 1);
        const found = runSteps(netResultSteps(traded(close, signals), 'long-short', free, { ...judgement, seed }));
        if (found === null) throw new Error('there are bars');
        if (found.netPerBar.low > 0) above += 1;
        if (found.netPerBar.low > 0 || found.netPerBar.high < 0) missed += 1;
      }
      // 2.5 % and 5 % are nominal: 10 and 20 of 400, within three standard errors.
      expect(above).toBeLessThanOrEqual(20);
      expect(missed).toBeLessThanOrEqual(34);
      expect(missed).toBeGreaterThanOrEqual(6);
    },
  );
});

describe('signals', () => {
  it('need a probability that pays for a round trip', () => {
    // An hour that moves 1 %: 30 basis points of costs want (2p − 1) · 1 % > 0.3 %.
    expect(breakEvenProbability(0.01, dear)).toBeCloseTo(0.65, 12);
    expect(breakEvenProbability(0.001, dear)).toBeGreaterThan(1);
    expect(breakEvenProbability(0.01, free)).toBe(0.5);
  });

  it('begin with the first calibrated forecast and follow each fold’s own threshold', () => {
    const folds = [
      { train: { from: 0, to: 5 }, test: { from: 10, to: 13 } },
      { train: { from: 0, to: 8 }, test: { from: 13, to: 16 } },
    ];
    const calibrated = Float64Array.of(Number.NaN, 0.7, 0.2, 0.7, 0.9, Number.NaN);
    const { first, signals } = directionSignals(calibrated, { first: 10, folds }, [0.6, 0.8]);
    expect(first).toBe(11);
    expect([...signals]).toEqual([1, -1, 0, 1, 0]);
    expect(
      directionSignals(new Float64Array(6).fill(Number.NaN), { first: 10, folds }, [0.6, 0.8]).signals,
    ).toHaveLength(0);
  });

  it('of expected returns need more than a round trip costs', () => {
    expect([...returnSignals(Float64Array.of(0.0029, 0.0031, -0.0031, 0), dear)]).toEqual([0, 1, -1, 0]);
  });
});
