import type { Amount, InstrumentId, StrategyId, TimestampUs } from '@monsta/core';
import type { GateCause } from '../trading-gate.ts';
import type { Day, DayBoundary } from './day.ts';
import type { Uses } from './limit-use.ts';
import type { Lock } from './limits.ts';

/** Something less than the whole account that entries are refused in. */
interface Restriction {
  readonly rule: string;
  /** Null: every strategy. */
  readonly strategyId: StrategyId | null;
  /** Null: every instrument. */
  readonly instrument: InstrumentId | null;
  /** Null: until it is over. */
  readonly untilUs: TimestampUs | null;
  readonly reason: string;
}

/** Risk as it stands, for people to see. */
export interface RiskReport extends Uses {
  readonly nowUs: TimestampUs;
  readonly equity: Amount | null;
  /** The account's day of now, and where it begins. */
  readonly day: DayBoundary & Day;
  /** Markets that are stale, and locks that hold. */
  readonly restrictions: readonly Restriction[];
  /** Why the account, or (`strategyId`) a strategy, trades less. */
  readonly causes: readonly (GateCause & { readonly strategyId: StrategyId | null })[];
}

/** Where entries are refused now, beside the states of account and strategies. */
export const restrictionsOf = (
  stale: readonly { readonly instrument: InstrumentId; readonly reason: string }[],
  locks: readonly Lock[],
  nowUs: TimestampUs,
): readonly Restriction[] => [
  ...stale.map(({ instrument, reason }) => ({
    rule: 'stale_data',
    strategyId: null,
    instrument,
    untilUs: null,
    reason,
  })),
  ...locks
    .filter(({ untilUs }) => nowUs < untilUs)
    .map(({ rule, scope, untilUs, reason }) => ({
      rule,
      strategyId: scope.strategyId ?? null,
      instrument: scope.instrument ?? null,
      untilUs,
      reason,
    })),
];
