import { applyRate, divide, formatAmount, RATE_UNIT } from '@monsta/core';
import type { Amount, InstrumentId, StrategyId } from '@monsta/core';
import type { RuleName } from './denial.ts';

/** `share`: 0.1 is 10 %; `amount`: of the quote asset. */
export type LimitUnit = 'share' | 'amount' | 'count' | 'per_second' | 'per_minute' | 'ms';

/** What a limit is called: a rule that orders are denied by, or a cause for trading less. */
export type LimitName = RuleName | 'daily_loss' | 'drawdown' | 'strategy_daily_loss' | 'strategy_drawdown';

/** A limit, and how much of it is used now. All numbers are decimal text. */
export interface LimitUse {
  readonly rule: LimitName;
  /** Null: all strategies together. */
  readonly strategyId: StrategyId | null;
  /** Null: all instruments together. */
  readonly instrument: InstrumentId | null;
  readonly unit: LimitUnit;
  /** Null: none is set. */
  readonly limit: string | null;
  /** Null: not known. */
  readonly used: string | null;
  /** How much of the limit is used, 1 is all of it; null while that is unknown, and for what has to stay above its limit. */
  readonly fraction: number | null;
  /** A share's limit and use in the quote asset; null where that is unknown, or no such amounts. */
  readonly amounts: { readonly limit: string; readonly used: string } | null;
}

/** What a single order is held to. */
export interface OrderLimit {
  readonly rule: LimitName;
  readonly unit: LimitUnit;
  /** Null: none is set. */
  readonly limit: string | null;
}

export interface Uses {
  readonly limits: readonly LimitUse[];
  readonly orderLimits: readonly OrderLimit[];
}

type Scope = Pick<LimitUse, 'strategyId' | 'instrument'>;
export const ALL: Scope = { strategyId: null, instrument: null };

/** Parts per million as a plain number: 71000 is `0.071`. */
export const shareText = (ppm: bigint | number): string => formatAmount((BigInt(ppm) * 10n ** 12n) as Amount);

const ratio = (used: bigint, limit: bigint): number | null =>
  limit <= 0n ? null : Number(divide(used * 10_000n, limit, 'half-even')) / 10_000;

/** `used` of what `whole` allows at `ppm`. */
export function shareUse(
  rule: LimitName,
  scope: Scope,
  ppm: number,
  used: Amount | null,
  whole: Amount | null,
): LimitUse {
  const known = used !== null && whole !== null && whole > 0n;
  const usedPpm = known ? divide(used * RATE_UNIT, whole, 'half-even') : null;
  return {
    rule,
    ...scope,
    unit: 'share',
    limit: shareText(ppm),
    used: usedPpm === null ? null : shareText(usedPpm),
    fraction: known ? ratio(used * RATE_UNIT, whole * BigInt(ppm)) : null,
    amounts: known ? { limit: formatAmount(applyRate(whole, ppm, 'floor')), used: formatAmount(used) } : null,
  };
}

export function countUse(
  rule: LimitName,
  scope: Scope,
  unit: Exclude<LimitUnit, 'share' | 'amount'>,
  limit: number | null,
  used: number | null,
): LimitUse {
  return {
    rule,
    ...scope,
    unit,
    limit: limit === null ? null : String(limit),
    used: used === null ? null : String(used),
    fraction: limit === null || used === null ? null : ratio(BigInt(used), BigInt(limit)),
    amounts: null,
  };
}

export function amountUse(rule: LimitName, limit: Amount | null, used: Amount | null): LimitUse {
  return {
    rule,
    ...ALL,
    unit: 'amount',
    limit: limit === null ? null : formatAmount(limit),
    used: used === null ? null : formatAmount(used),
    fraction: limit === null || used === null ? null : ratio(used, limit),
    amounts: null,
  };
}
