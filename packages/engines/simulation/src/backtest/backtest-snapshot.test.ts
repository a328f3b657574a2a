import { seededRandom } from '@monsta/core';
import { SHIPPED_STRATEGIES } from '@monsta/trading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BacktestOptions } from './backtest-options.ts';
import { Backtest } from './backtest.ts';
import { configured, optionsOf, seriesOf, testInstrument, type TestBar } from './backtest.test-support.ts';

const BARS = 120;

/** A lively walk with wicks, so that stops and limits are reached inside bars. */
function walk(seed: number): readonly TestBar[] {
  const random = seededRandom(seed);
  let price = 100;
  return Array.from({ length: BARS }, () => {
    const open = price;
    price = Math.max(20, price * (1 + 0.02 * random.gaussian()));
    const wick = (): number => 1 + 0.01 * random.next();
    return [open, Math.max(open, price) * wick(), Math.min(open, price) / wick(), price];
  });
}

/** Parameters with which each does something within some dozens of bars of a minute. */
const QUICK: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'buy-and-hold': { interval: '1m' },
  'sma-cross': { fast: 3, slow: 8, interval: '1m' },
  'ema-cross': { fast: 3, slow: 8, interval: '1m' },
  'rsi-reversal': { period: 4, oversold: 40, exit: 60, stop: 0.02, interval: '1m' },
  'bollinger-breakout': { period: 8, width: 1, trailingBps: 150, interval: '1m' },
  grid: { levels: 3, spacing: 0.01, interval: '1m' },
  dca: { amount: 20, everyHours: 0.5 },
  'volatility-target': { target: 1, period: 20, interval: '1m' },
};

const optionsFor = (name: string, seed: number, part: Partial<BacktestOptions>): BacktestOptions => {
  const definition = SHIPPED_STRATEGIES.find((each) => each.name === name);
  const strategy = configured(definition, parametersOf(name));
  const plan = { price: null, distancePpm: 20_000, limitOffsetPpm: 5_000, trailingBps: 150 };
  const options = optionsOf([strategy], [seriesOf(walk(seed))], part);
  return seed % 2 === 0
    ? options
    : { ...options, config: { ...options.config, exitPlan: { stop: plan, takeProfit: null } } };
};

const parametersOf = (name: string): Readonly<Record<string, unknown>> => {
  const definition = SHIPPED_STRATEGIES.find((each) => each.name === name);
  const defaults = Object.entries(definition?.parameters ?? {}).map(([key, spec]) => [key, spec.default]);
  return { ...(Object.fromEntries(defaults) as Readonly<Record<string, unknown>>), ...QUICK[name] };
};

function outcomeOf(backtest: Backtest) {
  while (backtest.step(50));
  return backtest.outcome();
}

describe('a backtest that is left and gone on with', () => {
  const when = fc.constantFrom('next-open' as const, 'next-close' as const, 'this-close' as const);

  it.each(Object.keys(QUICK))('comes to the same outcome: %s', (name) => {
    let fills = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat({ max: BARS }), when, (seed, cut, acts) => {
        const plain = optionsFor(name, seed, {});
        const { rules } = plain.account;
        const account =
          rules.kind === 'bars' ? { ...plain.account, rules: { ...rules, acts } as const } : plain.account;
        const options: BacktestOptions = { ...plain, account, tickUs: 15_000_000 };
        const whole = outcomeOf(new Backtest(options));
        const left = new Backtest(options);
        left.step(cut);
        const gone = new Backtest(options, structuredClone(left.snapshot()));
        expect(gone.progress).toEqual(left.progress);
        expect(outcomeOf(gone)).toEqual(whole);
        fills += whole.fillCount;
      }),
      { numRuns: 4 },
    );
    expect(fills).toBeGreaterThan(0);
  });

  it('does so short, sized at the fill, over gaps, on finer bars and closed at the end', () => {
    const crossing = SHIPPED_STRATEGIES.find(({ name }) => name === 'sma-cross');
    const strategy = configured(crossing, { fast: 2, slow: 4, interval: '5m', short: true });
    const minutes = walk(7);
    const five = minutes.flatMap((_, index): TestBar[] => {
      const parts = minutes.slice(index, index + 5);
      if (index % 5 !== 0 || parts.length < 5) return [];
      const [highs, lows] = [parts.map(([, high]) => high), parts.map(([, , low]) => low)];
      return [[parts[0]?.[0] ?? 0, Math.max(...highs), Math.min(...lows), parts[4]?.[3] ?? 0]];
    });
    const whole5 = seriesOf(five, { interval: '5m', stepMs: 300_000 });
    // One bar is missing in the middle.
    const kept = <T extends Float64Array>(column: T): Float64Array => column.filter((_, index) => index !== 9);
    const gapped = {
      ...whole5,
      length: whole5.length - 1,
      openTimeMs: kept(whole5.openTimeMs),
      open: kept(whole5.open),
      high: kept(whole5.high),
      low: kept(whole5.low),
      close: kept(whole5.close),
      volume: kept(whole5.volume),
    };
    const plain = optionsOf([strategy], [gapped], { records: 'orders' });
    const { rules } = plain.account;
    const options: BacktestOptions = {
      ...plain,
      config: { ...plain.config, short: { initialMarginPpm: 1_000_000 }, sizedAt: 'next-open', joinsGaps: true },
      account: {
        ...plain.account,
        margin: { initialPpm: 1_000_000 },
        rules: rules.kind === 'bars' ? { ...rules, interval: '1m' } : rules,
      },
      finer: [seriesOf(minutes)],
      endOfData: 'close',
    };
    const whole = outcomeOf(new Backtest(options));
    for (let cut = 0; cut < five.length; cut += 1) {
      const left = new Backtest(options);
      left.step(cut);
      expect(outcomeOf(new Backtest(options, structuredClone(left.snapshot())))).toEqual(whole);
    }
    expect(whole.trades.some(({ direction }) => direction === 'short')).toBe(true);
  });

  it('does so with several instruments and longer bars', () => {
    const second = testInstrument('ETHUSDT', 'ETH');
    const slow = SHIPPED_STRATEGIES.find(({ name }) => name === 'sma-cross');
    const both = [testInstrument().id, second.id];
    const strategy = configured(slow, { fast: 2, slow: 4, interval: '5m' }, both);
    const options = optionsOf([strategy], [seriesOf(walk(3)), seriesOf(walk(4), { instrument: second })], {
      records: 'orders',
    });
    const whole = outcomeOf(new Backtest(options));
    for (const cut of [0, 1, 37, 58]) {
      const left = new Backtest(options);
      left.step(cut);
      expect(outcomeOf(new Backtest(options, structuredClone(left.snapshot())))).toEqual(whole);
    }
    expect(whole.fillCount).toBeGreaterThan(0);
  });
});
