import { expectOk, parseAmount, parseStep, type Interval } from '@monsta/core';
import type { BarRules } from '@monsta/matching';
import { defineStrategy, type KernelConfig, type StrategyContext } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import type { BacktestOptions } from './backtest-options.ts';
import { Backtest } from './backtest.ts';
import { configured, flat, optionsOf, seriesOf, testInstrument, type TestBar } from './backtest.test-support.ts';

type Act = (context: Pick<StrategyContext, 'bars' | 'bracket' | 'order' | 'setTarget'>) => void;

const DAY_MS = 86_400_000;
const UNITS = { ...testInstrument(), lot: expectOk(parseStep('1')), notionalMin: null };

/** Does at each close what it is told to. */
const scripted = (acts: Readonly<Record<number, Act>>, interval: Interval = '1m', warmUp = 1) =>
  defineStrategy({
    name: 'scripted',
    parameters: {},
    intervals: () => [interval],
    warmUpBars: () => warmUp,
    state: () => ({ at: 0 }),
    onBar(context) {
      const act = acts[context.state.at];
      context.state.at += 1;
      act?.(context);
    },
  });

interface Part {
  readonly config?: Partial<KernelConfig>;
  readonly rules?: Partial<BarRules>;
  readonly options?: Partial<BacktestOptions>;
  readonly fee?: number;
}

/** Whole units, all of the equity. */
function play(
  acts: Readonly<Record<number, Act>>,
  bars: readonly TestBar[],
  { config = {}, rules = {}, options = {}, fee = 1_000 }: Part = {},
) {
  const plain = optionsOf([configured(scripted(acts))], [seriesOf(bars, { instrument: UNITS })], options);
  const margin =
    config.short === undefined || config.short === null ? null : { initialPpm: config.short.initialMarginPpm };
  const account = {
    ...plain.account,
    margin,
    fees: { makerPpm: fee, takerPpm: fee },
    rules: { ...plain.account.rules, ...rules } as BarRules,
  };
  const backtest = new Backtest({
    ...plain,
    config: { ...plain.config, allocationPpm: 1_000_000, ...config },
    account,
  });
  while (backtest.step(3));
  const outcome = backtest.outcome();
  return { outcome, fills: outcome.fills.map(({ side, quantity, price }) => `${side} ${quantity} @ ${price / 100}`) };
}

const to =
  (target: number): Act =>
  ({ setTarget }) =>
    setTarget(target);
const atFill = { sizedAt: 'next-open' } as const;
const steep = [flat(100), flat(125), flat(125), flat(125)];

describe('the size of a market order', () => {
  it('decided at the close is cut to what the open leaves affordable', () => {
    const { fills, outcome } = play({ 0: to(1) }, steep);
    expect(fills).toEqual(['buy 79 @ 125']);
    expect(outcome.orders.map(({ quantity, status }) => `${quantity} ${status}`)).toEqual(['100 expired']);
  });

  it('stays what the close said where the open leaves it affordable', () => {
    expect(play({ 0: to(0.5) }, steep).fills).toEqual(['buy 50 @ 125']);
  });

  it('taken at the fill follows the open: ⌊cash ÷ (price × (1 + fee))⌋ where all is wanted, that share of the equity otherwise', () => {
    expect(play({ 0: to(1) }, steep, { config: atFill }).fills).toEqual(['buy 79 @ 125']);
    expect(play({ 0: to(0.5) }, steep, { config: atFill }).fills).toEqual(['buy 40 @ 125']);
    expect(play({ 0: to(1) }, steep, { config: atFill, fee: 0 }).fills).toEqual(['buy 80 @ 125']);
    expect(play({ 0: to(1) }, [flat(100), flat(80), flat(80)], { config: atFill }).fills).toEqual(['buy 124 @ 80']);
  });

  it('taken at the fill of a turn counts the close before it, fee and all', () => {
    const config = { ...atFill, short: { initialMarginPpm: 1_000_000 } };
    const { fills } = play({ 0: to(1), 1: to(-1), 2: to(1) }, [flat(100), flat(100), flat(110), flat(100), flat(100)], {
      config,
    });
    // 90.10 + 99 × 110 × 0.999 is 10,969.21, and that ÷ 110.11 is 99.6; then 10,969.21 − 10.89 + 990 − 9.90, ÷ 100.1, is 119.2.
    expect(fills).toEqual(['buy 99 @ 100', 'sell 99 @ 110', 'sell 99 @ 110', 'buy 99 @ 100', 'buy 119 @ 100']);
  });

  it('taken at the fill goes for orders and brackets by a share too; a quantity is what it is', () => {
    const bracket: Act = (context) => context.bracket({ fraction: 1, stopDistance: 0.1 });
    expect(play({ 0: bracket }, [...steep, [125, 126, 110, 110]], { config: atFill }).fills).toEqual([
      'buy 79 @ 125',
      'sell 79 @ 112.5',
    ]);
    const order: Act = (context) => context.order({ side: 'buy', type: 'market', quantity: 10 });
    expect(play({ 0: order }, steep, { config: atFill }).fills).toEqual(['buy 10 @ 125']);
  });

  it('that waits for the open is a decision of its own, and is lost with no open', () => {
    const { outcome } = play({ 0: to(1), 2: to(0), 3: to(1) }, steep, { config: atFill });
    const said = outcome.decisions.map(
      ({ action, risk }) => `${action} ${(risk as { result?: string } | null)?.result ?? '-'}`,
    );
    expect(said).toEqual([
      'hold deferred',
      'enter approved',
      'hold -',
      'hold deferred',
      'exit approved',
      'hold deferred',
    ]);
  });

  it('is the same for a backtest that is left between the close and the open', () => {
    const options = { ...optionsOf([configured(scripted({ 0: to(1) }))], [seriesOf(steep, { instrument: UNITS })]) };
    const sized = { ...options, config: { ...options.config, ...atFill } };
    const left = new Backtest(sized);
    left.step(1);
    const gone = new Backtest(sized, structuredClone(left.snapshot()));
    gone.step(10);
    expect(gone.outcome().fills).toHaveLength(1);
  });

  it('by units is so many coins, whatever a limit order pays', () => {
    const sizing = { kind: 'units', quantity: expectOk(parseAmount('7')) } as const;
    const { fills } = play(
      { 0: to(1), 1: to(0), 2: ({ setTarget }) => setTarget(1, { limitPrice: 60 }) },
      [flat(100), flat(100), flat(100), [100, 100, 50, 90]],
      { config: { sizing } },
    );
    expect(fills).toEqual(['buy 7 @ 100', 'sell 7 @ 100', 'buy 7 @ 60']);
  });
});

describe('the end of the data', () => {
  const held = [flat(100), flat(100), flat(110)];

  it('leaves what is open where it is only marked', () => {
    const { outcome } = play({ 0: to(0.5) }, held);
    expect(outcome.trades).toMatchObject([{ closedMs: null, exitCause: null }]);
  });

  it('closes it at the last close with slippage and fee where that is asked, and says why', () => {
    const part: Part = { options: { endOfData: 'close' }, rules: { slippage: { kind: 'rate', ppm: 10_000 } } };
    const { outcome, fills } = play({ 0: to(0.5) }, held, part);
    expect(fills).toEqual(['buy 50 @ 101', 'sell 50 @ 108.9']);
    expect(outcome.trades).toMatchObject([{ exitCause: 'end_of_data', profit: '384.505', closedMs: outcome.endMs }]);
    expect(outcome.curve.equity.at(-1)).toBe(10_384.505);
    expect(outcome.curve.equity).toHaveLength(4);
  });

  it('closes it at the open of the last bar where that is asked, whatever came of its close', () => {
    const bars = [flat(100), flat(100), [104, 112, 90, 110] as const];
    const part: Part = { options: { endOfData: 'open' }, rules: { slippage: { kind: 'rate', ppm: 10_000 } } };
    const { outcome, fills } = play({ 0: to(0.5) }, bars, part);
    expect(fills).toEqual(['buy 50 @ 101', 'sell 50 @ 102.96']);
    expect(outcome.trades).toMatchObject([{ exitCause: 'end_of_data', closedMs: outcome.endMs }]);
    expect(outcome.curve.equity.at(-1)).toBe(10_000 + Number(outcome.trades[0]?.profit));
  });

  it('buys back what is owed, takes off what waits, and lets nothing act that was decided at the last close', () => {
    const config = { short: { initialMarginPpm: 1_000_000 } };
    const acts: Record<number, Act> = {
      0: ({ bracket }) => bracket({ side: 'sell', fraction: 0.5, stopDistance: 0.5, takeProfitDistance: 0.5 }),
      2: ({ order }) => order({ side: 'sell', type: 'market', quantity: 10 }),
    };
    const { outcome, fills } = play(acts, held, { config, options: { endOfData: 'close' } });
    expect(fills).toEqual(['sell 50 @ 100', 'buy 50 @ 110']);
    expect(outcome.orders.map(({ status }) => status)).not.toContain('accepted');
    expect(outcome.trades).toMatchObject([{ direction: 'short', exitCause: 'end_of_data' }]);
  });
});

describe('acting at the close', () => {
  const rules = { acts: 'this-close', slippage: { kind: 'rate', ppm: 10_000 } } as const;

  it('fills at the very close, with slippage', () => {
    expect(play({ 0: to(0.5), 1: to(0) }, [flat(100), flat(120), flat(130)], { rules }).fills).toEqual([
      'buy 50 @ 101',
      'sell 50 @ 118.8',
    ]);
  });

  it('lets a stop that was sent with it be triggered from the next open on', () => {
    const bracket: Act = (context) => context.bracket({ fraction: 0.5, stopPrice: 95 });
    const none = { ...rules, slippage: { kind: 'none' } as const };
    expect(play({ 0: bracket }, [flat(100), flat(94.8), flat(94.8)], { rules: none }).fills).toEqual([
      'buy 50 @ 100',
      'sell 50 @ 94.8',
    ]);
    expect(play({ 0: bracket }, [[100, 100, 80, 100], flat(100), flat(100)], { rules: none }).fills).toEqual([
      'buy 50 @ 100',
    ]);
  });
});

describe('acting at the next close', () => {
  const rules = { acts: 'next-close', slippage: { kind: 'rate', ppm: 10_000 } } as const;
  const bars: readonly TestBar[] = [flat(100), [90, 130, 80, 120], [140, 150, 100, 130], flat(140)];

  it('fills at the close of the bar that follows, with slippage', () => {
    // Sized at 100, with 1 % of slippage and a fee.
    expect(play({ 0: to(0.5), 1: to(0) }, bars, { rules }).fills).toEqual(['buy 50 @ 121.2', 'sell 50 @ 128.7']);
  });

  it('is sized by that close where sizes follow from the fill', () => {
    const sized = {
      rules: { ...rules, slippage: { kind: 'none' } as const },
      config: { sizedAt: 'next-close' } as const,
    };
    // Half of 10,000 at 120 are 41.67.
    const { fills, outcome } = play({ 0: to(0.5), 2: to(0) }, bars, sized);
    expect(fills).toEqual(['buy 41 @ 120', 'sell 41 @ 140']);
    // It is known to the very close: 41 of them fell from 120 to 130 and rose to 140.
    expect([...outcome.curve.equity].map((each) => Math.round(each))).toEqual([10_000, 10_000, 9_995, 10_405, 10_809]);
  });

  it('goes by the closes of the main bars, whatever finer ones lie between', () => {
    const five = seriesOf([flat(100), [100, 110, 90, 105], flat(105)], {
      instrument: UNITS,
      interval: '5m',
      stepMs: 300_000,
    });
    const path = [...Array.from({ length: 5 }, () => flat(100)), flat(100), flat(110), flat(90), flat(101), flat(105)];
    const buys: Act = ({ order }) => order({ side: 'buy', type: 'market', quantity: 1 });
    const plain = optionsOf([configured(scripted({ 0: buys }, '5m'))], [five]);
    const backtest = new Backtest({
      ...plain,
      account: { ...plain.account, rules: { ...plain.account.rules, acts: 'next-close', interval: '1m' } as BarRules },
      finer: [seriesOf([...path, ...Array.from({ length: 5 }, () => flat(105))], { instrument: UNITS })],
    });
    while (backtest.step(1));
    const { fills } = backtest.outcome();
    expect(fills.map(({ price }) => price / 100)).toEqual([105]);
    expect(fills.map(({ tsEventUs }) => new Date(tsEventUs / 1_000).toISOString().slice(14, 19))).toEqual(['10:00']);
  });
});

describe('gaps', () => {
  /** Daily bars of a market that rests at weekends: five days, two of rest, three days. */
  const closes = [1, 2, 3, 4, 5, 6, 7, 8];
  const days = seriesOf(
    closes.map((close) => flat(close)),
    { instrument: UNITS, interval: '1d', stepMs: DAY_MS },
  );
  const rests = { ...days, openTimeMs: days.openTimeMs.map((ms, index) => (index < 5 ? ms : ms + 2 * DAY_MS)) };
  const seen = (joinsGaps: boolean): readonly (readonly number[])[] => {
    const windows: number[][] = [];
    const look: Act = ({ bars }) => windows.push(bars.map(({ close }) => close));
    const strategy = configured(scripted(Object.fromEntries(closes.map((_, index) => [index, look])), '1d', 3));
    const options = optionsOf([strategy], [rests]);
    const backtest = new Backtest({ ...options, config: { ...options.config, joinsGaps } });
    while (backtest.step(1));
    return windows;
  };

  it('let windows begin anew behind them, as live', () => {
    expect(seen(false)).toEqual([
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 5],
      [6, 7, 8],
    ]);
  });

  it('are none where the bars on both sides are joined', () => {
    expect(seen(true)).toEqual([
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 5],
      [4, 5, 6],
      [5, 6, 7],
      [6, 7, 8],
    ]);
  });

  it('do not make a joined market stale: an order rests over them, and another is sent behind', () => {
    const acts: Record<number, Act> = {
      4: ({ order }) => order({ side: 'buy', type: 'limit', limitPrice: 4, quantity: 1 }),
      5: ({ order }) => order({ side: 'buy', type: 'market', quantity: 1 }),
    };
    const falls = { ...rests, low: rests.low.map((low, index) => (index === 6 ? 100 : low)) };
    const options = optionsOf([configured(scripted(acts, '1d'))], [falls]);
    const backtest = new Backtest({ ...options, config: { ...options.config, joinsGaps: true } });
    while (backtest.step(1));
    expect(backtest.outcome().fills.map(({ price }) => price)).toEqual([700, 400]);
  });
});

describe('finer bars', () => {
  const coarse: readonly TestBar[] = [flat(100), flat(100), [100, 112, 88, 100], flat(100)];
  const minutes = (...path: readonly TestBar[]) => [
    ...Array.from({ length: 10 }, () => flat(100)),
    ...path,
    ...Array.from({ length: 5 }, () => flat(100)),
  ];
  const bracket: Act = (context) => context.bracket({ fraction: 0.5, stopDistance: 0.1, takeProfitDistance: 0.1 });
  const run = (path: readonly TestBar[] | null) => {
    const series = seriesOf(coarse, { instrument: UNITS, interval: '5m', stepMs: 300_000 });
    const options = optionsOf([configured(scripted({ 0: bracket }, '5m'))], [series]);
    const finer = path === null ? {} : { finer: [seriesOf(path, { instrument: UNITS })] };
    const rules = { ...options.account.rules, interval: path === null ? '5m' : '1m' } as BarRules;
    const backtest = new Backtest({
      ...options,
      config: { ...options.config, allocationPpm: 1_000_000 },
      account: { ...options.account, rules },
      ...finer,
    });
    while (backtest.step(1));
    return backtest
      .outcome()
      .fills.map(
        ({ side, price, tsEventUs }) =>
          `${side} @ ${price / 100} ${new Date(tsEventUs / 1_000).toISOString().slice(14, 19)}`,
      );
  };

  it('decide which of a stop and a target inside one bar came first', () => {
    expect(run(null).at(-1)).toContain('sell @ 90');
    expect(run(minutes(flat(100), [100, 112, 100, 105], [105, 105, 88, 100], flat(100), flat(100)))).toEqual([
      'buy @ 100 05:00',
      'sell @ 110 11:59',
    ]);
    expect(run(minutes(flat(100), [100, 100, 88, 95], [95, 112, 95, 100], flat(100), flat(100)))).toEqual([
      'buy @ 100 05:00',
      'sell @ 90 11:59',
    ]);
  });

  it('leave a bar that they don’t cover to itself', () => {
    expect(run(minutes().slice(0, 10)).at(-1)).toContain('sell @ 90');
  });

  it('are refused where they are of another market', () => {
    expect(() => run(minutes(flat(100), [100, 150, 100, 100], flat(100), flat(100), flat(100)))).toThrow(
      'goes beyond the bar of 5m that it is part of',
    );
    const series = [seriesOf(coarse, { instrument: UNITS })];
    expect(() => new Backtest({ ...optionsOf([], series), finer: series })).toThrow(
      'bars of 1m do not explain bars of 1m',
    );
    expect(() => new Backtest({ ...optionsOf([], series), finer: [] })).toThrow('of each instrument');
  });
});
