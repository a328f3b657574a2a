import { instrumentId, MS_PER_HOUR, seededRandom } from '@monsta/core';
import type { BacktestTrade } from '../backtest/outcome.ts';
import { honestyOf } from '../statistics/honesty.ts';
import { outcomeOf, START_MS, tradeOf } from '../statistics/outcomes.test-support.ts';
import { statisticsOf } from '../statistics/statistics.ts';
import type { TrialMemory } from '../statistics/trials.ts';
import type { BacktestRun } from './run.ts';

interface RunGiven {
  readonly bars?: number;
  readonly stepMs?: number;
  readonly trades?: number;
  readonly seed?: number;
  /** Mean of a bar's return while in the market. */
  readonly edge?: number;
  readonly trials?: TrialMemory;
  readonly resamples?: number;
}

/** A made-up run: a random walk as price, and trades that hold a part of every stretch of it. */
export function runOf(given: RunGiven = {}, more: Partial<BacktestRun> = {}): BacktestRun {
  const { bars = 2_000, stepMs = MS_PER_HOUR, trades: count = 60, seed = 1, edge = 0, trials = { this: 0 } } = given;
  const random = seededRandom(seed);
  const price = new Float64Array(bars + 1).fill(40_000);
  const equity = new Float64Array(bars + 1).fill(10_000);
  const exposure = new Float64Array(bars + 1);
  const trades: BacktestTrade[] = [];
  const stretch = Math.max(2, Math.floor(bars / Math.max(1, count)));
  let entered = 0;
  for (let bar = 1; bar <= bars; bar += 1) {
    const held = count > 0 && bar % stretch < stretch / 2;
    const change = 0.004 * random.gaussian() + (held ? edge : 0);
    const before = equity[bar - 1] ?? 0;
    price[bar] = (price[bar - 1] ?? 0) * (1 + change);
    equity[bar] = held ? before * (1 + change) : before;
    exposure[bar] = held ? (equity[bar] ?? 0) : 0;
    const wasHeld = (exposure[bar - 1] ?? 0) > 0;
    if (held && !wasHeld) entered = bar - 1;
    if (wasHeld && (!held || bar === bars)) trades.push(between(entered, held ? null : bar - 1));
  }

  function between(from: number, to: number | null): BacktestTrade {
    const [entry, exit] = [price[from] ?? 0, price[to ?? bars] ?? 0];
    return tradeOf({
      id: `trade ${trades.length}`,
      profit: Math.round(((equity[to ?? bars] ?? 0) - (equity[from] ?? 0)) * 100) / 100,
      openedMs: START_MS + from * stepMs,
      closedMs: to === null ? null : START_MS + to * stepMs,
      entryPrice: entry.toFixed(2),
      exitPrice: exit.toFixed(2),
      quantity: '0.25',
      fees: '1.5',
      returnShare: exit / entry - 1,
      exitTag: to === null ? null : 'target',
    });
  }

  const outcome = outcomeOf({
    equity: [...equity],
    exposure: [...exposure],
    benchmark: [...price].map((each) => each / 4),
    stepMs,
    trades,
    turnover: 500_000,
    slippage: 40,
  });
  return {
    id: '20240101t000000-abc',
    createdMs: Date.UTC(2024, 5, 1, 12, 30),
    version: '0.1.0',
    strategy: 'sma-cross',
    instruments: ['BTCUSDT'],
    interval: '1h',
    quoteAsset: 'USDT',
    spec: { strategy: 'sma-cross', params: { fast: 10, slow: 50 }, cash: '10000', seed },
    assumptions: ['Orders decided at a close fill at the next open.', 'Fees: 0.1 % maker, 0.1 % taker.'],
    warnings: [],
    outcome,
    yearDays: null,
    statistics: statisticsOf(outcome),
    honesty: honestyOf(outcome, { seed: 1, trials, resamples: given.resamples ?? 200 }),
    prices: [
      {
        instrument: instrumentId('BTCUSDT'),
        openTimeMs: outcome.curve.timeMs.subarray(0, -1),
        high: price.subarray(1).map((each) => each * 1.003),
        low: price.subarray(1).map((each) => each * 0.997),
        close: price.subarray(1),
      },
    ],
    ...more,
  };
}
