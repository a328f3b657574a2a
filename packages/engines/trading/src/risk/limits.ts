import type { Amount, InstrumentId, StrategyId, TimestampUs } from '@monsta/core';
import type { DayBoundary } from './day.ts';

/** The limits in force; rates are parts per million: 10 % = 100000. `docs/risk.md` tells what each rule says when it refuses. */
export interface RiskLimits {
  /** Largest value of one instrument's position, all strategies together, open entries included, as a share of equity. */
  readonly positionPpmMax: number;
  /** The same of all instruments together. */
  readonly exposurePpmMax: number;
  /** Most that all positions and open entries together may be worth, in the quote asset; null: as much as there is (paper). */
  readonly exposureMax: Amount | null;
  /** Positions (one a strategy and instrument) that may be open or being entered at once; null: any number. */
  readonly openPositionsMax: number | null;
  /** Loss since the beginning of the day, as a share of that day's first equity, at which trading only reduces until the next day. */
  readonly dailyLossPpmMax: number;
  /** When a day begins. */
  readonly day: DayBoundary;
  /** Loss from the highest equity at which trading halts until a person resumes. */
  readonly drawdownPpmMax: number;
  /** Least confidence of an entry that carries one, 0–1 in parts per million. */
  readonly confidencePpmMin: number;
  /** Most that a position may lose down to its stop, fees included, as a share of equity. Where no stop is known there is nothing to reckon. */
  readonly tradeRiskPpmMax: number;
  /** The fee of one side, as it is assumed for that loss. */
  readonly feePpm: number;
  /** Orders of any kind sent within one second, and within one minute, at which no more entries are sent. */
  readonly ordersPerSecondMax: number;
  readonly ordersPerMinuteMax: number;
  readonly openOrdersMax: number;
  /** How far an order's price may be from the last trade. */
  readonly priceCollarPpm: number;
  /** No entries when neither a trade nor a quote came for this long (the venue's time). */
  readonly staleAfterMs: number;
  /** Least value of an order in the quote asset, above the instrument's own. */
  readonly orderNotionalMin: Amount;
  /** Most value of an entry in the quote asset, below the instrument's own; null: only the instrument's own. */
  readonly orderNotionalMax: Amount | null;
  /** What is kept of the cash for fees and slippage when an entry is checked. */
  readonly cashReservePpm: number;
  /** After a round trip that lost, how long its strategy does not enter that instrument; 0: not at all. */
  readonly lossCooldownMs: number;
  readonly protections: readonly ProtectionConfig[];
}

/** What one strategy is held to beside the account's limits; null: nothing of its own. Shares are of the account's equity. */
export interface StrategyLimits {
  /** Its own position in one instrument, its open entries included. */
  readonly positionPpmMax: number | null;
  /** All of its positions and open entries. */
  readonly exposurePpmMax: number | null;
  readonly openPositionsMax: number | null;
  /** Its own loss since the beginning of the day, as a share of the account's first equity of that day: it only reduces until the next. */
  readonly dailyLossPpmMax: number | null;
  /** Its own loss from its highest profit, as a share of the account's highest equity: it is halted until a person starts it again. */
  readonly drawdownPpmMax: number | null;
}

/** No limit: what a test or a bench starts from. Those that have no such value are as wide as they go. */
export const UNLIMITED: RiskLimits = {
  // A thousand times the equity: on a margin positions may be worth more than it.
  positionPpmMax: 1_000_000_000,
  exposurePpmMax: 1_000_000_000,
  exposureMax: null,
  openPositionsMax: null,
  dailyLossPpmMax: 1_000_000,
  day: { timeZone: 'UTC', hour: 0 },
  drawdownPpmMax: 1_000_000,
  confidencePpmMin: 0,
  tradeRiskPpmMax: 1_000_000,
  feePpm: 0,
  ordersPerSecondMax: 1_000,
  ordersPerMinuteMax: 10_000,
  openOrdersMax: 1_000,
  priceCollarPpm: 1_000_000,
  staleAfterMs: 3_600_000,
  orderNotionalMin: 0n as Amount,
  orderNotionalMax: null,
  cashReservePpm: 0,
  lossCooldownMs: 0,
  protections: [],
};

/**
 * What closed round trips can lock, by the kernel's clock. `look-back` counts from the newest close. A lock refuses entries alone.
 *
 * - `stop_loss_guard`: `stopsMin` round trips of the look-back ended at a loss by a stop.
 * - `drawdown_guard`: the profits of the look-back, added up in the order of their closes, fell from their highest sum (at least 0) by `drawdownPpmMax` of equity, with `tradesMin` of them.
 * - `cooldown`: any round trip ended; the instrument rests.
 * - `low_profit`: `tradesMin` round trips in the instrument made together less than `profitPpmMin` of what was paid for them.
 */
export type ProtectionConfig =
  | {
      readonly kind: 'stop_loss_guard';
      readonly lookBackMs: number;
      readonly stopsMin: number;
      readonly lockMs: number;
      /** Whose stops are counted together, and what is locked. */
      readonly scope: 'instrument' | 'all';
    }
  | {
      readonly kind: 'drawdown_guard';
      readonly lookBackMs: number;
      readonly tradesMin: number;
      readonly drawdownPpmMax: number;
      readonly lockMs: number;
    }
  | { readonly kind: 'cooldown'; readonly lockMs: number }
  | {
      readonly kind: 'low_profit';
      readonly lookBackMs: number;
      readonly tradesMin: number;
      readonly profitPpmMin: number;
      readonly lockMs: number;
    };

/** Entries within the scope (no strategy: of all; no instrument: in all) are denied by `rule` until then. */
export interface Lock {
  readonly scope: { readonly strategyId?: StrategyId; readonly instrument?: InstrumentId };
  readonly rule: 'cooldown' | 'stop_loss_guard' | 'drawdown_guard' | 'low_profit';
  readonly untilUs: TimestampUs;
  /** With the numbers that led to it. */
  readonly reason: string;
  /** What was allowed, and what was found. */
  readonly limit: string;
  readonly actual: string;
}
