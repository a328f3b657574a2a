import { instrumentId } from '@monsta/core';
import type { BarRules } from '@monsta/matching';
import { defineStrategy } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import { Backtest } from './backtest.ts';
import { CurvePoints } from './curve-points.ts';
import {
  configured,
  flat,
  optionsOf,
  seriesOf,
  START_MS,
  testInstrument,
  type TestBar,
} from './backtest.test-support.ts';

/** Wants at each close what it is told to. */
const scripted = (targets: readonly (number | null)[]) =>
  defineStrategy({
    name: 'scripted',
    parameters: {},
    intervals: () => ['1m'],
    state: () => ({ at: 0 }),
    onBar({ state, setTarget }) {
      const target = targets[state.at] ?? null;
      state.at += 1;
      if (target !== null) setTarget(target);
    },
  });

const MARKET: readonly TestBar[] = [
  flat(100),
  [100, 104, 98, 102],
  [103, 106, 101, 105],
  [110, 111, 109, 110],
  [108, 109, 107, 108],
  flat(120),
];

const run = (...given: Parameters<typeof optionsOf>) => {
  const backtest = new Backtest(optionsOf(...given));
  backtest.step(Infinity);
  return backtest.outcome();
};

describe('a backtest', () => {
  it('begins its curve with the cash alone, and goes on with each close', () => {
    const { curve, bars, startMs, endMs, initialCash } = run([configured(scripted([]))], [seriesOf(MARKET)]);
    expect([...curve.timeMs].map((ms) => (ms - START_MS) / 60_000)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...curve.equity]).toEqual(Array.from({ length: 7 }, () => 10_000));
    expect([...curve.exposure]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect({ bars, startMs, endMs, initialCash }).toEqual({
      bars: 6,
      startMs: START_MS,
      endMs: START_MS + 360_000,
      initialCash: 10_000,
    });
  });

  it('tells each trade with what it made, cost and went through, and the one that is open at the end', () => {
    const { trades, curve, orderCount, fillCount } = run([configured(scripted([1, null, 0, 1]))], [seriesOf(MARKET)]);
    // Decided at 100: half of 10,000 buys 50 at the next open of 100; sold at 110, which is 500 less 5 and 5.50 of fees.
    expect(trades).toMatchObject([
      {
        direction: 'long',
        openedMs: START_MS + 60_000,
        closedMs: START_MS + 180_000,
        entryPrice: '100',
        exitPrice: '110',
        quantity: '50',
        profit: '489.5',
        fees: '10.5',
        returnShare: 489.5 / 5_000,
        bars: 2,
        entryTag: 'target',
        exitTag: 'target',
        exitCause: 'strategy',
      },
      { id: 'scripted:BTCUSDT:open', closedMs: null, entryPrice: '108', exitPrice: '120', exitTag: null, bars: 2 },
    ]);
    // It stood at 98 at worst and at the sale at best.
    expect(trades[0]).toMatchObject({ adverseShare: 0.02, favourableShare: 0.1 });
    const [closed, open] = trades;
    expect(10_000 + Number(closed?.profit) + Number(open?.profit)).toBeCloseTo(curve.equity.at(-1) ?? 0, 9);
    expect([orderCount, fillCount]).toEqual([3, 3]);
  });

  it('adds up what was bought and sold, and what was lost between decisions and fills', () => {
    const { trades, turnover, slippage } = run([configured(scripted([1, null, 0, 1]))], [seriesOf(MARKET)]);
    const bought = Number(trades[1]?.quantity);
    expect(turnover).toBeCloseTo(50 * 100 + 50 * 110 + bought * 108, 9);
    // Decided at 100, 105 and 110, filled at 100, 110 and 108: the market went its way each time.
    expect(slippage).toBeCloseTo(50 * (105 - 110) + bought * (108 - 110), 9);
  });

  it('protects what it has entered from within the very bar of the entry', () => {
    const bracket = defineStrategy({
      name: 'bracket',
      parameters: {},
      intervals: () => ['1m'],
      state: () => ({ done: false }),
      onBar(context) {
        if (!context.state.done) context.bracket({ quantity: 1, stopPrice: 95, takeProfitPrice: 110 });
        context.state.done = true;
      },
    });
    const market: readonly TestBar[] = [flat(100), [100, 112, 94, 111], flat(111)];
    const { fills, trades } = run([configured(bracket)], [seriesOf(market)]);
    expect(fills.map(({ side, price, tsEventUs }) => [side, price, tsEventUs - START_MS * 1_000])).toEqual([
      ['buy', 10_000, 60_000_000],
      // Both were within the bar: the worse came first.
      ['sell', 9_500, 119_999_999],
    ]);
    expect(trades).toMatchObject([{ exitCause: 'stop', exitTag: 'stop' }]);
  });

  it('compares with buying the same cash at the price the first order could have had, fee included', () => {
    const { benchmark, curve } = run([configured(scripted([]))], [seriesOf(MARKET)]);
    const coins = 10_000 / (100 * 1.001);
    expect([...benchmark]).toEqual([10_000, 10_000, ...[102, 105, 110, 108, 120].map((close) => coins * close)]);
    expect(benchmark).toHaveLength(curve.timeMs.length);
  });

  it('holds from the next close on where that is where orders fill', () => {
    const plain = optionsOf([configured(scripted([]))], [seriesOf(MARKET)]);
    const rules = { ...plain.account.rules, acts: 'next-close' } as BarRules;
    const backtest = new Backtest({ ...plain, account: { ...plain.account, rules } });
    while (backtest.step(10));
    const { benchmark } = backtest.outcome();
    const coins = 10_000 / (102 * 1.001);
    expect([...benchmark]).toEqual([10_000, 10_000, ...[102, 105, 110, 108, 120].map((close) => coins * close)]);
  });

  it('spreads the cash of the benchmark evenly over several instruments', () => {
    const eth = testInstrument('ETHUSDT', 'ETH');
    const other = seriesOf([flat(10), flat(10), flat(20)], { instrument: eth });
    const { benchmark, bars } = run([configured(scripted([]))], [seriesOf(MARKET.slice(0, 3)), other]);
    expect(bars).toBe(3);
    expect(benchmark[3]).toBeCloseTo((5_000 / 100.1) * 105 + (5_000 / 10.01) * 20, 9);
  });

  it('counts what was refused, by rule', () => {
    const options = optionsOf([configured(scripted([1, 1, 1]))], [seriesOf(MARKET)]);
    const limits = { ...options.config.limits, orderNotionalMax: 1_000_000_000_000_000_000_000n as never };
    const { denials, trades } = run(options.strategies, options.series, { config: { ...options.config, limits } });
    expect(denials).toEqual({ order_notional_max: 3 });
    expect(trades).toEqual([]);
  });

  it('says which strategy failed, and how', () => {
    const broken = defineStrategy({
      name: 'broken',
      parameters: {},
      intervals: () => ['1m'],
      onBar() {
        throw new Error('out of luck');
      },
    });
    expect(run([configured(broken)], [seriesOf(MARKET)]).failures).toMatchObject([
      { strategyId: 'broken', failure: { message: 'Error: out of luck' } },
    ]);
  });

  it('keeps what is wanted, and counts the rest', () => {
    const all = run([configured(scripted([1, null, 0]))], [seriesOf(MARKET)]);
    const wanted = (records: 'orders' | 'fills' | 'trades') =>
      run([configured(scripted([1, null, 0]))], [seriesOf(MARKET)], { records });
    expect([all.orders.length, all.fills.length, all.decisions.length > 0]).toEqual([2, 2, true]);
    expect(wanted('orders')).toEqual({ ...all, decisions: [] });
    expect(wanted('fills')).toEqual({ ...all, orders: [], decisions: [] });
    expect(wanted('trades')).toEqual({ ...all, orders: [], fills: [], decisions: [] });
  });

  it('trades from a time on, with what came before as warm-up, longer bars included', () => {
    const seen: string[] = [];
    const hourly = defineStrategy({
      name: 'hourly',
      parameters: {},
      intervals: () => ['1m', '1h'],
      warmUpBars: () => ({ '1m': 3, '1h': 2 }),
      onBar({ bars, barsOf, nowMs }) {
        const hours = barsOf('1h').map(({ open, close }) => `${open}-${close}`);
        seen.push(`${(nowMs - START_MS) / 60_000}: ${bars.map(({ close }) => close).join(' ')}, ${hours.join(' ')}`);
      },
    });
    const minutes = Array.from({ length: 183 }, (_, index) => flat(100 + index));
    const fromMs = START_MS + 179 * 60_000;
    const { startMs, bars, curve, decisions } = run([configured(hourly)], [seriesOf(minutes)], { fromMs });
    expect(seen).toEqual([
      '180: 277 278 279, 160-219 220-279',
      '181: 278 279 280, 160-219 220-279',
      '182: 279 280 281, 160-219 220-279',
      '183: 280 281 282, 160-219 220-279',
    ]);
    expect({ startMs, bars }).toEqual({ startMs: fromMs, bars: 4 });
    expect(curve.timeMs[0]).toBe(fromMs);
    expect(decisions).toHaveLength(4);
  });

  it('goes on where it stopped, and says how far it is', () => {
    const backtest = new Backtest(optionsOf([configured(scripted([1]))], [seriesOf(MARKET)]));
    expect(backtest.step(4)).toBe(true);
    expect(backtest.progress).toEqual({ done: 4, total: 6 });
    expect(backtest.outcome().trades).toHaveLength(1);
    expect(backtest.step(10)).toBe(false);
    expect(backtest.progress).toEqual({ done: 6, total: 6 });
    const whole = run([configured(scripted([1]))], [seriesOf(MARKET)]);
    expect(backtest.outcome()).toEqual(whole);
  });

  it('draws into the memory of another one the curve that it draws into its own', () => {
    const curve = new CurvePoints();
    for (const targets of [[1, null, 0, 1], [1], []]) {
      const options = optionsOf([configured(scripted(targets))], [seriesOf(MARKET)]);
      const [shared, alone] = [new Backtest({ ...options, curve }), new Backtest(options)];
      for (const each of [shared, alone]) each.step(Infinity);
      expect(shared.outcome()).toEqual(alone.outcome());
    }
    expect(curve.columns().timeMs.buffer.byteLength).toBeLessThan(1_000);
  });

  it('refuses bars of different intervals, and none at all', () => {
    const hours = seriesOf(MARKET, { interval: '1h', stepMs: 3_600_000 });
    const strategies = [configured(scripted([]), {}, [instrumentId('BTCUSDT')])];
    expect(() => new Backtest(optionsOf(strategies, [seriesOf(MARKET), hours]))).toThrow('the same interval');
    expect(() => new Backtest(optionsOf(strategies, []))).toThrow('at least one instrument');
  });
});
