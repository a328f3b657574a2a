import { instrumentId, MS_PER_DAY, MS_PER_HOUR, strategyId } from '@monsta/core';
import type { BacktestOutcome, BacktestTrade } from '../backtest/outcome.ts';

export const START_MS = Date.UTC(2024, 0, 1);

/** A trade as little as a test must say of it; 1,000 are put into each. */
export function tradeOf(given: Partial<Omit<BacktestTrade, 'profit'>> & { readonly profit: number }): BacktestTrade {
  return {
    id: 'trade',
    strategyId: strategyId('s'),
    instrument: instrumentId('BTCUSDT'),
    direction: 'long',
    openedMs: START_MS,
    closedMs: START_MS + MS_PER_HOUR,
    entryPrice: '1000',
    exitPrice: '1000',
    quantity: '1',
    fees: '0',
    returnShare: given.profit / 1_000,
    adverseShare: 0,
    favourableShare: 0,
    bars: 1,
    entryTag: null,
    exitTag: null,
    exitCause: 'strategy',
    ...given,
    profit: String(given.profit),
  };
}

export interface CurveGiven {
  readonly equity: readonly number[];
  /** A day unless given. */
  readonly stepMs?: number;
  readonly startMs?: number;
  /** In place of steps. */
  readonly timeMs?: readonly number[];
  readonly exposure?: readonly number[];
  readonly benchmark?: readonly number[];
  readonly trades?: readonly BacktestTrade[];
  readonly turnover?: number;
  readonly slippage?: number;
}

/** An outcome with a curve given, and nothing else but what a test says. */
export function outcomeOf(given: CurveGiven): BacktestOutcome {
  const { equity, stepMs = MS_PER_DAY, startMs = START_MS } = given;
  const timeMs = Float64Array.from(given.timeMs ?? equity.map((_, index) => startMs + index * stepMs));
  return {
    startMs: timeMs[0] ?? startMs,
    endMs: timeMs.at(-1) ?? startMs,
    bars: Math.max(0, equity.length - 1),
    initialCash: equity[0] ?? 0,
    curve: {
      timeMs,
      equity: Float64Array.from(equity),
      exposure: Float64Array.from(given.exposure ?? equity.map(() => 0)),
    },
    benchmark: Float64Array.from(given.benchmark ?? equity.map(() => 0)),
    trades: given.trades ?? [],
    orders: [],
    fills: [],
    decisions: [],
    orderCount: 0,
    fillCount: 0,
    turnover: given.turnover ?? 0,
    slippage: given.slippage ?? 0,
    denials: {},
    failures: [],
  };
}
