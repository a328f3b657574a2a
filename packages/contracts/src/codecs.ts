import {
  assetId,
  err,
  formatPrice,
  formatQuantity,
  formatUnits,
  instrumentId,
  formatUnitsShort,
  IMBALANCE_UNITS,
  msFromUs,
  ok,
  parseAmount,
  parsePrice,
  parseQuantity,
  parseStep,
  parseVolume,
  usFromMs,
  VOLUME_SCALE,
  formatAmount,
  type Bar,
  type BookLevel,
  type BookSnapshot,
  type Err,
  type FeedState,
  type Instrument,
  type QuoteTick,
  type Result,
  type TradeTick,
} from '@monsta/core';
import type { BarMessage, BookMessage, FeedMessage, InstrumentMessage, QuoteMessage, TradeMessage } from './schemas.ts';

const volumeText = (units: bigint): string => formatUnitsShort(units, VOLUME_SCALE);
const optionalVolumeText = (units: bigint | null): string | null => (units === null ? null : volumeText(units));

export function encodeInstrument(value: Instrument): InstrumentMessage {
  return {
    id: value.id,
    base: value.base,
    quote: value.quote,
    tickSize: formatUnits(BigInt(value.tick.units), value.tick.scale),
    lotSize: formatUnits(BigInt(value.lot.units), value.lot.scale),
    quantityMin: formatQuantity(value.quantityMin, value),
    quantityMax: formatQuantity(value.quantityMax, value),
    marketQuantityMax: value.marketQuantityMax === null ? null : formatQuantity(value.marketQuantityMax, value),
    notionalMin: value.notionalMin === null ? null : formatAmount(value.notionalMin),
    notionalMax: value.notionalMax === null ? null : formatAmount(value.notionalMax),
    status: value.status,
    version: value.version,
    validFromMs: msFromUs(value.validFromUs),
  };
}

export function encodeBar(bar: Bar, instrument: Instrument): BarMessage {
  return {
    instrument: bar.instrument,
    interval: bar.interval,
    openTimeMs: msFromUs(bar.openTimeUs),
    closeTimeMs: msFromUs(bar.closeTimeUs),
    open: formatPrice(bar.open, instrument),
    high: formatPrice(bar.high, instrument),
    low: formatPrice(bar.low, instrument),
    close: formatPrice(bar.close, instrument),
    volume: volumeText(bar.volume),
    quoteVolume: optionalVolumeText(bar.quoteVolume),
    takerBuyVolume: optionalVolumeText(bar.takerBuyVolume),
    takerBuyQuoteVolume: optionalVolumeText(bar.takerBuyQuoteVolume),
    trades: bar.trades,
    firstTradeId: bar.firstTradeId,
    lastTradeId: bar.lastTradeId,
    bookImbalance: bar.bookImbalance === null ? null : bar.bookImbalance / IMBALANCE_UNITS,
    closed: bar.closed,
  };
}

export function encodeTrade(trade: TradeTick, instrument: Instrument): TradeMessage {
  return {
    instrument: trade.instrument,
    tradeId: trade.tradeId,
    price: formatPrice(trade.price, instrument),
    quantity: formatQuantity(trade.quantity, instrument),
    timeMs: msFromUs(trade.tsEventUs),
    buyerIsMaker: trade.buyerIsMaker,
  };
}

export function encodeQuote(quote: QuoteTick, instrument: Instrument): QuoteMessage {
  return {
    instrument: quote.instrument,
    updateId: quote.updateId,
    bidPrice: formatPrice(quote.bidPrice, instrument),
    bidQuantity: formatQuantity(quote.bidQuantity, instrument),
    askPrice: formatPrice(quote.askPrice, instrument),
    askQuantity: formatQuantity(quote.askQuantity, instrument),
    timeMs: msFromUs(quote.tsEventUs),
  };
}

const encodeLevel = ([at, size]: BookLevel, instrument: Instrument): [string, string] => [
  formatPrice(at, instrument),
  formatQuantity(size, instrument),
];

/** The top `depth` levels of each side. */
export function encodeBook(book: BookSnapshot, instrument: Instrument, depth: number): BookMessage {
  return {
    instrument: book.instrument,
    lastUpdateId: book.lastUpdateId,
    bids: book.bids.slice(0, depth).map((level) => encodeLevel(level, instrument)),
    asks: book.asks.slice(0, depth).map((level) => encodeLevel(level, instrument)),
    timeMs: msFromUs(book.tsEventUs),
  };
}

export function encodeFeed(feed: FeedState): FeedMessage {
  return { instrument: feed.instrument, status: feed.status, reason: feed.reason, timeMs: msFromUs(feed.tsEventUs) };
}

/** Ends a decoding at its first fault. */
class Undecodable extends Error {
  readonly failure: Err;

  constructor(failure: Err) {
    super(failure.fault.message);
    this.failure = failure;
  }
}

/** Runs a decoding whose parts are results; the first fault of a part is the fault of the whole. */
function decoder<T>(build: (take: <V>(part: Result<V>) => V) => T): Result<T> {
  try {
    return ok(
      build((part) => {
        if (part.ok) return part.value;
        throw new Undecodable(part);
      }),
    );
  } catch (thrown) {
    if (thrown instanceof Undecodable) return thrown.failure;
    throw thrown;
  }
}

const takeOptionalVolume = (text: string | null): Result<bigint | null> =>
  text === null ? ok(null) : parseVolume(text);

/** The inverse of `encodeInstrument`. */
export function decodeInstrument(message: InstrumentMessage): Result<Instrument> {
  return decoder((take) => {
    const tick = take(parseStep(message.tickSize));
    const lot = take(parseStep(message.lotSize));
    const grid = { lot };
    return {
      id: instrumentId(message.id),
      base: assetId(message.base),
      quote: assetId(message.quote),
      tick,
      lot,
      quantityMin: take(parseQuantity(message.quantityMin, grid)),
      quantityMax: take(parseQuantity(message.quantityMax, grid)),
      marketQuantityMax:
        message.marketQuantityMax === null ? null : take(parseQuantity(message.marketQuantityMax, grid)),
      notionalMin: message.notionalMin === null ? null : take(parseAmount(message.notionalMin)),
      notionalMax: message.notionalMax === null ? null : take(parseAmount(message.notionalMax)),
      status: message.status,
      version: message.version,
      validFromUs: usFromMs(message.validFromMs),
    };
  });
}

/** The inverse of `encodeBar`; a closed bar is stamped with its close, a forming one with its open. */
export function decodeBar(message: BarMessage, instrument: Instrument): Result<Bar> {
  if (message.instrument !== instrument.id)
    return err('instrument_mismatch', `a bar of ${message.instrument} can't be read with ${instrument.id}`);
  return decoder((take) => {
    const ts = usFromMs(message.closed ? message.closeTimeMs : message.openTimeMs);
    return {
      kind: 'bar',
      instrument: instrument.id,
      interval: message.interval,
      openTimeUs: usFromMs(message.openTimeMs),
      closeTimeUs: usFromMs(message.closeTimeMs),
      open: take(parsePrice(message.open, instrument)),
      high: take(parsePrice(message.high, instrument)),
      low: take(parsePrice(message.low, instrument)),
      close: take(parsePrice(message.close, instrument)),
      volume: take(parseVolume(message.volume)),
      quoteVolume: take(takeOptionalVolume(message.quoteVolume)),
      takerBuyVolume: take(takeOptionalVolume(message.takerBuyVolume)),
      takerBuyQuoteVolume: take(takeOptionalVolume(message.takerBuyQuoteVolume)),
      trades: message.trades,
      firstTradeId: message.firstTradeId,
      lastTradeId: message.lastTradeId,
      bookImbalance: message.bookImbalance === null ? null : Math.round(message.bookImbalance * IMBALANCE_UNITS),
      closed: message.closed,
      tsEventUs: ts,
      tsInitUs: ts,
    };
  });
}

/** The inverse of `encodeTrade`. */
export function decodeTrade(message: TradeMessage, instrument: Instrument): Result<TradeTick> {
  return decoder((take) => ({
    kind: 'trade',
    instrument: instrument.id,
    tradeId: message.tradeId,
    price: take(parsePrice(message.price, instrument)),
    quantity: take(parseQuantity(message.quantity, instrument)),
    buyerIsMaker: message.buyerIsMaker,
    tsEventUs: usFromMs(message.timeMs),
    tsInitUs: usFromMs(message.timeMs),
  }));
}

/** The inverse of `encodeQuote`. */
export function decodeQuote(message: QuoteMessage, instrument: Instrument): Result<QuoteTick> {
  return decoder((take) => ({
    kind: 'quote',
    instrument: instrument.id,
    updateId: message.updateId,
    bidPrice: take(parsePrice(message.bidPrice, instrument)),
    bidQuantity: take(parseQuantity(message.bidQuantity, instrument)),
    askPrice: take(parsePrice(message.askPrice, instrument)),
    askQuantity: take(parseQuantity(message.askQuantity, instrument)),
    tsEventUs: usFromMs(message.timeMs),
    tsInitUs: usFromMs(message.timeMs),
  }));
}

/** The inverse of `encodeBook`, with at most `depth` levels a side. */
export function decodeBook(message: BookMessage, instrument: Instrument, depth: number): Result<BookSnapshot> {
  return decoder((take) => {
    const levels = (side: BookMessage['bids']): BookLevel[] =>
      side
        .slice(0, depth)
        .map(([at, size]) => [take(parsePrice(at, instrument)), take(parseQuantity(size, instrument))]);
    return {
      kind: 'book-snapshot',
      instrument: instrument.id,
      lastUpdateId: message.lastUpdateId,
      bids: levels(message.bids),
      asks: levels(message.asks),
      tsEventUs: usFromMs(message.timeMs),
      tsInitUs: usFromMs(message.timeMs),
    };
  });
}

/** The inverse of `encodeFeed`. */
export function decodeFeed(message: FeedMessage): FeedState {
  const ts = usFromMs(message.timeMs);
  return {
    kind: 'feed',
    instrument: instrumentId(message.instrument),
    status: message.status,
    reason: message.reason,
    tsEventUs: ts,
    tsInitUs: ts,
  };
}
