import type { AiTradingConfig } from '@monsta/ai-trading/config';
import type { GuardData } from '../backtest/guarded-thread.ts';
import type { CatalogConfig } from '../config/catalog.ts';

/** What the thread of an optimisation within the running program begins with. */
export interface OptimizationThreadData extends GuardData {
  readonly dataDir: string;
  readonly id: string;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** `catalog` of the configuration. */
  readonly catalog: CatalogConfig;
  /** Threads that run trials. */
  readonly workers: number;
  readonly stuckAfterMs: number;
  readonly heapMbMax: number;
}
