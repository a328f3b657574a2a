import type { AccountId, InstrumentId } from '@monsta/core';
import type { DataOrigin, Readiness } from '@monsta/ports';
import type { MessagePort } from 'node:worker_threads';
import type { LiveAccount } from '../compose/live.ts';
import type { MonstaConfig } from '../config/schema.ts';
import type { ClockSample } from '../runtime/venue-clock.ts';
import type { StuckCall } from './strategy-calls.ts';

/** What the trading thread is given at its start. The ports are transferred. */
export interface TradingThreadData {
  readonly config: MonstaConfig;
  readonly paths: { readonly ledger: string; readonly kernelJournal: string; readonly paperJournal: string };
  readonly accountId: AccountId;
  readonly origin: DataOrigin;
  readonly instruments: readonly InstrumentId[];
  readonly clock: ClockSample;
  /** Names this life of the process. */
  readonly epoch: string;
  /** The account of an exchange to trade; null: on paper. */
  readonly live: LiveAccount | null;
  /** Where the calls of strategies are written down. */
  readonly strategyCalls: SharedArrayBuffer;
  /** Calls that did not return, for which threads before this one were ended: their strategies begin as failed. */
  readonly stuck: readonly StuckCall[];
  readonly streamPort: MessagePort;
  readonly historyPort: MessagePort;
  readonly cachePort: MessagePort;
}

export type ToTradingThread =
  | { readonly kind: 'clock'; readonly sample: ClockSample }
  | { readonly kind: 'metrics'; readonly id: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'stop' };

export type FromTradingThread =
  | { readonly kind: 'started' }
  /** The answer to each `clock`: the thread still takes messages. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** It has stopped trading for good: the process must end, and recover at its next start. */
  | { readonly kind: 'fatal'; readonly code: string; readonly message: string }
  | { readonly kind: 'readiness'; readonly readiness: Readiness }
  | { readonly kind: 'metrics'; readonly id: number; readonly body: string }
  /** `settled`: nothing rests at the venue that should not. */
  | { readonly kind: 'drained'; readonly settled: boolean }
  | { readonly kind: 'stopped' };
