import type { InstrumentId } from '@monsta/core';
import type { ExchangeSnapshot } from '../exchange/exchange-snapshot.ts';
import type { SymbolRules } from '../exchange/symbol-rules.ts';
import type { BarFillsState } from './bar-fills.ts';
import type { FeedCommand, FeedMessage } from './feed-messages.ts';
import type { DelayLineState } from './latency.ts';
import type { TickFillsState } from './tick-fills.ts';

/** Lots of others that stood before a resting order. More may be gone since: nobody is taken to stand further in front. */
export interface SavedPlace {
  readonly symbol: InstrumentId;
  readonly orderId: number;
  readonly ahead: number;
}

/** All that such an exchange remembers; market data and what is on its way are not among it: those are in a `FeedMoment`. */
export interface FeedSnapshot {
  readonly symbols: readonly SymbolRules[];
  readonly exchange: ExchangeSnapshot;
  readonly places: readonly SavedPlace[];
}

/** A command on its way, and the rules that it was made by; null where its symbol is unknown. */
export interface SentCommand {
  readonly command: FeedCommand;
  readonly rules: SymbolRules | null;
}

/** What such an exchange knows beside its snapshot: what is on its way in both directions, and where the newest market data left off. */
export interface FeedMoment {
  readonly nowUs: number;
  readonly ended: boolean;
  readonly commands: readonly (readonly [InstrumentId | null, DelayLineState<SentCommand>])[];
  /** Null where answers take no time. */
  readonly messages: DelayLineState<FeedMessage> | null;
  /** Delays that were drawn of both ways. */
  readonly drawn: { readonly commands: number; readonly messages: number };
  readonly bars: readonly (readonly [InstrumentId, BarFillsState])[];
  readonly ticks: readonly (readonly [InstrumentId, TickFillsState])[];
}
