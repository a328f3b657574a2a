import type { InstrumentTerms } from '@monsta/core';

/** 100 million trades have 3.3 GB. */
export const TRADES_MAX = 100_000_000;

export interface TradeTerms {
  readonly instrument: InstrumentTerms;
  /** Trades from this time on, and before `toMs`; null: all. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** In memory that worker threads can see. */
  readonly shared?: boolean;
}
