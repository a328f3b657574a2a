import { expectOk, formatAmount, parseAmount, parseStep } from '@monsta/core';
import { defineStrategy, type KernelConfig, type StrategyContext } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import type { BacktestOptions } from './backtest-options.ts';
import { Backtest } from './backtest.ts';
import { configured, flat, optionsOf, seriesOf, testInstrument, type TestBar } from './backtest.test-support.ts';

type Act = (
  context: Pick<StrategyContext, 'bracket' | 'buy' | 'close' | 'cover' | 'order' | 'sell' | 'setTarget' | 'short'>,
) => void;

/** Does at each close what it is told to. */
const scripted = (acts: Readonly<Record<number, Act>>) =>
  defineStrategy({
    name: 'scripted',
    parameters: {},
    intervals: () => ['1m'],
    state: () => ({ at: 0 }),
    onBar(context) {
      const act = acts[context.state.at];
      context.state.at += 1;
      act?.(context);
    },
  });

const UNITS = { ...testInstrument(), lot: expectOk(parseStep('1')), notionalMin: null };
const ALL_IN = { allocationPpm: 1_000_000, short: { initialMarginPpm: 1_000_000 } };

/** Whole units, all in, a fee of 0.1 % of both sides, unless said otherwise. */
function optionsFor(
  acts: Readonly<Record<number, Act>>,
  bars: readonly TestBar[],
  config: Partial<KernelConfig> = ALL_IN,
): BacktestOptions {
  const plain = optionsOf([configured(scripted(acts))], [seriesOf(bars, { instrument: UNITS })]);
  const margin =
    config.short === undefined || config.short === null ? null : { initialPpm: config.short.initialMarginPpm };
  return { ...plain, config: { ...plain.config, ...config }, account: { ...plain.account, margin } };
}

function play(...given: Parameters<typeof optionsFor>) {
  const backtest = new Backtest(optionsFor(...given));
  while (backtest.step(10));
  const outcome = backtest.outcome();
  return {
    outcome,
    kernel: backtest.kernel,
    fills: outcome.fills.map(({ side, quantity, price }) => `${side} ${quantity} @ ${price / 100}`),
    trades: outcome.trades.map(({ direction, quantity, entryPrice, exitPrice, profit }) => ({
      direction,
      quantity,
      entryPrice,
      exitPrice,
      profit,
    })),
    cash: formatAmount(expectOk(parseAmount(String(outcome.curve.equity.at(-1))))),
  };
}

/** The same with fees on entries alone. */
function playOnEntries(...given: Parameters<typeof optionsFor>) {
  const options = optionsFor(...given);
  const backtest = new Backtest({ ...options, account: { ...options.account, feesOn: 'entry' } });
  while (backtest.step(10));
  return backtest.outcome();
}

const to =
  (target: number): Act =>
  ({ setTarget }) =>
    setTarget(target);

describe('a backtest that allows shorts', () => {
  it('sells short, marks what it owes, and buys it back', () => {
    const { outcome, fills, trades } = play({ 0: to(-1), 2: to(0) }, [
      flat(100),
      flat(100),
      [100, 105, 85, 90],
      flat(90),
      flat(90),
    ]);
    // 10,000 ÷ (100 × 1.001) is 99.9; the fees are 9.90 and 8.91.
    expect(fills).toEqual(['sell 99 @ 100', 'buy 99 @ 90']);
    expect(trades).toEqual([
      { direction: 'short', quantity: '99', entryPrice: '100', exitPrice: '90', profit: '971.19' },
    ]);
    const cents = [...outcome.curve.equity].map((value) => Number(value.toFixed(8)));
    expect(cents).toEqual([10_000, 10_000, 9_990.1, 10_980.1, 10_971.19, 10_971.19]);
    expect([...outcome.curve.exposure]).toEqual([0, 0, -9_900, -8_910, 0, 0]);
    expect(outcome.trades[0]).toMatchObject({ adverseShare: 0.05, favourableShare: 0.15 });
  });

  it('turns at one open by two orders: the close, then the entry with what that leaves', () => {
    const { fills, trades, outcome } = play({ 0: to(1), 1: to(-1), 2: to(1) }, [
      flat(100),
      flat(100),
      flat(110),
      flat(100),
      flat(100),
    ]);
    expect(fills).toEqual(['buy 99 @ 100', 'sell 99 @ 110', 'sell 99 @ 110', 'buy 99 @ 100', 'buy 99 @ 100']);
    expect(trades.map(({ direction, profit }) => `${direction} ${profit}`)).toEqual([
      'long 969.21',
      'short 969.21',
      'long -9.9',
    ]);
    expect(outcome.orders.map(({ tag, reduceOnly }) => `${tag} ${reduceOnly}`)).toEqual([
      'target false',
      'target true',
      'target false',
      'target true',
      'target false',
    ]);
  });

  it('splits an order that goes beyond what it closes in the books', () => {
    const { trades, kernel } = play(
      { 0: to(0.5), 1: ({ order }) => order({ side: 'sell', type: 'market', quantity: 80 }) },
      [flat(100), flat(100), flat(110), flat(110)],
    );
    expect(trades).toEqual([
      { direction: 'long', quantity: '50', entryPrice: '100', exitPrice: '110', profit: '489.5' },
      { direction: 'short', quantity: '30', entryPrice: '110', exitPrice: '110', profit: '-3.3' },
    ]);
    expect(kernel.positions()[0]).toMatchObject({
      quantity: expectOk(parseAmount('-30')),
      averagePrice: expectOk(parseAmount('110')),
    });
  });

  it('leaves a short at a stop above, at a profit below, and at a stop that trails the lowest', () => {
    const bracket =
      (exit: object): Act =>
      (context) =>
        context.bracket({ side: 'sell', fraction: 0.5, tag: 'entry', ...exit });
    const at = (exit: object, ...bars: TestBar[]) =>
      play({ 0: bracket(exit) }, [flat(100), flat(100), flat(100), ...bars]).fills.slice(1);
    const both = { stopDistance: 0.05, takeProfitDistance: 0.1 };
    expect(at(both, [100, 106, 99, 104], flat(104))).toEqual(['buy 50 @ 105']);
    expect(at(both, [100, 101, 89, 95], flat(95))).toEqual(['buy 50 @ 90']);
    // Both within one bar: the stop is taken to come first.
    expect(at(both, [100, 106, 89, 95], flat(95))).toEqual(['buy 50 @ 105']);
    expect(at({ trailingBps: 500 }, [100, 100, 90, 91], [91, 95, 91, 94], flat(94))).toEqual(['buy 50 @ 94.5']);
  });

  it('takes a person’s word: buys back by close, sells no more than there is by reduceOnly', () => {
    expect(
      play({ 0: to(-0.5), 1: ({ close }) => close() }, [flat(100), flat(100), flat(100), flat(100)]).fills,
    ).toEqual(['sell 50 @ 100', 'buy 50 @ 100']);
    const cover: Act = ({ order }) => order({ side: 'buy', type: 'market', quantity: 80, reduceOnly: true });
    expect(play({ 0: to(-0.5), 1: cover }, [flat(100), flat(100), flat(100), flat(100)]).fills).toEqual([
      'sell 50 @ 100',
      'buy 50 @ 100',
    ]);
    expect(play({ 0: cover }, [flat(100), flat(100)]).outcome.denials).toEqual({ position_short: 1 });
  });

  it('has short and cover beside buy and sell, which leave the other side alone', () => {
    const steps: Record<number, Act> = {
      0: ({ short }) => short(0.5),
      1: ({ sell }) => sell(),
      2: ({ cover }) => cover(0.2),
      3: ({ cover }) => cover(),
      4: ({ buy }) => buy(0.5),
      5: ({ cover }) => cover(),
    };
    const { fills } = play(
      steps,
      Array.from({ length: 8 }, () => flat(100)),
    );
    expect(fills).toEqual(['sell 50 @ 100', 'buy 19 @ 100', 'buy 31 @ 100', 'buy 49 @ 100']);
  });

  it('holds shorts to the margin: a second position the equity does not cover is denied by it', () => {
    const config = { ...ALL_IN, short: { initialMarginPpm: 500_000 } };
    const sell =
      (quantity: number): Act =>
      ({ order }) =>
        order({ side: 'sell', type: 'market', quantity });
    const { fills, outcome } = play(
      { 0: sell(150), 1: sell(100) },
      [flat(100), flat(100), flat(100), flat(100)],
      config,
    );
    expect(fills).toEqual(['sell 150 @ 100']);
    expect(outcome.denials).toEqual({ margin: 1 });
  });

  it('denies a short where none is allowed, by its name and with how it could be had', () => {
    const asks: Record<number, Act> = {
      0: to(-1),
      1: ({ short }) => short(),
      2: ({ bracket }) => bracket({ side: 'sell', fraction: 1, stopDistance: 0.1 }),
      3: ({ order }) => order({ side: 'sell', type: 'market', quantity: 1 }),
    };
    const { fills, outcome } = play(
      asks,
      Array.from({ length: 5 }, () => flat(100)),
      { allocationPpm: 1_000_000 },
    );
    expect(fills).toEqual([]);
    expect(outcome.denials).toEqual({ position_short: 4 });
    expect(outcome.failures).toEqual([]);
    const [first] = outcome.decisions.filter(({ action }) => action === 'hold');
    expect(JSON.stringify(first?.risk)).toContain('--allow-short');
  });
});

describe('fees on entries alone', () => {
  it('are those of the trade that is opened, where one order closes another', () => {
    const { trades, fills } = playOnEntries(
      {
        0: ({ order }) => order({ side: 'buy', type: 'market', quantity: 10 }),
        1: ({ order }) => order({ side: 'sell', type: 'market', quantity: 30 }),
      },
      [flat(100), flat(100), flat(110), flat(90)],
    );
    expect(fills.map(({ fee }) => formatAmount(fee))).toEqual(['1', '0', '2.2']);
    expect(trades).toMatchObject([
      { direction: 'long', quantity: '10', fees: '1', profit: '99' },
      { direction: 'short', quantity: '20', fees: '2.2', profit: '397.8', closedMs: null },
    ]);
  });

  it('let a turned position be as large as what is there after leaving for nothing', () => {
    const { fills } = playOnEntries({ 0: to(1), 1: to(-1) }, [flat(100), flat(100), flat(100), flat(100)], {
      ...ALL_IN,
      sizedAt: 'next-open',
    });
    // ⌊10,000 ÷ 100.1⌋ = 99 for 9,909.90; back come 9,900: ⌊9,990.10 ÷ 100.1⌋ = 99 again.
    expect(fills.map(({ side, quantity, fee }) => [side, quantity, formatAmount(fee)])).toEqual([
      ['buy', 99, '9.9'],
      ['sell', 99, '0'],
      ['sell', 99, '9.9'],
    ]);
  });
});
