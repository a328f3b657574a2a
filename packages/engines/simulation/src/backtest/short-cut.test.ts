import { seededRandom, type BarSeries, type Fill, type Interval, type Order } from '@monsta/core';
import { atr, bollinger, ema, indicator, on, sma } from '@monsta/features/indicators';
import { DEFAULT_BAR_RULES } from '@monsta/matching';
import { defineStrategy, type ConfiguredStrategy } from '@monsta/trading';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashRun } from '../tape/run-lines.ts';
import type { BacktestOptions } from './backtest-options.ts';
import { Backtest } from './backtest.ts';
import { configured, optionsOf, seriesOf, START_MS, testInstrument, type TestBar } from './backtest.test-support.ts';

const INSTRUMENTS = [testInstrument(), testInstrument('ETHUSDT', 'ETH'), testInstrument('SOLUSDT', 'SOL')] as const;

/** A walk with wicks, and gaps where bars are missing. */
function market(seed: number, bars: number, gaps: number, which: number): BarSeries {
  const random = seededRandom(seed * 31 + which);
  let price = 100;
  const list = Array.from({ length: bars }, (): TestBar => {
    const open = price;
    price = Math.max(20, price * (1 + 0.004 * random.gaussian()));
    const wick = (): number => 1 + 0.003 * random.next();
    return [open, Math.max(open, price) * wick(), Math.min(open, price) / wick(), price];
  });
  // Near the end of a day, so that one begins within the run.
  const series = seriesOf(list, { instrument: INSTRUMENTS[which] ?? INSTRUMENTS[0], startMs: START_MS - 3_600_000 });
  let skipped = 0;
  for (let index = 0; index < bars; index += 1) {
    if (gaps > 0 && random.integer(40) < gaps) skipped += 1 + random.integer(4);
    series.openTimeMs[index] = (series.openTimeMs[index] ?? 0) + skipped * 60_000;
  }
  return series;
}

/** Does all that strategies can do, by chance; what it does follows from its bars and seed alone. */
const restless = (seed: number, calm: number, intervals: readonly Interval[]) =>
  defineStrategy({
    name: `restless-${seed % 97}`,
    parameters: {},
    intervals: () => intervals,
    indicators: () => ({
      fast: sma(3),
      slow: ema(4),
      band: bollinger(5),
      range: on(intervals.at(-1) ?? '1m', atr(3)),
      own: indicator('own', 4, (bars) => bars.reduce((sum, { high, low }) => sum + high - low, 0)),
    }),
    state: () => ({ calls: 0, seen: 0 }),
    onStart: ({ log }) => log('begins'),
    onBar(context) {
      const { bar, indicators, instrument, state, position, orders, account, quote, bars } = context;
      const dice = seededRandom((bar.openTimeMs / 60_000) * 7 + seed + instrument.length);
      if (dice.next() < 0.2) state.calls += 1;
      const { fast, slow, band, range, own } = indicators;
      const mood = (fast > slow ? 1 : 0) + (bar.close > band.middle ? 1 : 0) + (own > 4 * range ? 1 : 0);
      const what = dice.next();
      if (what < calm) context.setTarget(mood >= 2 ? 1 : 0, { reason: () => `mood ${mood}` });
      else if (what < calm + 0.02)
        context.bracket({ fraction: 0.5, stopDistance: 0.01, takeProfitDistance: 0.008, tag: `b-${state.calls % 5}` });
      else if (what < calm + 0.03)
        context.order({ side: 'buy', type: 'limit', fraction: 0.2, limitPrice: bar.close * 0.997 });
      else if (what < calm + 0.04) context.protect({ trailingBps: 80 });
      else if (what < calm + 0.05) context.close({ reason: 'enough' });
      else if (what < calm + 0.06) context.cancelAll();
      else if (what < calm + 0.07) context.setTimer('later', { afterMs: 90_000 + 1_000 * dice.integer(90) });
      else if (what < calm + 0.08) context.setTarget(0.5, { limitPrice: bar.close * 0.999 });
      if (dice.next() < 0.01)
        state.seen =
          (position.quantity + orders.length + (account.equity ?? 0) + (quote.last ?? 0) + bars.length) % 1_000;
      if (seed % 13 === 0 && dice.next() < 0.004) throw new Error('bad luck');
    },
    onTimer: ({ setTarget, position }) => setTarget(position.quantity > 0 ? 0 : 1),
    onFill({ state }, fill) {
      state.seen = (state.seen + fill.price) % 1_000;
    },
  });

/** Mostly quiet: what the short cut is made for. */
const crossing = (fast: number, slow: number) =>
  defineStrategy({
    name: `crossing-${fast}`,
    parameters: {},
    intervals: () => ['1m'],
    indicators: () => ({ fast: sma(fast), slow: sma(slow) }),
    onBar: ({ indicators, setTarget }) => setTarget(indicators.fast > indicators.slow ? 1 : 0),
  });

interface Case {
  readonly seed: number;
  readonly instruments: number;
  readonly gaps: number;
  readonly calm: number;
  readonly intervals: readonly Interval[];
  readonly acts: 'next-open' | 'next-close' | 'this-close';
  readonly limits: 'touch' | 'through';
  readonly feesFrom: 'quote' | 'received';
  readonly limited: boolean;
  readonly sizing: 'fraction' | 'fixed' | 'kelly' | 'volatility';
  readonly volumeShare: boolean;
  readonly fromBar: number;
  readonly exits: boolean;
  readonly who: 'restless' | 'crossing' | 'both';
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  instruments: fc.integer({ min: 1, max: 3 }),
  gaps: fc.nat({ max: 2 }),
  calm: fc.constantFrom(0.5, 0.9, 0.99),
  intervals: fc.constantFrom<readonly Interval[]>(['1m'], ['1m', '5m'], ['5m'], ['5m', '1m'], ['15m', '5m']),
  acts: fc.constantFrom('next-open', 'next-close', 'this-close'),
  limits: fc.constantFrom('touch', 'through'),
  feesFrom: fc.constantFrom('quote', 'received'),
  limited: fc.boolean(),
  sizing: fc.constantFrom('fraction', 'fixed', 'kelly', 'volatility'),
  volumeShare: fc.boolean(),
  fromBar: fc.constantFrom(-1, 40),
  exits: fc.boolean(),
  who: fc.constantFrom('restless', 'crossing', 'both'),
});

/** A stop that has come to trail is replaced when the desk looks next: as an order is accepted, or not before its fill. */
const STOP_THAT_COMES_TO_TRAIL: Case = {
  seed: 140_258,
  instruments: 1,
  gaps: 0,
  calm: 0.5,
  intervals: ['5m'],
  acts: 'next-open',
  limits: 'touch',
  feesFrom: 'quote',
  limited: false,
  sizing: 'fraction',
  volumeShare: true,
  fromBar: -1,
  exits: true,
  who: 'both',
};

const SIZING = {
  fraction: { kind: 'fraction' },
  fixed: { kind: 'fixed', amount: 2_000_000_000_000_000_000_000n as never },
  kelly: {
    kind: 'kelly',
    tradesMin: 3,
    tradesMax: 20,
    scalePpm: 500_000,
    capPpm: 800_000,
    fallbackPpm: 300_000,
  },
  volatility: { kind: 'volatility', targetPpm: 400_000, bars: 6 },
} as const;

function optionsFor(given: Case): BacktestOptions {
  const { seed, acts, limits, feesFrom, limited, volumeShare, exits } = given;
  const series = Array.from({ length: given.instruments }, (_, which) => market(seed, 160, given.gaps, which));
  const ids = series.map(({ instrument }) => instrument.id);
  // One alone is asked by another road than several.
  const strategies: readonly ConfiguredStrategy[] = [
    ...(given.who === 'crossing' ? [] : [configured(restless(seed, given.calm, given.intervals), {}, ids)]),
    ...(given.who === 'restless' ? [] : [configured(crossing(2 + (seed % 3), 8), {}, ids.slice(0, 1))]),
  ];
  const plain = optionsOf(strategies, series);
  const risk = limited
    ? {
        dailyLossPpmMax: 12_000,
        drawdownPpmMax: 60_000,
        positionPpmMax: 700_000,
        lossCooldownMs: 120_000,
        protections: [{ kind: 'cooldown', lockMs: 60_000 }] as const,
      }
    : {};
  const stop = { price: null, distancePpm: 15_000, limitOffsetPpm: 5_000, trailingBps: seed % 2 === 0 ? 120 : null };
  return {
    ...plain,
    config: {
      ...plain.config,
      limits: { ...plain.config.limits, ...risk },
      sizing: SIZING[given.sizing],
      exitPlan: exits ? { stop, takeProfit: null } : null,
      allocationPpm: 450_000,
    },
    account: {
      ...plain.account,
      feesFrom,
      rules: {
        ...DEFAULT_BAR_RULES,
        interval: '1m',
        acts,
        limits,
        slippage: { kind: 'rate', ppm: 50 },
        volumeSharePpm: volumeShare ? 900_000 : null,
      },
    },
    fromMs: given.fromBar < 0 ? null : START_MS - 3_600_000 + given.fromBar * 60_000,
    records: 'orders',
  };
}

interface Run {
  readonly backtest: Backtest;
  readonly hash: string;
  readonly said: readonly string[];
}

/** `seen`: what else the kernel said, as text. */
function runOf(options: BacktestOptions): Run {
  const orders: Order[] = [];
  const fills: Fill[] = [];
  const said: string[] = [];
  const backtest = new Backtest({
    ...options,
    heard(output) {
      if (output.kind === 'order') orders.push(output.order);
      else if (output.kind === 'fill') fills.push(output.fill);
      else if (output.kind === 'note' || output.kind === 'trading-state') said.push(JSON.stringify(output));
    },
  });
  backtest.step(Infinity);
  return { backtest, hash: hashRun({ orders, fills, decisions: [] }, createHash('sha256')).digest('hex'), said };
}

/** What is remembered, of strategies and of the account. */
const remembered = ({ kernel }: Backtest): unknown => ({
  strategies: kernel.strategies().map(({ strategy, failure, status }) => [strategy.id, failure, status]),
  account: kernel.account(),
  positions: kernel.positions(),
  risk: kernel.risk(),
  windows: kernel.windows().map(({ interval, window }) => [interval, window.bars]),
});

describe('the short cut for closes', () => {
  it('comes to the same orders, fills, trades, curve, refusals and states as every input told by itself', () => {
    let fills = 0;
    fc.assert(
      fc.property(cases, (given) => {
        const options = optionsFor(given);
        const short = runOf(options);
        const whole = runOf({ ...options, everyInput: true });
        expect(short.hash).toBe(whole.hash);
        expect(short.said).toEqual(whole.said);
        expect(short.backtest.outcome()).toEqual(whole.backtest.outcome());
        expect(remembered(short.backtest)).toEqual(remembered(whole.backtest));
        // Nor does it matter who listens.
        const silent = new Backtest({ ...options, records: 'fills' });
        silent.step(Infinity);
        expect({ ...silent.outcome(), orders: [] }).toEqual({ ...short.backtest.outcome(), orders: [] });
        expect(remembered(silent)).toEqual(remembered(short.backtest));
        fills += short.backtest.outcome().fillCount;
      }),
      { numRuns: 24, examples: [[STOP_THAT_COMES_TO_TRAIL]] },
    );
    expect(fills).toBeGreaterThan(20);
  }, 60_000);
});
