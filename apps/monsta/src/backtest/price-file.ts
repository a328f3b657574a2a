import { approximatePrice, price, type BarSeries } from '@monsta/core';

/** More bars of an instrument than this are joined: a chart has no more places for them. */
const BARS_MAX = 4_000;

/** What is kept of the prices of one instrument, for looking at: neighbours joined, their extremes with them. */
export interface KeptPrices {
  readonly instrument: string;
  /** Bars that there are; each one kept joins as many as it takes. */
  readonly total: number;
  readonly openTimeMs: readonly number[];
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
}

/** The prices of a series from a time on, in at most 4,000 bars. */
export function keptPrices(
  { instrument, openTimeMs, open, high, low, close, length }: BarSeries,
  fromMs: number,
): KeptPrices {
  const begin = openTimeMs.findIndex((ms) => ms >= fromMs);
  const first = begin === -1 ? length : begin;
  const each = Math.max(1, Math.ceil((length - first) / BARS_MAX));
  const shown = (ticks: number): number => approximatePrice(price(ticks), instrument);
  const kept: Record<'openTimeMs' | 'open' | 'high' | 'low' | 'close', number[]> = {
    ...{ openTimeMs: [], open: [], high: [], low: [], close: [] },
  };
  for (let from = first; from < length; from += each) {
    const until = Math.min(length, from + each);
    let [top, bottom] = [-Infinity, Infinity];
    for (let index = from; index < until; index += 1) {
      top = Math.max(top, high[index] ?? 0);
      bottom = Math.min(bottom, low[index] ?? 0);
    }
    kept.openTimeMs.push(openTimeMs[from] ?? 0);
    kept.open.push(shown(open[from] ?? 0));
    kept.high.push(shown(top));
    kept.low.push(shown(bottom));
    kept.close.push(shown(close[until - 1] ?? 0));
  }
  return { instrument: instrument.id, total: length - first, ...kept };
}
