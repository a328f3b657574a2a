import {
  assetId,
  err,
  instrumentId,
  intervalUs,
  ok,
  price,
  quantity,
  timestampUs,
  type Bar,
  type BookLevel,
  type BookSnapshot,
  type Instrument,
  type InstrumentId,
  type Interval,
  type MarketEvent,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { Clock, InstrumentsRead, MarketDataSubscription, MarketDataVenue } from '@monsta/ports';
import { sampleInstrument } from './ledger-samples.ts';

export const HELD_BTC: Instrument = sampleInstrument();
export const HELD_ETH: Instrument = sampleInstrument({ id: instrumentId('ETHUSDT'), base: assetId('ETH') });

/** A bar whose prices and volumes follow from its open time alone. */
export function heldBar(interval: Interval, openTimeUs: number, changes: Partial<Bar> = {}): Bar {
  const place = Math.floor(openTimeUs / intervalUs(interval)) % 97;
  const closeTimeUs = timestampUs(openTimeUs + intervalUs(interval));
  return {
    kind: 'bar',
    instrument: HELD_BTC.id,
    interval,
    openTimeUs: timestampUs(openTimeUs),
    closeTimeUs,
    open: price(6_000_000 + place),
    high: price(6_000_200 + place),
    low: price(5_999_900 + place),
    close: price(6_000_100 + place),
    volume: 100_000_000n + BigInt(place),
    quoteVolume: 6_000_000_000_000n,
    takerBuyVolume: 0n,
    takerBuyQuoteVolume: null,
    trades: 100,
    firstTradeId: null,
    lastTradeId: null,
    bookImbalance: null,
    closed: true,
    tsEventUs: closeTimeUs,
    tsInitUs: closeTimeUs,
    ...changes,
  };
}

/** A market-data venue that has what a test puts into it: nothing happens by itself. Its clock is years behind the other. */
export class HeldMarket implements MarketDataVenue {
  readonly name = 'held';
  /** Closed bars of BTCUSDT, of any interval. */
  bars: readonly Bar[] = [];
  /** The book of BTCUSDT; null while it is not in step. */
  held: { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] } | null = null;
  /** What was said against the terms. */
  readonly doubts: string[] = [];
  readonly #clock: Clock;
  readonly #behindUs: number;
  #subscription: MarketDataSubscription | null = null;

  constructor(clock: Clock, nowUs: TimestampUs) {
    this.#clock = clock;
    this.#behindUs = clock.nowUs() - nowUs;
  }

  emit(event: MarketEvent): void {
    this.#subscription?.onEvent(event);
  }

  trade(tradeId: number): TradeTick {
    const nowUs = this.nowUs();
    const trade: TradeTick = {
      kind: 'trade',
      instrument: HELD_BTC.id,
      tradeId,
      price: price(6_000_000 + (tradeId % 50)),
      quantity: quantity(1_000),
      buyerIsMaker: tradeId % 2 === 0,
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    };
    this.emit(trade);
    return trade;
  }

  rulesDoubted(reason: string): void {
    this.doubts.push(reason);
  }
  /** Tells a reading of the list, as the venue would. */
  reread(read: InstrumentsRead): void {
    this.#subscription?.onInstruments?.(read);
  }

  start(subscription: MarketDataSubscription): Promise<Result<readonly Instrument[]>> {
    this.#subscription = subscription;
    return Promise.resolve(ok(this.instruments()));
  }
  instruments(): readonly Instrument[] {
    return [HELD_BTC, HELD_ETH];
  }
  nowUs(): TimestampUs {
    return timestampUs(this.#clock.nowUs() - this.#behindUs);
  }
  history(
    instrument: InstrumentId,
    interval: Interval,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<Result<readonly Bar[]>> {
    const found = this.bars.filter(
      (bar) =>
        bar.instrument === instrument && bar.interval === interval && bar.openTimeUs >= fromUs && bar.openTimeUs < toUs,
    );
    return Promise.resolve(ok(found));
  }
  tradesFrom(): Promise<Result<readonly TradeTick[]>> {
    return Promise.resolve(err('venue_unreachable', 'this market has no old trades'));
  }
  book(instrument: InstrumentId, depth: number): BookSnapshot | null {
    if (this.held === null || instrument !== HELD_BTC.id) return null;
    const nowUs = this.nowUs();
    return {
      kind: 'book-snapshot',
      instrument,
      lastUpdateId: 7,
      bids: this.held.bids.slice(0, depth),
      asks: this.held.asks.slice(0, depth),
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    };
  }
  stop(): Promise<void> {
    this.#subscription = null;
    return Promise.resolve();
  }
}
