import type { Instrument, InstrumentId, Price, StrategyId } from '@monsta/core';

/** Where a position is to be left with a loss. Rates are parts per million, `trailingBps` basis points. Of a short position "below" is above, and "highest" lowest. */
export interface PlannedStop {
  /** Its trigger; null: `distancePpm` says. With both, or neither, null the stop only trails. */
  readonly price: Price | null;
  /** How far below the average price paid it triggers; null: `price` says. */
  readonly distancePpm: number | null;
  /** How far below its trigger the order may sell. */
  readonly limitOffsetPpm: number;
  /** How far below the highest price since the position was opened the trigger follows; null: it stands still. */
  readonly trailingBps: number | null;
}

/** Where a position is to be left with a profit: at `price`, or that far above the average price paid. */
export interface PlannedProfit {
  readonly price: Price | null;
  readonly distancePpm: number | null;
}

/** How a position is to be left, whatever its strategy does. It belongs to the position (a strategy in an instrument), stands above the configured one, and is forgotten when the position closes. */
export interface ExitPlan {
  readonly stop: PlannedStop | null;
  readonly takeProfit: PlannedProfit | null;
}

/** A plan as it is kept: prices are in the ticks of `tick`. */
export interface PlanRecord {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  /** Null: the configured one. */
  readonly plan: ExitPlan | null;
  readonly tick: Instrument['tick'];
  /** True while something is held. */
  readonly held: boolean;
  /** True while what is held is short; left out otherwise. */
  readonly short?: boolean;
  /** The highest trade since then, of a short position the lowest; null before one. */
  readonly peak: Price | null;
}
