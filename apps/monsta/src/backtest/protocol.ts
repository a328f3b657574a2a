import type { AiTradingConfig } from '@monsta/ai-trading';
import type { Fault } from '@monsta/core';

/** What the thread of a run begins with. */
export interface RunThreadData {
  readonly dataDir: string;
  readonly id: string;
  readonly createdMs: number;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** One number: 1 once the run is to end. */
  readonly cancel: SharedArrayBuffer;
  /** See `sharedStrategyCalls`. */
  readonly strategyCalls: SharedArrayBuffer;
}

export type FromRunThread =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly strategyFailed: boolean }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'failed'; readonly fault: Fault };
