import type { ClientOrderId, Fill, Order } from '@monsta/core';
import type { DecisionRecord } from '@monsta/trading';
import type { TapeRunSnapshot } from '../tape/tape-run.ts';
import type { HoldingState } from './holding.ts';
import type { EquityCurve } from './outcome.ts';
import type { TradesState } from './trades.ts';

/** What of a backtest does not depend on what it runs on. */
interface Played {
  readonly run: TapeRunSnapshot;
  readonly curve: EquityCurve;
  readonly trades: TradesState;
  readonly denials: readonly (readonly [rule: string, count: number])[];
  readonly orders: readonly (readonly [ClientOrderId, Order])[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly DecisionRecord[];
}

/** A backtest between two closes, as plain data that a structured clone can carry. */
export interface BacktestSnapshot extends Played {
  readonly next: readonly number[];
  readonly counts: {
    readonly orders: number;
    readonly fills: number;
    readonly updates: number;
    readonly bars: number;
    readonly learned: number;
  };
}

/** A backtest of ticks between two events, in the same way. */
export interface TickBacktestSnapshot extends Played {
  readonly benchmark: Float64Array;
  readonly holding: HoldingState;
  readonly orderCount: number;
  readonly fillCount: number;
  /** How many events were played. */
  readonly done: number;
  /** Of the next point of the curve. */
  readonly pointMs: number;
  readonly nowMs: number;
  readonly ended: boolean;
}
