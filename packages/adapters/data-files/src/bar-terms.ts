import type { InstrumentTerms, Interval } from '@monsta/core';

/** 1m bars of ninety-five years. */
export const BARS_MAX = 50_000_000;

export interface BarTerms {
  readonly instrument: InstrumentTerms;
  /** Null: that which the bars lie apart. */
  readonly interval: Interval | null;
  /** Bars that open at or after `fromMs` and before `toMs`; null: all. The whole file is checked whatever is asked for. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** In memory that worker threads can see. */
  readonly shared?: boolean;
  /** Bars that open all so far behind whole intervals of UTC: refused, or taken as they are (`take`). */
  readonly offGrid?: 'refuse' | 'take';
  /** A price between two ticks: refused, or (`round`) the nearest tick, half up. */
  readonly offTick?: 'refuse' | 'round';
  /** Also what the file says of takers, the number of trades and the book: the series' `flow`. */
  readonly withFlow?: boolean;
  /** Also what Binance's archive says of turnover, where the file has it; of `readBars` alone. */
  readonly withTurnover?: boolean;
}
