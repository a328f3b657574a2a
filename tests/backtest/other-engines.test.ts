import { MS_PER_DAY, seededRandom } from '@monsta/core';
import { DEFAULT_BAR_RULES, type BarRules } from '@monsta/matching';
import { Backtest, type BacktestOutcome } from '@monsta/simulation/backtest';
import { defineStrategy, type StrategyContext } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import { flagsOf, PAGE, runFlags } from './flags-world.test-support.ts';
import { MINUTE_MS, START_MS, testOptions, testSeries, type TestBar } from './backtest-world.test-support.ts';

type Act = (context: StrategyContext) => void;

interface Play {
  readonly candles: readonly TestBar[];
  /** What is asked for at the close of a candle, counted from 0. */
  readonly acts: Readonly<Record<number, Act>>;
  readonly rules: Partial<BarRules>;
  readonly cash: string;
  readonly feePpm?: number;
  readonly shorts?: boolean;
}

/** Plays what is asked for at each close, without slippage. */
function play({ candles, acts, rules, cash, feePpm = 0, shorts = false }: Play): BacktestOutcome {
  const strategy = defineStrategy({
    name: 'signals',
    parameters: {},
    intervals: () => ['1m'],
    onBar: (context) => acts[(context.bar.openTimeMs - START_MS) / MINUTE_MS]?.(context),
  });
  const all: BarRules = { ...DEFAULT_BAR_RULES, slippage: { kind: 'none' }, ...rules };
  const backtest = new Backtest(
    testOptions({ strategy, series: [testSeries(candles)], cash, rules: all, feePpm, shorts }),
  );
  while (backtest.step(1_000));
  return backtest.outcome();
}

const candle = (ms: number): number => Math.floor((ms - START_MS) / MINUTE_MS);

/** `5000 5025 4975 4987 · …`: open, high, low and close of one candle after another. */
const candlesOf = (text: string): readonly TestBar[] =>
  text.split(' · ').map((each) => {
    const [open = Number.NaN, high = Number.NaN, low = Number.NaN, close = Number.NaN] = each.split(' ').map(Number);
    return [open, high, low, close];
  });

/** A signal at a close, a stop and a target as shares of the entry, and the trades that freqtrade makes of them. */
interface Signals {
  readonly what: string;
  readonly candles: string;
  readonly enter: readonly number[];
  readonly exit?: number;
  readonly stop: number;
  readonly target: number;
  /** From the close of a candle on the target is another. */
  readonly lowered?: readonly [candle: number, target: number];
  readonly trails?: boolean;
  readonly short?: boolean;
  /** Candles of entry and exit. */
  readonly trades: readonly `${number}-${number}`[];
  /** Of all trades together, to a thousandth. */
  readonly profit: number;
}

const CALM = '5000 5025 4975 4987 · 5000 5025 4975 4987';
const WIDE = '5000 5050 4950 5000 · 5000 5100 4950 5100';

// The figures are those of the cases that freqtrade tests its own backtests by (0 to 30 of test_backtest_detail.py), of one stop, one target and signals.
const FREQTRADE: readonly Signals[] = [
  {
    what: 'a signal to leave is carried out at the next open',
    candles: `${CALM} · 4987 5012 4986 4986 · 5010 5010 4980 5010 · 5010 5011 4977 4995 · 4995 4995 4950 4950`,
    ...{ enter: [0], exit: 3, stop: 0.01, target: 1, trades: ['1-4'], profit: 0.002 },
  },
  {
    what: 'a stop sells at its price, however far the candle falls',
    candles: `${CALM} · 4987 5012 4600 4600 · 4975 5000 4975 4977`,
    ...{ enter: [0], stop: 0.01, target: 1, trades: ['1-2'], profit: -0.01 },
  },
  {
    what: 'a stop waits until its price comes',
    candles: `${CALM} · 4987 5012 4962 4975 · 4975 5000 4800 4962 · 4962 4987 4937 4950`,
    ...{ enter: [0], stop: 0.03, target: 1, trades: ['1-3'], profit: -0.03 },
  },
  {
    what: 'each entry has a stop of its own',
    candles: `${CALM} · 4987 5012 4800 4975 · 4975 5000 4950 4962 · 4975 5000 4950 4962 · 4962 4987 4000 4000`,
    ...{ enter: [0, 3], stop: 0.02, target: 1, trades: ['1-2', '4-5'], profit: -0.04 },
  },
  {
    what: 'of a stop and a target in one candle the stop comes first',
    candles: `${CALM} · 4987 5750 4850 5750 · 4975 5000 4950 4962`,
    ...{ enter: [0], stop: 0.02, target: 0.06, trades: ['1-2'], profit: -0.02 },
  },
  {
    what: 'a target sells at its price',
    candles: `${CALM} · 4987 5025 4975 4987 · 4975 6000 4975 6000 · 4962 4987 4962 4972`,
    ...{ enter: [0], stop: 0.01, target: 0.03, trades: ['1-3'], profit: 0.03 },
  },
  {
    what: 'a target in the candle of the entry',
    candles: `${WIDE} · 5100 5251 4850 5100`,
    ...{ enter: [0], stop: 0.1, target: 0.01, trades: ['1-1'], profit: 0.01 },
  },
  {
    what: 'a stop in the candle of the entry',
    candles: '5000 5050 4950 5000 · 5000 5100 4600 5100 · 5100 5251 4850 5100',
    ...{ enter: [0], stop: 0.05, target: 0.1, trades: ['1-1'], profit: -0.05 },
  },
  {
    what: 'in and out within each of two candles',
    candles: '5000 5050 4950 5000 · 5000 5100 4900 5100 · 5100 5251 4650 5100 · 4850 5050 4750 4750',
    ...{ enter: [0, 1], stop: 0.05, target: 0.01, trades: ['1-1', '2-2'], profit: -0.04 },
  },
  {
    what: 'a target that was lowered below the next open sells at that open',
    candles: `${CALM} · 4987 5300 4950 5200 · 5200 5220 4940 4962 · 4962 4987 4950 4950`,
    ...{ enter: [0], stop: 0.1, target: 0.1, lowered: [2, 0.01], trades: ['1-3'], profit: 0.04 },
  },
  {
    what: 'a target that was lowered above the next open sells at its price',
    candles: `${CALM} · 4987 5300 4950 5200 · 5000 5300 4940 4962 · 4962 4987 4950 4950`,
    ...{ enter: [0], stop: 0.1, target: 0.1, lowered: [2, 0.01], trades: ['1-3'], profit: 0.01 },
  },
  {
    what: 'a stop goes before the signal of the same candle',
    candles: `${CALM} · 4987 5012 4986 4986 · 5010 5010 4855 5010 · 5010 5010 4977 4995`,
    ...{ enter: [0], exit: 3, stop: 0.01, target: 1, trades: ['1-3'], profit: -0.01 },
  },
  {
    what: 'the open at which a signal is carried out goes before the stop in that candle',
    candles: `${CALM} · 4987 5012 4986 4986 · 5010 5010 4986 5010 · 5010 5010 4855 4995 · 4995 4995 4950 4950`,
    ...{ enter: [0], exit: 3, stop: 0.01, target: 1, trades: ['1-4'], profit: 0.002 },
  },
  {
    what: 'and before the target in it',
    candles: `${CALM} · 4987 5012 4986 4986 · 5010 5012 4986 5010 · 5010 5251 4855 4995 · 4995 4995 4950 4950`,
    ...{ enter: [0], exit: 3, stop: 0.1, target: 0.05, trades: ['1-4'], profit: 0.002 },
  },
  {
    what: 'a short trade',
    candles: `${CALM} · 4987 5012 4986 4986 · 5010 5010 4986 5010 · 4990 5010 4855 4995 · 4995 4995 4950 4950`,
    ...{ enter: [0], exit: 3, stop: 0.05, target: 0.5, short: true, trades: ['1-4'], profit: 0.002 },
  },
  {
    what: 'a stop that trails the highest price',
    candles: `5000 5050 4950 5000 · 5000 5050 4950 5000 · 5000 5250 4750 4850 · 4850 5050 4650 4750`,
    ...{ enter: [0], stop: 0.1, target: 0.1, trails: true, trades: ['1-3'], profit: -0.055 },
  },
];

function playSignals({ candles, enter, exit, stop, target, lowered, trails, short }: Signals): BacktestOutcome {
  const exits = (takeProfitDistance: number) => ({
    ...{ stopDistance: stop, takeProfitDistance, stopLimitOffset: 0.99 },
    ...(trails === true ? { trailingBps: stop * 10_000 } : {}),
  });
  const side = short === true ? 'sell' : 'buy';
  const acts: Record<number, Act> = {};
  for (const at of enter) acts[at] = ({ bracket }) => bracket({ side, quantity: 1, ...exits(target) });
  if (exit !== undefined) acts[exit] = ({ close }) => close();
  if (lowered !== undefined) acts[lowered[0]] = ({ protect }) => protect(exits(lowered[1]));
  return play({
    ...{ candles: candlesOf(candles), acts, cash: '10000', shorts: short === true },
    rules: { limits: 'touch' },
  });
}

describe('freqtrade’s own cases', () => {
  it.each(FREQTRADE)('$what', (signals) => {
    const { trades } = playSignals(signals);
    expect(trades.map(({ openedMs, closedMs }) => `${candle(openedMs)}-${candle(closedMs ?? Infinity)}`)).toEqual(
      signals.trades,
    );
    expect(trades.reduce((sum, { returnShare }) => sum + returnShare, 0)).toBeCloseTo(signals.profit, 3);
  });

  it('but a candle’s own high does not raise a stop that its own low then triggers: that comes a candle later', () => {
    const { trades } = playSignals({
      what: 'case 9, which freqtrade leaves in candle 3 at the same price',
      candles:
        '5000 5050 4950 5000 · 5000 5050 4950 5000 · 5000 5050 4950 5000 · 5000 5200 4550 4850 · 4750 4950 4350 4750',
      ...{ enter: [0], stop: 0.1, target: 0.1, trails: true, trades: ['1-4'], profit: -0.064 },
    });
    expect(trades).toMatchObject([{ entryPrice: '5000', exitPrice: '4680' }]);
    expect(candle(trades[0]?.closedMs ?? 0)).toBe(4);
  });
});

describe('vectorbt’s own cases', () => {
  // Closes of 1 to 5, in at the first, out at the fourth: the figures of its tests of orders from signals.
  const candles = [1, 2, 3, 4, 5].map((price): TestBar => [price, price, price, price]);
  const rules = { acts: 'this-close' } as const;
  const one: Act = ({ order }) => order({ side: 'buy', type: 'market', quantity: 1 });
  const out: Act = ({ close }) => close();
  const told = ({ fills }: BacktestOutcome): readonly (readonly number[])[] =>
    fills.map(({ tsEventUs, side, quantity, price }) => [
      candle(tsEventUs / 1_000 - 1),
      ((side === 'buy' ? 1 : -1) * quantity) / 1_000,
      price / 100,
    ]);

  it('all of the money in at the very close of the signal, and out at another', () => {
    const acts = { 0: ({ setTarget }: StrategyContext) => setTarget(1), 3: out };
    expect(told(play({ candles, acts, rules, cash: '100' }))).toEqual([
      [0, 100, 1],
      [3, -100, 4],
    ]);
  });

  it('turned: what is held goes, and as much again is sold as the money is worth', () => {
    const acts = {
      0: ({ setTarget }: StrategyContext) => setTarget(1),
      3: ({ setTarget }: StrategyContext) => setTarget(-1),
    };
    expect(told(play({ candles, acts, rules, cash: '100', shorts: true }))).toEqual([
      [0, 100, 1],
      [3, -100, 4],
      [3, -100, 4],
    ]);
  });

  it('fees of a tenth on each side', () => {
    const { trades } = play({ candles, acts: { 0: one, 3: out }, rules, cash: '100', feePpm: 100_000 });
    expect(trades).toMatchObject([{ fees: '0.5', profit: '2.5' }]);
  });

  it('slippage of a tenth, for the worse each way', () => {
    const slips = { ...rules, slippage: { kind: 'rate', ppm: 100_000 } } as const;
    expect(told(play({ candles, acts: { 0: one, 3: out }, rules: slips, cash: '100' }))).toEqual([
      [0, 1, 1.1],
      [3, -1, 3.6],
    ]);
  });
});

describe('Backtesting.py’s own cases', () => {
  it('a stop in the very bar whose open was bought', () => {
    const candles = candlesOf('743.95 756.34 740.26 755.49 · 755.54 759.42 676 695 · 705.58 706.7 672 681.79');
    const acts: Record<number, Act> = { 0: ({ bracket }) => bracket({ quantity: 1, stopPrice: 720 }) };
    const { trades } = play({ candles, acts, rules: {}, cash: '10000' });
    expect(trades).toMatchObject([{ entryPrice: '755.54', exitPrice: '720' }]);
    expect(candle(trades[0]?.closedMs ?? 0)).toBe(1);
  });
});

interface Day {
  readonly ms: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Days of a market that is always open: each opens where the one before closed. */
function openMarket(count: number): readonly Day[] {
  const random = seededRandom(11);
  const cents = (value: number): number => Math.round(value * 100) / 100;
  const days: Day[] = [];
  let open = 100;
  for (let index = 0; index < count; index += 1) {
    const close = cents(open * (1 + 0.015 * random.gaussian()));
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    const wick = (): number => 0.008 * Math.abs(random.gaussian());
    days.push({
      ...{ ms: Date.UTC(2020, 0, 1) + index * MS_PER_DAY, open, close },
      ...{ high: cents(high * (1 + wick())), low: cents(low * (1 - wick())) },
    });
    open = close;
  }
  return days;
}

/** What a strategy file makes of days under the flags of the command. */
function run(days: readonly Day[], strategy: string, flags: readonly string[]): Promise<BacktestOutcome> {
  const rows = days.map(({ ms, open, high, low, close }) => `${ms},${open},${high},${low},${close},1000`);
  return runFlags({ COINUSD: ['openTimeMs,open,high,low,close,volume', ...rows].join('\n') }, strategy, flags);
}

const meanOf = (days: readonly Day[], length: number, last: number): number =>
  days.slice(last - length + 1, last + 1).reduce((sum, { close }) => sum + close, 0) / length;

describe('their rules, as the page chooses them', () => {
  const days = openMarket(494);

  it('freqtrade: a stake for each entry, a stop before a target, signals at the next open, the rest at the last open', async () => {
    const strategy = `import { defineStrategy, sma } from 'monsta';
      export default defineStrategy({
        name: 'dips', parameters: {}, intervals: () => ['1d'], indicators: () => ({ average: sma(10) }),
        onBar({ bar, position, indicators: { average }, bracket, close }) {
          if (position.quantity === 0 && bar.close < average)
            bracket({ fraction: 1, stopDistance: 0.02, stopLimitOffset: 0.99, takeProfitDistance: 0.032 });
          else if (position.quantity > 0 && bar.close > average * 1.01) close();
        },
      });`;
    const flags = flagsOf('freqtrade', { STAKE: '1000', N: '10' });
    const { curve, trades } = await run(days, strategy, [...flags, '--tick', '0.00001', '--cash', '10000']);

    const fee = 0.001;
    let [cash, entry, wants] = [10_000, 0, ''];
    const causes: string[] = [];
    const leave = (price: number, cause: string): void => {
      cash += ((price * (1 - fee)) / entry - (1 + fee)) * 1000;
      entry = 0;
      causes.push(cause);
    };
    for (const [index, { open, high, low, close }] of days.entries()) {
      if (wants === 'in') entry = open;
      if (wants === 'out' && entry > 0) leave(open, 'strategy');
      if (entry > 0 && low <= entry * 0.98) leave(entry * 0.98, 'stop');
      // What a trade returns net of both fees is 2.9968 %.
      if (entry > 0 && high >= (entry * (1 + fee + 0.029968)) / (1 - fee) - 1e-9) leave(entry * 1.032, 'take_profit');
      wants = '';
      if (index < 9) continue;
      const average = meanOf(days, 10, index);
      if (entry === 0 && close < average) wants = 'in';
      else if (entry > 0 && close > average * 1.01) wants = 'out';
    }
    if (entry > 0) leave(days.at(-1)?.open ?? 0, 'end_of_data');

    expect(trades.map(({ exitCause }) => exitCause)).toEqual(causes);
    expect(new Set(causes)).toEqual(new Set(['strategy', 'stop', 'take_profit', 'end_of_data']));
    expect(causes.length).toBeGreaterThan(50);
    expect(curve.equity.at(-1)).toBeCloseTo(cash, 2);
  });

  it('vectorised engines: what was signalled at a close earns the return to the next, long and short', async () => {
    const strategy = `import { defineStrategy, sma } from 'monsta';
      export default defineStrategy({
        name: 'trend', parameters: {}, intervals: () => ['1d'], indicators: () => ({ fast: sma(5), slow: sma(20) }),
        onBar: ({ indicators: { fast, slow }, setTarget }) => setTarget(fast > slow ? 1 : -1),
      });`;
    const { curve } = await run(days, strategy, flagsOf('vectorised engines', { N: '0' }));

    const worth = [10_000];
    let signal = 0;
    for (const [index, { close }] of days.entries()) {
      const before = days[index - 1]?.close ?? close;
      worth.push((worth.at(-1) ?? 0) * (1 + signal * (close / before - 1)));
      if (index >= 19) signal = meanOf(days, 5, index) > meanOf(days, 20, index) ? 1 : -1;
    }
    const ours = curve.equity;
    expect(ours).toHaveLength(worth.length);
    // Sizes are whole lots.
    const apart = worth.map((each, index) => Math.abs((ours[index] ?? 0) / each - 1));
    expect(Math.max(...apart)).toBeLessThan(1e-7);
    expect(Math.abs((worth.at(-1) ?? 0) / 10_000 - 1)).toBeGreaterThan(0.02);
  });

  it('backtrader: one unit at the next open, by the strategy on the page', async () => {
    const [, strategy = ''] = /```ts\n([^`]*name: 'above'[^`]*)```/.exec(PAGE) ?? [];
    const { fills } = await run(days, strategy, flagsOf('backtrader', { N: '0', 'units=N': 'units=1' }));

    const expected: number[] = [];
    for (const [index, { close }] of days.entries()) {
      const [before, next] = [days[index - 1]?.close ?? close, days[index + 1]];
      if (index < 15 || next === undefined) continue;
      const [average, averageBefore] = [meanOf(days, 15, index), meanOf(days, 15, index - 1)];
      const isIn = expected.length % 2 === 1;
      if (!isIn && before < averageBefore && close > average) expected.push(next.open);
      else if (isIn && before > averageBefore && close < average) expected.push(next.open);
    }
    expect(expected.length).toBeGreaterThan(20);
    expect(fills.map(({ price }) => price / 100)).toEqual(expected);
  });
});
