import type { Amount } from '@monsta/core';

/**
 * How much a target of 1 is worth. Whatever it finds, it is at most the share of equity that is allocated (`allocationPpm`) and at most `exposureMax`. Rates are parts per million.
 *
 * - `fraction`: that share itself.
 * - `fixed`: an amount of the quote asset.
 * - `volatility`: the share at which position × realised volatility of the last `bars` returns is `targetPpm` of equity a year.
 * - `kelly`: f = p − (1 − p) / b of the strategy's newest `tradesMax` round trips, times `scalePpm`, at most `capPpm`; before `tradesMin` of them `fallbackPpm`.
 */
export type SizingConfig =
  | { readonly kind: 'fraction' }
  | { readonly kind: 'fixed'; readonly amount: Amount }
  | { readonly kind: 'volatility'; readonly targetPpm: number; readonly bars: number }
  | {
      readonly kind: 'kelly';
      readonly tradesMin: number;
      readonly tradesMax: number;
      readonly scalePpm: number;
      readonly capPpm: number;
      readonly fallbackPpm: number;
    };
