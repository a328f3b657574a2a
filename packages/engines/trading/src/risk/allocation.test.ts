import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atMs, BTC, money } from '../kernel.test-support.ts';
import { allocationFor, barsForSizing, kellyPpm, volatilityPpm, type SizingConfig } from './allocation.ts';
import type { ClosedTrade } from './closed-trades.ts';

const trade = (profit: string, cost = '100'): ClosedTrade => ({
  strategyId: 's' as never,
  instrument: BTC.id,
  closedUs: atMs(0),
  cost: money(cost),
  profit: money(profit),
  exitCause: 'strategy',
});
const HOUR_MS = 3_600_000;
const base = {
  allocationPpm: 95_000,
  exposureMax: null,
  equity: money('10000'),
  bars: null,
  trades: [],
  worthOf: () => null,
};
const sized = (sizing: SizingConfig, part: Partial<Parameters<typeof allocationFor>[0]> = {}) =>
  allocationFor({ ...base, sizing, ...part });

test('a fraction is that share of equity, and at most what may be at stake', () => {
  expect(sized({ kind: 'fraction' })).toMatchObject({ amount: money('950') });
  expect(sized({ kind: 'fraction' }, { exposureMax: money('100') })).toMatchObject({ amount: money('100') });
});

test('a fixed amount does not follow the equity until the share is smaller', () => {
  const fixed = { kind: 'fixed', amount: money('500') } as const;
  expect(sized(fixed)).toMatchObject({ amount: money('500') });
  expect(sized(fixed, { equity: money('50000') })).toMatchObject({ amount: money('500') });
  expect(sized(fixed, { equity: money('1000') })).toMatchObject({ amount: money('95') });
});

test('units are so many coins at the last price, at most that share of equity; without a price nothing is entered', () => {
  const units = { kind: 'units', quantity: money('2') } as const;
  const at = (price: bigint) => ({ worthOf: (coins: ReturnType<typeof money>) => (coins * price) as typeof coins });
  expect(sized(units, at(100n))).toMatchObject({ amount: money('200'), inCoins: true });
  expect(sized(units, at(1_000n))).toMatchObject({ amount: money('950'), inCoins: false });
  expect(sized(units)).toMatchObject({ denied: { rule: 'sizing_unknown', actual: 'no price' } });
});

describe('volatility', () => {
  const sizing = { kind: 'volatility', targetPpm: 10_000, bars: 4 } as const;
  const closes = [100, 101, 100, 101, 100];

  test('is the deviation of logarithmic returns, annualised by the spacing of the bars over 365 days', () => {
    // Returns ±ln(1.01), mean 0, n − 1 = 3: variance 4/3 · ln(1.01)²; 8,760 hours a year.
    const expected = Math.sqrt((4 / 3) * Math.log(1.01) ** 2 * 8_760);
    expect(volatilityPpm({ closes, intervalMs: HOUR_MS }, 4)).toBe(Math.ceil(expected * 1_000_000));
    expect(volatilityPpm({ closes: [7, ...closes], intervalMs: HOUR_MS }, 4)).toBe(Math.ceil(expected * 1_000_000));
  });

  test('position × volatility is the target, and never above it', () => {
    const found = sized(sizing, { bars: { closes, intervalMs: HOUR_MS } });
    const ppm = volatilityPpm({ closes, intervalMs: HOUR_MS }, 4) ?? 0;
    if (!('amount' in found)) throw new Error('sized');
    expect(found.amount * BigInt(ppm) <= money('10000') * 10_000n).toBe(true);
    expect(Number(found.amount) / 1e18).toBeCloseTo(100 / (ppm / 1e6), 6);
  });

  test('is not made up before there are bars enough: nothing is entered', () => {
    expect(barsForSizing(sizing)).toBe(5);
    expect(sized(sizing, { bars: { closes: closes.slice(1), intervalMs: HOUR_MS } })).toMatchObject({
      denied: { rule: 'sizing_unknown', limit: '5 bars', actual: '4' },
    });
    expect(sized(sizing)).toMatchObject({ denied: { rule: 'sizing_unknown', actual: '0' } });
  });

  test('of a price that never moved leaves the whole share', () => {
    expect(sized(sizing, { bars: { closes: [5, 5, 5, 5, 5], intervalMs: HOUR_MS } })).toMatchObject({
      amount: money('950'),
    });
  });

  test('of a price that is no number is unknown', () => {
    expect(volatilityPpm({ closes: [5, 0, 5, 5, 5], intervalMs: HOUR_MS }, 4)).toBeNull();
  });
});

describe('Kelly', () => {
  const sizing = {
    kind: 'kelly',
    tradesMin: 4,
    tradesMax: 200,
    scalePpm: 500_000,
    capPpm: 90_000,
    fallbackPpm: 20_000,
  } as const;

  test.each([
    // p = 0.5, b = 2: f = 0.5 − 0.5 / 2 = 0.25
    ['half won, twice as much as was lost', ['4', '-2', '4', '-2'], 250_000],
    ['half won, as much as was lost', ['2', '-2'], 0],
    // p = 0.75, b = 1: f = 0.5
    ['three of four won', ['1', '1', '1', '-1'], 500_000],
    ['all won', ['1', '2'], 1_000_000],
    ['all lost', ['-1', '-2'], -1_000_000],
    // p = 1/3, b = 1: f = −1/3
    ['two of three lost', ['1', '-1', '-1'], -333_334],
    ['those that made nothing counted in neither', ['4', '0', '-2', '0'], 250_000],
  ])('f = p − (1 − p) / b with %s', (_what, profits, ppm) => {
    expect(kellyPpm(profits.map((profit) => trade(profit)))).toBe(ppm);
  });

  test('wins and losses are shares of what was paid', () => {
    expect(kellyPpm([trade('40', '1000'), trade('-2', '100'), trade('0.4', '10'), trade('-20', '1000')])).toBe(250_000);
  });

  test('is scaled, capped, and never below nothing', () => {
    const small = ['21', '-20', '21', '-20'].map((profit) => trade(profit));
    // f = 0.5 · (1 − 40/42) = 0.0238…; half of it
    expect(sized(sizing, { trades: small })).toMatchObject({ amount: money('119.04') });
    const great = ['4', '-2', '4', '-2'].map((profit) => trade(profit));
    expect(sized(sizing, { trades: great })).toMatchObject({ amount: money('900') });
    expect(sized(sizing, { trades: great.map((each) => ({ ...each, profit: money('-1') })) })).toMatchObject({
      amount: 0n,
    });
  });

  test('is the fallback, and says so, before there are round trips enough', () => {
    const found = sized(sizing, { trades: ['4', '-2', '4'].map((profit) => trade(profit)) });
    expect(found).toMatchObject({ amount: money('200') });
  });

  test('looks at the newest alone', () => {
    const trades = ['-9', '-9', '4', '-2', '4', '-2'].map((profit) => trade(profit));
    expect(sized({ ...sizing, tradesMax: 4, capPpm: 200_000, scalePpm: 100_000 }, { trades })).toMatchObject({
      amount: money('250'),
    });
  });
});

test('whatever the sizing, a target of 1 is never worth more than the share of equity or what may be at stake', () => {
  const kinds: fc.Arbitrary<SizingConfig> = fc.oneof(
    fc.constant({ kind: 'fraction' } as const),
    fc.bigInt({ min: 0n, max: 10n ** 24n }).map((amount) => ({ kind: 'fixed', amount: amount as never }) as const),
    fc
      .bigInt({ min: 0n, max: 10n ** 24n })
      .map((quantity) => ({ kind: 'units', quantity: quantity as never }) as const),
    fc.record({
      kind: fc.constant('volatility' as const),
      targetPpm: fc.integer({ min: 1, max: 1_000_000 }),
      bars: fc.constant(3),
    }),
    fc.record({
      kind: fc.constant('kelly' as const),
      tradesMin: fc.constant(2),
      tradesMax: fc.constant(50),
      scalePpm: fc.integer({ min: 1, max: 1_000_000 }),
      capPpm: fc.integer({ min: 1, max: 1_000_000 }),
      fallbackPpm: fc.integer({ min: 0, max: 1_000_000 }),
    }),
  );
  fc.assert(
    fc.property(
      kinds,
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.option(fc.bigInt({ min: 0n, max: 10n ** 24n })),
      fc.bigInt({ min: 1n, max: 10n ** 25n }),
      fc.array(fc.integer({ min: -100, max: 100 }), { maxLength: 20 }),
      fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 4, maxLength: 8 }),
      (sizing, allocationPpm, exposureMax, equity, profits, closes) => {
        const found = allocationFor({
          sizing,
          allocationPpm,
          exposureMax: exposureMax as never,
          equity: equity as never,
          worthOf: (coins) => (coins * 3n) as never,
          bars: { closes, intervalMs: HOUR_MS },
          trades: profits.map((profit) => trade(String(profit))),
        });
        if ('denied' in found) return;
        expect(found.amount >= 0n).toBe(true);
        expect(found.amount * 1_000_000n <= equity * BigInt(allocationPpm)).toBe(true);
        if (exposureMax !== null) expect(found.amount <= exposureMax).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
