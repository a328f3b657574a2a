import { applyRate, divide, formatAmount, RATE_UNIT } from '@monsta/core';
import type { Amount } from '@monsta/core';
import type { ClosedTrade } from './closed-trades.ts';
import { no, surelyWithin, type OrderDenied } from './denial.ts';

/**
 * How much a target of 1 is worth. Whatever it finds, it is at most the share of equity that is allocated (`allocationPpm`) and at most `exposureMax`. Rates are parts per million.
 *
 * - `fraction`: that share itself.
 * - `fixed`: an amount of the quote asset.
 * - `units`: so many of the base asset, at the last price.
 * - `volatility`: the share at which position × realised volatility of the last `bars` returns is `targetPpm` of equity a year.
 * - `kelly`: f = p − (1 − p) / b of the strategy's newest `tradesMax` round trips, times `scalePpm`, at most `capPpm`; before `tradesMin` of them `fallbackPpm`.
 */
export type SizingConfig =
  | { readonly kind: 'fraction' }
  | { readonly kind: 'fixed'; readonly amount: Amount }
  | { readonly kind: 'units'; readonly quantity: Amount }
  | { readonly kind: 'volatility'; readonly targetPpm: number; readonly bars: number }
  | {
      readonly kind: 'kelly';
      readonly tradesMin: number;
      readonly tradesMax: number;
      readonly scalePpm: number;
      readonly capPpm: number;
      readonly fallbackPpm: number;
    };

/** Closed bars of a strategy's main interval. */
export interface SizingBars {
  /** Closing prices without a gap, oldest first; any unit. */
  readonly closes: readonly number[];
  readonly intervalMs: number;
}

/** What a target of 1 is worth; `denied`: it can't be known, and nothing is entered. */
export type Allocation =
  | {
      readonly amount: Amount;
      /** True where the amount is a number of coins at the last price: so many are meant, whatever they are bought at. */
      readonly inCoins: boolean;
    }
  | { readonly denied: OrderDenied };

interface AllocationInput {
  readonly sizing: SizingConfig;
  readonly allocationPpm: number;
  readonly exposureMax: Amount | null;
  readonly equity: Amount;
  /** What coins are worth at the last price; null while that is unknown. */
  worthOf(this: void, coins: Amount): Amount | null;
  /** Looked at by `volatility` alone; null for a strategy without bars. */
  readonly bars: SizingBars | null;
  /** The strategy's own, oldest first; looked at by `kelly` alone. */
  readonly trades: readonly ClosedTrade[];
}

/** How many closed bars of a strategy's main interval its sizing needs. */
export const barsForSizing = (sizing: SizingConfig): number => (sizing.kind === 'volatility' ? sizing.bars + 1 : 0);

const YEAR_MS = 365 * 86_400_000;

/** Pure; exact but for the estimate of a volatility, which is rounded up to a part per million (so that the position is never too large for it). */
export function allocationFor(input: AllocationInput): Allocation {
  const { sizing, allocationPpm, exposureMax, equity, bars } = input;
  if (sizing.kind === 'fixed' && exposureMax === null && surelyWithin(sizing.amount, equity, allocationPpm))
    return { amount: sizing.amount, inCoins: false };
  const share = applyRate(equity, allocationPpm, 'floor');
  const most = exposureMax !== null && exposureMax < share ? exposureMax : share;
  const atMost = (wanted: Amount): Allocation => ({
    amount: wanted < most ? wanted : most,
    inCoins: sizing.kind === 'units' && wanted <= most,
  });
  switch (sizing.kind) {
    case 'fraction':
      return atMost(most);
    case 'fixed':
      return atMost(sizing.amount);
    case 'units': {
      const value = input.worthOf(sizing.quantity);
      if (value !== null) return atMost(value);
      const message = 'what so many coins are worth is not known before the first price; no entries';
      const words = `${formatAmount(sizing.quantity)} of the base asset`;
      return { denied: no('sizing_unknown', words, 'no price', message) };
    }
    case 'volatility': {
      const ppm = volatilityPpm(bars, sizing.bars);
      if (ppm === null) {
        const message = `the volatility is not known before ${sizing.bars + 1} bars have closed; no entries`;
        return { denied: no('sizing_unknown', `${sizing.bars + 1} bars`, String(bars?.closes.length ?? 0), message) };
      }
      if (ppm === 0) return atMost(most);
      const wanted = (equity * BigInt(sizing.targetPpm)) / BigInt(ppm);
      return atMost(wanted as Amount);
    }
    case 'kelly': {
      const newest = input.trades.slice(-sizing.tradesMax);
      const ppm = newest.length < sizing.tradesMin ? null : kellyPpm(newest);
      if (ppm === null) return atMost(applyRate(equity, sizing.fallbackPpm, 'floor'));
      const scaled = Math.floor((ppm * sizing.scalePpm) / Number(RATE_UNIT));
      const capped = Math.max(0, Math.min(scaled, sizing.capPpm));
      return atMost(applyRate(equity, capped, 'floor'));
    }
  }
}

/**
 * Realised volatility of a year, parts per million, rounded up: standard deviation (n − 1) of the last `count` logarithmic returns of closes, times √(365 days / interval). Null before
 * there are so many.
 */
export function volatilityPpm(bars: SizingBars | null, count: number): number | null {
  if (bars === null || bars.closes.length < count + 1) return null;
  const closes = bars.closes.slice(-count - 1);
  const returns = closes.slice(1).map((close, index) => Math.log(close / (closes[index] ?? Number.NaN)));
  const mean = returns.reduce((sum, each) => sum + each, 0) / count;
  const variance = returns.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
  const ppm = Math.ceil(Math.sqrt(variance * (YEAR_MS / bars.intervalMs)) * Number(RATE_UNIT));
  return Number.isSafeInteger(ppm) ? ppm : null;
}

/**
 * Kelly's fraction (J. L. Kelly 1956, for two outcomes) f = p − (1 − p) / b, parts per million, rounded down: p is the share of round trips that won, b the average win divided by
 * the average loss, both as shares of what was paid, which comes to p × (1 − Σ losses / Σ wins). Those that made nothing count in neither. May be below 0. Null where none won or lost.
 */
export function kellyPpm(trades: readonly ClosedTrade[]): number | null {
  let [wins, losses, won, lost] = [0n, 0n, 0n, 0n];
  for (const { cost, profit } of trades) {
    if (cost <= 0n || profit === 0n) continue;
    // Twelve digits of each return are kept.
    const share = (profit * 10n ** 12n) / cost;
    if (profit > 0n) [wins, won] = [wins + 1n, won + share];
    else [losses, lost] = [losses + 1n, lost - share];
  }
  const all = wins + losses;
  if (all === 0n) return null;
  if (won === 0n) return -Number(RATE_UNIT);
  const floor = divide(wins * (won - lost) * RATE_UNIT, all * won, 'floor');
  return Number(floor < -RATE_UNIT ? -RATE_UNIT : floor);
}
