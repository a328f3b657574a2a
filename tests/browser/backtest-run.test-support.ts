import { instrumentId, MS_PER_HOUR, seededRandom, strategyId } from '@monsta/core';
import type { BacktestRun } from '@monsta/simulation';
import { honestyOf, statisticsOf } from '@monsta/simulation/statistics';
import type { BacktestOutcome } from '@monsta/simulation/backtest';

const START_MS = Date.UTC(2024, 0, 1);

/** A made-up backtest for looking at: two years of hours, every hundredth of them the beginning of a trade of fifty. */
export function madeUpRun(seed: number, more: Partial<BacktestRun> = {}): BacktestRun {
  const random = seededRandom(seed);
  const bars = 17_520;
  const timeMs = Float64Array.from({ length: bars + 1 }, (_, bar) => START_MS + bar * MS_PER_HOUR);
  const [price, equity, exposure] = [
    new Float64Array(bars + 1),
    new Float64Array(bars + 1),
    new Float64Array(bars + 1),
  ];
  price[0] = 40_000;
  equity[0] = 10_000;
  for (let bar = 1; bar <= bars; bar += 1) {
    const growth = Math.exp(0.004 * random.gaussian() + 0.00003);
    const held = bar % 100 < 50;
    price[bar] = (price[bar - 1] ?? 0) * growth;
    equity[bar] = (equity[bar - 1] ?? 0) * (held ? growth : 1);
    exposure[bar] = held ? (equity[bar] ?? 0) : 0;
  }
  const trades = Array.from({ length: Math.floor(bars / 100) }, (_, index): BacktestOutcome['trades'][number] => {
    const [from, to] = [index * 100, index * 100 + 49];
    const [entry, exit] = [price[from] ?? 0, price[to] ?? 0];
    return {
      id: `trade ${index}`,
      strategyId: strategyId('sma-cross'),
      instrument: instrumentId('BTCUSDT'),
      direction: 'long',
      openedMs: timeMs[from] ?? 0,
      closedMs: timeMs[to] ?? 0,
      entryPrice: entry.toFixed(2),
      exitPrice: exit.toFixed(2),
      quantity: '0.25',
      profit: ((equity[to] ?? 0) - (equity[from] ?? 0)).toFixed(2),
      fees: '1.5',
      returnShare: exit / entry - 1,
      adverseShare: 0.01,
      favourableShare: 0.02,
      bars: 49,
      entryTag: 'target',
      exitTag: 'target',
      exitCause: 'strategy',
    };
  });
  const outcome: BacktestOutcome = {
    startMs: START_MS,
    endMs: timeMs.at(-1) ?? 0,
    bars,
    initialCash: 10_000,
    curve: { timeMs, equity, exposure },
    benchmark: price.map((each) => each / 4),
    trades,
    orders: [],
    fills: [],
    decisions: [],
    orderCount: 2 * trades.length,
    fillCount: 2 * trades.length,
    turnover: 3_000_000,
    slippage: 120,
    denials: {},
    failures: [],
  };
  const trials = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [String(index), 0.05 * random.gaussian()]),
  );
  return {
    id: `run-${seed}`,
    createdMs: START_MS,
    version: '0.1.0',
    strategy: 'sma-cross',
    instruments: ['BTCUSDT'],
    interval: '1h',
    quoteAsset: 'USDT',
    spec: { strategy: 'sma-cross', params: { fast: 10, slow: 50 }, seed },
    assumptions: ['Orders decided at a close fill at the next open.', 'Fees: 0.1 % maker, 0.1 % taker.'],
    warnings: ['At 3 places 12 bars are missing.'],
    outcome,
    yearDays: null,
    statistics: statisticsOf(outcome),
    honesty: honestyOf(outcome, { seed, trials, resamples: 500 }),
    prices: [
      {
        instrument: 'BTCUSDT',
        openTimeMs: timeMs.subarray(0, -1),
        high: price.subarray(1).map((each) => each * 1.003),
        low: price.subarray(1).map((each) => each * 0.997),
        close: price.subarray(1),
      },
    ],
    ...more,
  };
}
