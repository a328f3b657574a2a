import type { Instrument, InstrumentId, Price, StrategyId, TimestampUs } from '@monsta/core';
import type { ExitPrices } from './exit-prices.ts';
import type { Emit, KernelConfig } from './kernel-types.ts';
import type { KeptRecords } from './kept-records.ts';
import type { Markets } from './markets.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import type { Position } from './position.ts';
import type { Guard } from './protection.ts';
import type { Reservation } from './reservations.ts';
import type { TradingGate } from './trading-gate.ts';

/** A position with everything that its protection follows from. */
export interface Case {
  readonly key: string;
  readonly position: Position;
  readonly instrument: Instrument;
  readonly prices: ExitPrices;
  readonly guard: Guard | null;
  /** What else sells it. */
  readonly others: readonly Reservation[];
  readonly last: Price | null;
  readonly nowUs: TimestampUs;
}

export interface ProtectiveParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly emit: Emit;
  readonly keeps: KeptRecords;
  readonly gate: TradingGate;
  /** True while something else than an open order is about to enter a position. */
  enters(this: void, strategyId: StrategyId, instrument: InstrumentId): boolean;
}
