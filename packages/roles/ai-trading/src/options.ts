import type { AccountId, Amount, Fault, Interval, Random, StrategyId } from '@monsta/core';
import type {
  Clock,
  DataOrigin,
  EventStream,
  ExecutionVenue,
  Journal,
  Ledger,
  MarketHistory,
  Telemetry,
} from '@monsta/ports';
import type { ConfiguredStrategy, LifeNotes, StrategyFailure } from '@monsta/trading';
import type { StrategyWatch } from '@monsta/trading/strategy-watch';
import type { AlertTerms } from './alerts.ts';
import type { AiTradingConfig } from './config.ts';

/** A strategy that never returned, and what is to be said of it. */
interface CutOff {
  readonly strategyId: StrategyId;
  readonly failure: StrategyFailure;
}

/** What the trading role stands on. It closes none of it. */
export interface AiTradingOptions {
  readonly stream: EventStream;
  readonly ledger: Ledger;
  /** Every input of the kernel, in order. */
  readonly journal: Journal;
  readonly venue: ExecutionVenue;
  readonly history: MarketHistory;
  /** Tells the venue's time; timers and deadlines run in ours. */
  readonly clock: Clock;
  /** Spreads retries. */
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly config: AiTradingConfig;
  readonly strategies: readonly ConfiguredStrategy[];
  /** Of which bars are collected. */
  readonly intervals: readonly Interval[];
  /** Sees the calls of strategies, so that one that never returns can be ended; absent: nobody looks. */
  readonly watch?: StrategyWatch;
  /** Strategies that a life before this one was cut off in: they begin as failed. */
  readonly cutOff?: readonly CutOff[];
  /** What the journal is told of this life, so that it can be replayed; absent: its inputs alone are kept. */
  readonly life?: LifeNotes;
  readonly accountId: AccountId;
  /** How alerts are worded, and when; absent: in English, after a minute. */
  readonly alerts?: AlertTerms;
  readonly origin: DataOrigin;
  readonly mode: 'paper' | 'live';
  /** Most that positions and open entries may be worth together, in the quote asset; null: no such limit. */
  readonly exposureMax: Amount | null;
  /** What becomes of resting orders when the role is stopped. */
  readonly onStop: 'keep-all' | 'keep-protective' | 'cancel-all';
  /** The role can't go on (the ledger failed, an invariant broke): it has stopped trading; the process should end, and recover at its next start. */
  onFatal(fault: Fault): void;
}
