import type { InstrumentId } from './ids.ts';
import type { Price, Quantity } from './instrument.ts';
import type { Interval, TimestampUs } from './time.ts';

/** `tsEventUs`: when it happened on the venue's clock; `tsInitUs`: when we learned it, on the same clock. */
export interface Stamped {
  readonly tsEventUs: TimestampUs;
  readonly tsInitUs: TimestampUs;
}

export interface TradeTick extends Stamped {
  readonly kind: 'trade';
  readonly instrument: InstrumentId;
  /** The venue's trade id; consecutive within an instrument, so that a gap is provable. */
  readonly tradeId: number;
  readonly price: Price;
  readonly quantity: Quantity;
  /** True when the buyer was resting in the book (the seller took). */
  readonly buyerIsMaker: boolean;
}

/** Best bid and ask. */
export interface QuoteTick extends Stamped {
  readonly kind: 'quote';
  readonly instrument: InstrumentId;
  readonly updateId: number;
  readonly bidPrice: Price;
  readonly bidQuantity: Quantity;
  readonly askPrice: Price;
  readonly askQuantity: Quantity;
}

/** `[price, quantity]`; quantity 0 removes the level. */
export type BookLevel = readonly [price: Price, quantity: Quantity];

/** A change of the order book: absolute quantities, covering update ids `firstUpdateId`…`lastUpdateId`. */
export interface BookDelta extends Stamped {
  readonly kind: 'book-delta';
  readonly instrument: InstrumentId;
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** The whole book as far as it is known: bids from the highest, asks from the lowest. */
export interface BookSnapshot extends Stamped {
  readonly kind: 'book-snapshot';
  readonly instrument: InstrumentId;
  readonly lastUpdateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** `Bar.bookImbalance` is in units of which so many are 1. */
export const IMBALANCE_UNITS = 1_000_000;

/** A candle. `closeTimeUs` is the first instant after the bar (Binance's `closeTime` + 1 ms); a closed bar is stamped with it. */
export interface Bar extends Stamped {
  readonly kind: 'bar';
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly openTimeUs: TimestampUs;
  readonly closeTimeUs: TimestampUs;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  /** Base and quote volume at `VOLUME_SCALE` (8) fractional digits; takerBuy…: the part bought by takers, null where the source doesn't say. */
  readonly volume: bigint;
  readonly quoteVolume: bigint | null;
  readonly takerBuyVolume: bigint | null;
  readonly takerBuyQuoteVolume: bigint | null;
  /** Number of trades; null where the source doesn't say. */
  readonly trades: number | null;
  readonly firstTradeId: number | null;
  readonly lastTradeId: number | null;
  /**
   * Mean over the bar's time of (bid size − ask size) / (bid size + ask size) at the best prices, in millionths, −1,000,000 … 1,000,000. Null of a forming bar, and where nobody followed the book
   * for at least half of the bar: the venue's own history has none.
   */
  readonly bookImbalance: number | null;
  /** False while the bar is still forming. Only closed bars reach strategies and models. */
  readonly closed: boolean;
}

/** How well an instrument's feed is known to be right now. */
export type FeedStatus = 'connecting' | 'live' | 'stale' | 'repairing' | 'gap' | 'ended';

export interface FeedState extends Stamped {
  readonly kind: 'feed';
  readonly instrument: InstrumentId;
  readonly status: FeedStatus;
  readonly reason: string | null;
}

export type MarketEvent = TradeTick | QuoteTick | BookDelta | BookSnapshot | Bar | FeedState;
