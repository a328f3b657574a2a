import { formatAmount, MS_PER_DAY } from '@monsta/core';
import { statisticsOf } from '@monsta/simulation/statistics';
import type { BacktestOutcome } from '@monsta/simulation/backtest';
import { describe, expect, it } from 'vitest';
import { flagsOf, runFlags } from './flags-world.test-support.ts';

const START_MS = Date.UTC(2020, 0, 1);

/** Days as `open high low close`, or of one price, between dots. */
function csvOf(days: string): string {
  const rows = days.split(' · ').map((each, index) => {
    const [open, high = open, low = open, close = open] = each.split(' ');
    return `${START_MS + index * MS_PER_DAY},${open},${high},${low},${close},1000`;
  });
  return ['openTimeMs,open,high,low,close,volume', ...rows].join('\n');
}

/** A strategy of days; `i` counts closes from 0. */
const strategyOf = (onBar: string, onFill = ''): string => `import { defineStrategy } from 'monsta';
  export default defineStrategy({
    name: 'asks', parameters: {}, intervals: () => ['1d'], state: () => ({ at: -1 }),
    onBar(context) { const i = (context.state.at += 1); const { order, bracket, protect, setTarget, close } = context; ${onBar} },
    onFill({ order }, fill) { ${onFill} },
  });`;

const told = ({ fills }: BacktestOutcome, ticksOfOne = 100, lotsOfOne = 100_000_000): readonly string[] =>
  fills.map(({ side, quantity, price, tsEventUs }) => {
    const day = Math.floor((tsEventUs / 1_000 - START_MS) / MS_PER_DAY);
    return `${day} ${side} ${quantity / lotsOfOne} @ ${price / ticksOfOne}`;
  });

const FREE = '--tick 0.01 --fee-bps 0 --slippage-bps 0 --gaps join'.split(' ');
const ONE_TO_TWENTY = Array.from({ length: 20 }, (_, index) => index + 1).join(' · ');

interface Case {
  readonly what: string;
  readonly days: string;
  readonly asks: string;
  readonly answers?: string;
  readonly flags?: string;
  readonly fills: readonly string[];
}

// Figures of the engines' own tests: backtesting/test/_test.py, jesse's tests/test_parent_strategy.py, backtrader's tests/test_bbroker_try_exec_limit.py. Where ours differ, the words say so.
const CASES: readonly Case[] = [
  {
    what: 'Backtesting.py: a stop of 720 in the day of the entry is hit at 720',
    days: '750 760 745 755 · 755 759.42 676 695 · 705.58 706 680 690',
    asks: 'if (i === 0) bracket({ quantity: 1, stopPrice: 720, stopLimitOffset: 0.99 })',
    fills: ['1 buy 1 @ 755', '1 sell 1 @ 720'],
  },
  {
    what: 'Backtesting.py leaves an entry by a stop on the next open, 705.58; ours counts its stop in the very day: 720',
    days: '750 757 745 755 · 755 759.42 676 695 · 705.58 706 680 690',
    asks: `if (i !== 0) return;
      order({ side: 'buy', type: 'stop_loss', stopPrice: 758, quantity: 1 });
      protect({ stopPrice: 720, stopLimitOffset: 0.99 })`,
    fills: ['1 buy 1 @ 758', '1 sell 1 @ 720'],
  },
  {
    what: 'Backtesting.py: a stop at 484 sets off a limit at 466, which a later day fills',
    days: '480 482 478 480 · 480 485 470 483 · 483 484 465 470 · 470 471 469 470',
    asks: `if (i === 0) order({ side: 'buy', type: 'stop_loss_limit', stopPrice: 484, limitPrice: 466, quantity: 1 })`,
    fills: ['2 buy 1 @ 466'],
  },
  {
    what: 'jesse: entries at 7, 9 and 11, everything out at 15',
    days: ONE_TO_TWENTY,
    asks: `if (i === 14) close();
      if (i !== 6) return;
      order({ side: 'buy', type: 'market', quantity: 0.5 });
      for (const stopPrice of [9, 11]) order({ side: 'buy', type: 'stop_loss', stopPrice, quantity: 0.5 })`,
    flags: '--fill close',
    fills: ['7 buy 0.5 @ 7', '8 buy 0.5 @ 9', '10 buy 0.5 @ 11', '15 sell 1.5 @ 15'],
  },
  {
    what: 'jesse: two units bought at 7 are sold one at 10, one at 15',
    days: ONE_TO_TWENTY,
    asks: `if (i === 6) order({ side: 'buy', type: 'market', quantity: 2 })`,
    answers: `if (fill.side === 'buy')
      for (const limitPrice of [10, 15]) order({ side: 'sell', type: 'limit', limitPrice, quantity: 1 })`,
    flags: '--fill close --limit-fill touch',
    fills: ['7 buy 2 @ 7', '9 sell 1 @ 10', '14 sell 1 @ 15'],
  },
  {
    what: 'jesse: a short position of 1.5 from 3 is stopped out at 4, 5 and 6',
    days: '1 · 2 · 3 · 4 · 5 · 6 · 7 · 8',
    asks: `if (i === 2) order({ side: 'sell', type: 'market', quantity: 1.5 })`,
    answers: `if (fill.side === 'sell')
      for (const stopPrice of [6, 5, 4]) order({ side: 'buy', type: 'stop_loss', stopPrice, quantity: 0.5, reduceOnly: true })`,
    flags: '--fill close --allow-short',
    fills: ['3 sell 1.5 @ 3', '3 buy 0.5 @ 4', '4 buy 0.5 @ 5', '5 buy 0.5 @ 6'],
  },
  ...(
    [
      [0, 1297.5],
      [30, 1294.5],
      [40, 1293.5],
    ] as const
  ).map(([ticks, price]) => ({
    what: `backtrader: a sale at 1285 or better meets an open of 1297.5, and slips by ${ticks / 10} to ${price}`,
    days: '1280 1284 1270 1280 · 1297.5 1299 1293.1 1295 · 1295 1296 1290 1292',
    asks: `if (i === 0) order({ side: 'sell', type: 'limit', limitPrice: 1285, quantity: 1 })`,
    flags: `--allow-short --tick 0.1 --slippage-bps ticks=${ticks}`,
    fills: [`1 sell 1 @ ${price}`],
  })),
  {
    what: 'backtrader keeps what slips within the day, at 1293.1; ours goes as far as was asked for: 1292.5',
    days: '1280 1284 1270 1280 · 1297.5 1299 1293.1 1295',
    asks: `if (i === 0) order({ side: 'sell', type: 'limit', limitPrice: 1285, quantity: 1 })`,
    flags: '--allow-short --tick 0.1 --slippage-bps ticks=50',
    fills: ['1 sell 1 @ 1292.5'],
  },
];

describe('cases of other engines, by the flags of the command', () => {
  it.each(CASES)('$what', async ({ days, asks, answers, flags = '', fills }) => {
    const own = flags.split(' ').filter((each) => each !== '');
    const plain = FREE.flatMap((each, at) => (at % 2 === 1 || own.includes(each) ? [] : [each, FREE[at + 1] ?? '']));
    const ticksOfOne = flags.includes('--tick 0.1') ? 10 : 100;
    const outcome = await runFlags({ SHARE: csvOf(days) }, strategyOf(asks, answers), [...plain, ...own]);
    expect(told(outcome, ticksOfOne)).toEqual(fills);
  });
});

describe('portfolios, by the flags of their row', () => {
  const ONE = '100 · 110 · 100 · 120';
  const TWO = '50 · 50 · 55 · 50';

  it('bt: half each, brought back to half at each close, earns the mean of both returns', async () => {
    const strategy = strategyOf('setTarget(0.5)');
    const { curve, denials } = await runFlags({ ONE: csvOf(ONE), TWO: csvOf(TWO) }, strategy, [
      ...flagsOf('bt', { N: '0' }),
      ...['--tick', '0.01'],
    ]);
    // 5 %, 0.4545 % and 5.4545 %.
    const worth = [10_000, 10_000, 10_500, 10_547.727272, 11_123.057851];
    expect([...curve.equity].map((each) => Math.round(each * 100))).toEqual(
      worth.map((each) => Math.round(each * 100)),
    );
    expect(denials).toEqual({});
  });

  it.each([
    ['ONE, TWO', ['ONE', 'TWO']],
    ['TWO, ONE', ['TWO', 'ONE']],
  ])('a rotation from one to the other is whole, given as %s', async (_, order) => {
    const strategy = strategyOf(`setTarget((context.instrument === 'ONE') === (i < 2) ? 1 : 0)`);
    const files = Object.fromEntries(order.map((name) => [name, csvOf(name === 'ONE' ? ONE : TWO)]));
    const flags = [...flagsOf('bt', { N: '0' }), '--tick', '0.01'];
    // 100 of ONE from 100 to 100, which buy 181.81 of TWO at 55.
    expect(told(await runFlags(files, strategy, flags))).toEqual([
      '1 buy 100 @ 100',
      '3 sell 100 @ 100',
      '3 buy 181.81818181 @ 55',
    ]);
  });

  it('zipline: what is decided at a close fills at the next one, sized by the first', async () => {
    const strategy = strategyOf('setTarget(i === 0 ? 0.5 : 0)');
    const flags = [...flagsOf('zipline', { N: '0' }), '--tick', '0.01'];
    const outcome = await runFlags({ SHARE: csvOf('10 · 11 13 10 12.5 · 13 14 12 13.5') }, strategy, flags);
    // Half of 10,000 at 10.
    expect(told(outcome, 100, 1)).toEqual(['2 buy 500 @ 12.5', '3 sell 500 @ 13.5']);
  });
});

describe('commissions as other engines charge them', () => {
  const TERMS = ['--tick', '0.01', '--slippage-bps', '0', '--gaps', 'join'];
  const DAYS = '10 · 10 · 10 · 12 · 12';
  const buysAndSells = strategyOf(
    'if (i === 0) order({ side: "buy", type: "market", quantity: 1000 }); if (i === 2) order({ side: "sell", type: "market", quantity: 1000 })',
  );

  it.each([
    ['zipline’s PerShare(cost=0.001)', '--fee-per-unit 0.001 --fee-bps 0', [1, 1]],
    [
      'zipline’s PerShare(cost=0.001, min_trade_cost=1.5)',
      '--fee-per-unit 0.001 --fee-minimum 1.5 --fee-bps 0',
      [1.5, 1.5],
    ],
    ['zipline’s PerTrade(cost=5)', '--fee-per-order 5 --fee-bps 0', [5, 5]],
    [
      'zipline’s PerContract(cost=0.85, exchange_fee=1.6)',
      '--fee-per-unit 0.85 --fee-per-order 1.6 --fee-bps 0',
      [851.6, 851.6],
    ],
    ['backtrader’s COMM_FIXED of 2', '--fee-per-unit 2 --fee-bps 0', [2000, 2000]],
    ['Backtesting.py’s (3, 0.002)', '--fee-per-order 3 --fee-bps 20', [23, 27]],
    ['Interactive Brokers’ 0.005 a share, at least 1', '--fee-per-unit 0.005 --fee-minimum 1 --fee-bps 0', [5, 5]],
  ])('%s is %s', async (_what, flags, fees) => {
    const given = ['--cash', '100000', '--lot', '1', ...TERMS, ...flags.split(' ')];
    const { fills, curve } = await runFlags({ SHARE: csvOf(DAYS) }, buysAndSells, given);
    expect(fills.map(({ fee }) => Number(formatAmount(fee)))).toEqual(fees);
    expect(curve.equity.at(-1)).toBe(100_000 + 2_000 - fees.reduce((sum, fee) => sum + fee, 0));
  });
});

describe('statistics of other libraries, from an account that holds what they are given', () => {
  /** Returns in per cent, the first of which is the day that buys: 0. */
  async function held(returns: readonly number[], yearDays: number | null = null) {
    let price = 100;
    const days = [price, ...returns.map((each) => (price *= 1 + each / 100).toFixed(8))];
    const flags =
      '--fill close --sizing all --rebalance-band 1 --tick 0.00000001 --cash 1000000 --fee-bps 0 --slippage-bps 0';
    const outcome = await runFlags({ SHARE: csvOf(days.join(' · ')) }, strategyOf('setTarget(1)'), flags.split(' '));
    return statisticsOf(outcome, yearDays);
  }

  it('empyrical: its weekly and monthly series, whose first return is 0', async () => {
    const returns = [1, 10, -4, 2, 3, 2, 1, -10];
    const [weeks, months] = [await held(returns, 52), await held(returns, 12)];
    expect(weeks.totalReturn).toBeCloseTo(0.038931091700480147, 6);
    expect(weeks.maxDrawdown).toBeCloseTo(0.1, 8);
    expect(weeks.volatilityAnnual).toBeCloseTo(0.38851569394870583, 8);
    expect(weeks.cagr).toBeCloseTo(0.24690830513998208, 6);
    expect(weeks.calmar).toBeCloseTo(2.4690830513998208, 5);
    // Its downside_risk of weeks.
    const mean = ((weeks.sharpe ?? 0) / 52) * (weeks.volatilityAnnual ?? 0);
    expect((mean * 52) / (weeks.sortino ?? 0)).toBeCloseTo(0.25888650451930134, 8);
    expect(months.volatilityAnnual).toBeCloseTo(0.18663690238892558, 8);
    expect(months.cagr).toBeCloseTo(0.052242061386048144, 7);
  });

  it('empyrical: deepest drawdowns of falling and mixed returns', async () => {
    expect((await held([-6, -7, -1, -9, -2, -6, -8, -5])).maxDrawdown).toBeCloseTo(0.36590730349873601, 7);
    expect((await held([10, -10, 10])).maxDrawdown).toBeCloseTo(0.1, 8);
  });
});
