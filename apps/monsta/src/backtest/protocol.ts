import type { AiTradingConfig } from '@monsta/ai-trading';
import type { Fault } from '@monsta/core';
import type { MessagePort } from 'node:worker_threads';
import type { CatalogConfig } from '../config/catalog.ts';

/** What the thread of a run begins with. */
export interface RunThreadData {
  readonly dataDir: string;
  readonly id: string;
  readonly createdMs: number;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** `catalog` of the configuration. */
  readonly catalog: CatalogConfig;
  /** One number: 1 once the run is to end. */
  readonly cancel: SharedArrayBuffer;
  /** See `sharedStrategyCalls`. */
  readonly strategyCalls: SharedArrayBuffer;
  /** To the market history of the running program; null on the command line, where nothing is collected. */
  readonly historyPort: MessagePort | null;
  /** Gives way to everything else on the machine, where the operating system lets. */
  readonly background: boolean;
}

export type FromRunThread =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly strategyFailed: boolean }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'failed'; readonly fault: Fault };
