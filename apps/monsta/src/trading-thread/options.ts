import type { AccountId, InstrumentId, TimestampUs } from '@monsta/core';
import type {
  Cache,
  Clock,
  DataOrigin,
  EventStream,
  Logger,
  MarketDataVenue,
  MarketHistory,
  Metrics,
} from '@monsta/ports';
import type { LiveAccount } from '../compose/live.ts';
import type { MonstaConfig } from '../config/schema.ts';
import type { DataDirectory } from '../runtime/data-directory.ts';

export interface TradingThreadOptions {
  readonly config: MonstaConfig;
  readonly directory: DataDirectory;
  readonly accountId: AccountId;
  /** The account of an exchange to trade; null: on paper. */
  readonly live: LiveAccount | null;
  /** Where the limits of the exchange are counted. */
  readonly cache: Cache;
  readonly origin: DataOrigin;
  readonly instruments: readonly InstrumentId[];
  /** How fast the venue's clock runs. */
  readonly rate: number;
  /** Where the venue's time stands still: a recording's end; null where it never does. */
  readonly endUs: TimestampUs | null;
  readonly venue: MarketDataVenue;
  readonly history: MarketHistory;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The thread ended without being asked to: the process must end too, and recover at its next start. */
  onDeath(reason: string): void;
}
