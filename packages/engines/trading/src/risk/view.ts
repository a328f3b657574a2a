import type { Amount, FeedStatus, Instrument, Price, Quantity, TimestampUs, TradingState } from '@monsta/core';
import type { Lock, RiskLimits, StrategyLimits } from './limits.ts';

/** What the asking strategy has of its own. */
export interface OwnView {
  /** Null: it has no limits of its own. */
  readonly limits: StrategyLimits | null;
  /** Value of its position in the instrument and of its entries there that are still working; null while unknown. */
  readonly positionValue: Amount | null;
  /** The base asset of both, on the side of the order. */
  readonly positionCoins: Amount;
  /** Value of all of its positions and working entries; null while unknown. */
  readonly exposure: Amount | null;
  /** Its positions open or being entered in other instruments than this. */
  readonly positionsElsewhere: number;
}

/** All that risk looks at; taken when the order is asked for. */
export interface RiskView {
  readonly nowUs: TimestampUs;
  readonly limits: RiskLimits;
  readonly instrument: Instrument;
  readonly tradingState: TradingState;
  readonly tradingReason: string | null;
  /** True for the closing orders of a kill switch with flatten: they alone pass while trading is halted. */
  readonly flattening: boolean;
  readonly feed: FeedStatus | null;
  readonly lastTrade: Price | null;
  /** When the newest trade or quote was seen; null before the first. */
  readonly lastDataUs: TimestampUs | null;
  /** Best price on the side the order would take; null before the first quote. */
  readonly touch: Price | null;
  readonly equity: Amount | null;
  readonly freeCash: Amount;
  /** Value of the instrument's position over all strategies; where there are shorts what lies, or may come to lie, on the order's side; null while unknown. */
  readonly positionValue: Amount | null;
  /** Value of entries of this instrument that are still working; where there are shorts it is in the value of the position. */
  readonly openEntryValue: Amount;
  /** Value of all positions and of all entries that are still working; null while one of them is unknown. */
  readonly exposure: Amount | null;
  /** Null: long only. */
  readonly short: { readonly initialMarginPpm: number } | null;
  /** Whole lots of the asking strategy's position on the other side of the order that no working order is about to close. */
  readonly sellable: Quantity;
  /** Lots of an entry that only close what is on its other side, before it opens anything: 0 where nothing can be short. */
  readonly closing: Quantity;
  readonly openOrders: number;
  /** Positions open or being entered, that of the asking strategy in this instrument left out. */
  readonly positionsElsewhere: number;
  readonly own: OwnView;
  /** 0–1; null: the order carries none. */
  readonly confidence: number | null;
  /** Where the position's stop will be; null while none is known. */
  readonly plannedStop: Price | null;
  /** Locks that hold now and in whose scope the order is. */
  readonly locks: readonly Lock[];
  /** Orders sent within the last second and within the last minute. */
  readonly sent: { readonly second: number; readonly minute: number };
}
