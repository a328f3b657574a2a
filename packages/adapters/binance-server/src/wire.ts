import {
  AMOUNT_SCALE,
  divide,
  formatUnits,
  notional,
  pow10,
  VOLUME_SCALE,
  type Amount,
  type BookDelta,
  type BookLevel,
  type BookSnapshot,
  type Instrument,
  type Price,
  type Quantity,
  type QuoteTick,
  type Step,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { AggregateTrade } from './exchange-model.ts';
import type { KlineInterval } from './kline-intervals.ts';
import type { Kline } from './klines.ts';

/** Binance prints every price and quantity with eight fractional digits. */
const DIGITS = 8;
const ZEROS = '00000000';

/** Steps of a grid as decimal text with eight fractional digits. */
function fixed8(steps: number, step: Step): string {
  const units = steps * step.units;
  if (!Number.isSafeInteger(units) || step.scale > DIGITS) {
    return formatUnits(divide(BigInt(steps) * BigInt(step.units) * pow10(DIGITS), pow10(step.scale), 'floor'), DIGITS);
  }
  const { scale } = step;
  const digits = String(units).padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return `${digits.slice(0, cut)}.${digits.slice(cut)}${ZEROS.slice(scale)}`;
}

export const price8 = (value: Price, { tick }: Pick<Instrument, 'tick'>): string => fixed8(value, tick);
export const quantity8 = (value: Quantity, { lot }: Pick<Instrument, 'lot'>): string => fixed8(value, lot);
export const step8 = (step: Step): string => fixed8(1, step);
export const volume8 = (units: bigint): string => formatUnits(units, VOLUME_SCALE);
const optionalVolume8 = (units: bigint | null): string | null => (units === null ? null : volume8(units));

/** An amount of money with eight fractional digits; what lies below them is cut. */
export const amount8 = (value: Amount): string => volume8(divide(value, pow10(AMOUNT_SCALE - VOLUME_SCALE), 'floor'));

/** Price × quantity with eight fractional digits; what lies below them is cut. */
export function notional8(price: Price, quantity: Quantity, instrument: Instrument): string {
  return amount8(notional(price, quantity, instrument));
}

/** How times are written: whole milliseconds, or microseconds where the client asked for them. */
export type TimeUnit = 'ms' | 'us';
export const wireTime = (us: TimestampUs, unit: TimeUnit): number => (unit === 'us' ? us : Math.floor(us / 1000));
/** The last instant of a span that ends before `endUs`. */
const wireLast = (endUs: TimestampUs, unit: TimeUnit): number => (unit === 'us' ? endUs - 1 : endUs / 1000 - 1);

const level8 = ([price, quantity]: BookLevel, instrument: Instrument): readonly [string, string] => [
  price8(price, instrument),
  quantity8(quantity, instrument),
];
const levels8 = (levels: readonly BookLevel[], instrument: Instrument): readonly (readonly [string, string])[] =>
  levels.map((level) => level8(level, instrument));

/** The answer of `/api/v3/depth`, also the payload of `depth5`, `depth10` and `depth20`. */
export function depthBody(book: BookSnapshot, instrument: Instrument): object {
  return {
    lastUpdateId: book.lastUpdateId,
    bids: levels8(book.bids, instrument),
    asks: levels8(book.asks, instrument),
  };
}

/** The twelve elements of a kline; null where the source doesn't say (Binance itself always knows). */
export function klineRow(kline: Kline, instrument: Instrument, unit: TimeUnit): readonly (string | number | null)[] {
  return [
    wireTime(kline.openTimeUs, unit),
    price8(kline.open, instrument),
    price8(kline.high, instrument),
    price8(kline.low, instrument),
    price8(kline.close, instrument),
    volume8(kline.volume),
    wireLast(kline.closeTimeUs, unit),
    optionalVolume8(kline.quoteVolume),
    kline.trades,
    optionalVolume8(kline.takerBuyVolume),
    optionalVolume8(kline.takerBuyQuoteVolume),
    '0',
  ];
}

export function tradeRow(trade: TradeTick, instrument: Instrument, unit: TimeUnit): object {
  return {
    id: trade.tradeId,
    price: price8(trade.price, instrument),
    qty: quantity8(trade.quantity, instrument),
    quoteQty: notional8(trade.price, trade.quantity, instrument),
    time: wireTime(trade.tsEventUs, unit),
    isBuyerMaker: trade.buyerIsMaker,
    isBestMatch: true,
  };
}

export function aggregateTradeRow(trade: AggregateTrade, instrument: Instrument, unit: TimeUnit): object {
  return {
    a: trade.aggregateId,
    p: price8(trade.price, instrument),
    q: quantity8(trade.quantity, instrument),
    f: trade.firstTradeId,
    l: trade.lastTradeId,
    T: wireTime(trade.tsEventUs, unit),
    m: trade.buyerIsMaker,
    M: true,
  };
}

/** Payload of `<symbol>@trade`. `eventUs` is when it is told. */
export function tradeEvent(
  trade: TradeTick,
  instrument: Instrument,
  eventUs: TimestampUs,
  unit: TimeUnit = 'ms',
): string {
  return `{"e":"trade","E":${wireTime(eventUs, unit)},"s":"${instrument.id}","t":${trade.tradeId},"p":"${price8(trade.price, instrument)}","q":"${quantity8(trade.quantity, instrument)}","T":${wireTime(trade.tsEventUs, unit)},"m":${trade.buyerIsMaker},"M":true}`;
}

/** Payload of `<symbol>@aggTrade`. */
export function aggregateTradeEvent(
  trade: AggregateTrade,
  instrument: Instrument,
  eventUs: TimestampUs,
  unit: TimeUnit = 'ms',
): string {
  return `{"e":"aggTrade","E":${wireTime(eventUs, unit)},"s":"${instrument.id}","a":${trade.aggregateId},"p":"${price8(trade.price, instrument)}","q":"${quantity8(trade.quantity, instrument)}","f":${trade.firstTradeId},"l":${trade.lastTradeId},"T":${wireTime(trade.tsEventUs, unit)},"m":${trade.buyerIsMaker},"M":true}`;
}

/** Payload of `<symbol>@bookTicker`; it carries no time. */
export function bookTickerEvent(quote: QuoteTick, instrument: Instrument): string {
  return `{"u":${quote.updateId},"s":"${instrument.id}","b":"${price8(quote.bidPrice, instrument)}","B":"${quantity8(quote.bidQuantity, instrument)}","a":"${price8(quote.askPrice, instrument)}","A":"${quantity8(quote.askQuantity, instrument)}"}`;
}

function levelsText(levels: readonly BookLevel[], instrument: Instrument): string {
  let text = '[';
  for (const [price, quantity] of levels) {
    if (text.length > 1) text += ',';
    text += `["${price8(price, instrument)}","${quantity8(quantity, instrument)}"]`;
  }
  return `${text}]`;
}

/** Payload of `<symbol>@depth` and `<symbol>@depth@100ms`. */
export function depthUpdateEvent(
  delta: BookDelta,
  instrument: Instrument,
  eventUs: TimestampUs,
  unit: TimeUnit = 'ms',
): string {
  return `{"e":"depthUpdate","E":${wireTime(eventUs, unit)},"s":"${instrument.id}","U":${delta.firstUpdateId},"u":${delta.lastUpdateId},"b":${levelsText(delta.bids, instrument)},"a":${levelsText(delta.asks, instrument)}}`;
}

/** Payload of `<symbol>@kline_<interval>`. A bar without trades has the ids −1. */
export function klineEvent(
  kline: Kline,
  interval: KlineInterval,
  instrument: Instrument,
  eventUs: TimestampUs,
  unit: TimeUnit = 'ms',
): string {
  return JSON.stringify({
    e: 'kline',
    E: wireTime(eventUs, unit),
    s: instrument.id,
    k: {
      t: wireTime(kline.openTimeUs, unit),
      T: wireLast(kline.closeTimeUs, unit),
      s: instrument.id,
      i: interval,
      f: kline.firstTradeId ?? -1,
      L: kline.lastTradeId ?? -1,
      o: price8(kline.open, instrument),
      c: price8(kline.close, instrument),
      h: price8(kline.high, instrument),
      l: price8(kline.low, instrument),
      v: volume8(kline.volume),
      n: kline.trades,
      x: kline.closed,
      q: optionalVolume8(kline.quoteVolume),
      V: optionalVolume8(kline.takerBuyVolume),
      Q: optionalVolume8(kline.takerBuyQuoteVolume),
      B: '0',
    },
  });
}
