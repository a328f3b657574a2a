import type { ClientOrderId, Fill, Order } from '@monsta/core';
import type { DecisionRecord } from '@monsta/trading';
import type { TapeRunSnapshot } from '../tape/tape-run.ts';
import type { EquityCurve } from './outcome.ts';
import type { TradesState } from './trades.ts';

/** A backtest between two closes, as plain data that a structured clone can carry. */
export interface BacktestSnapshot {
  readonly next: readonly number[];
  readonly run: TapeRunSnapshot;
  readonly curve: EquityCurve;
  readonly trades: TradesState;
  readonly denials: readonly (readonly [rule: string, count: number])[];
  readonly orders: readonly (readonly [ClientOrderId, Order])[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly DecisionRecord[];
  readonly counts: {
    readonly orders: number;
    readonly fills: number;
    readonly updates: number;
    readonly bars: number;
    readonly learned: number;
  };
}
