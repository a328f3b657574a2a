import type { AiTradingConfig } from '@monsta/ai-trading/config';
import type { BacktestSpec } from '@monsta/contracts';
import type { Fault } from '@monsta/core';
import type { LookaheadReport, WarmUpReport } from '@monsta/simulation';

/** What is to be looked for. */
export interface ChecksAsked {
  /** At how many moments the future is changed; null: not at all. */
  readonly lookaheadCuts: number | null;
  readonly warmUp: boolean;
}

/** What was found; null where it was not asked for. */
export interface ChecksReport {
  readonly lookahead: LookaheadReport | null;
  readonly warmUp: WarmUpReport | null;
}

export interface ChecksThreadData {
  readonly spec: BacktestSpec;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  readonly asked: ChecksAsked;
  /** See `sharedStrategyCalls`. */
  readonly strategyCalls: SharedArrayBuffer;
}

export type FromChecksThread =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly report: ChecksReport }
  | { readonly kind: 'failed'; readonly fault: Fault };
