import type { AiTradingConfig } from '@monsta/ai-trading/config';
import type { CatalogConfig } from '../config/catalog.ts';
import type { GuardData } from './guarded-thread.ts';

/** What the thread of a run begins with. */
export interface RunThreadData extends GuardData {
  readonly dataDir: string;
  readonly id: string;
  readonly createdMs: number;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** `catalog` of the configuration. */
  readonly catalog: CatalogConfig;
}

/** What a run that is done tells; all else is in its folder. */
export interface RunDone {
  /** The strategy threw on the way: the result is that of a part. */
  readonly strategyFailed: boolean;
}
