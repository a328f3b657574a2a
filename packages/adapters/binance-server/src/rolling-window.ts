import {
  divide,
  formatUnits,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  pow10,
  timestampUs,
  US_PER_MS,
  usFromMs,
  VOLUME_SCALE,
  type Instrument,
  type Interval,
  type Price,
  type TimestampUs,
} from '@monsta/core';
import type { ExchangeModel } from './exchange-model.ts';
import { joined, klineOfTrades, type Kline } from './klines.ts';
import { price8, quantity8, volume8, wireTime, type TimeUnit } from './wire.ts';

/** What traded in a span of time; null volumes and counts where part of it doesn't say. */
export interface TradedWindow {
  readonly openTimeUs: TimestampUs;
  readonly closeTimeUs: TimestampUs;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: bigint;
  readonly quoteVolume: bigint | null;
  readonly trades: number | null;
  readonly firstTradeId: number | null;
  readonly lastTradeId: number | null;
  /** The price before the window's first trade; null where there was none. */
  readonly previousClose: Price | null;
}

const MINUTE_US = MS_PER_MINUTE * US_PER_MS;
const HOUR_US = MS_PER_HOUR * US_PER_MS;
const BARS_MAX = 1_000;

function barsBetween(
  model: ExchangeModel,
  instrument: Instrument,
  interval: Interval,
  fromUs: number,
  beforeUs: number,
): readonly Kline[] {
  if (fromUs >= beforeUs) return [];
  return model.klines(instrument.id, interval, {
    fromUs: timestampUs(fromUs),
    toUs: timestampUs(beforeUs - 1),
    limit: BARS_MAX,
  });
}

/**
 * What traded from the middle of a minute to its end. Where the model doesn't keep that minute's trades, the whole minute is taken, and
 * `openTimeUs` says so.
 */
function headOf(
  model: ExchangeModel,
  instrument: Instrument,
  fromUs: TimestampUs,
): { readonly part: Kline | null; readonly openTimeUs: TimestampUs } {
  const minuteUs = timestampUs(Math.floor(fromUs / MINUTE_US) * MINUTE_US);
  const [minute] = model.klines(instrument.id, '1m', { fromUs: minuteUs, toUs: minuteUs, limit: 1 });
  if (minute === undefined) return { part: null, openTimeUs: fromUs };
  if (minute.firstTradeId !== null) {
    const [first] = model.trades(instrument.id, { fromId: minute.firstTradeId, limit: 1 });
    if (first?.tradeId === minute.firstTradeId) {
      return { part: klineOfTrades(model, instrument, fromUs, minute.closeTimeUs), openTimeUs: fromUs };
    }
  }
  return { part: minute, openTimeUs: minuteUs };
}

/** The price before the window: of the trade before its first one, or of the bar before it where trades have no ids. */
function priceBefore(model: ExchangeModel, instrument: Instrument, window: Kline): Price | null {
  if (window.firstTradeId !== null) {
    const fromId = window.firstTradeId - 1;
    const [before] = fromId < 0 ? [] : model.trades(instrument.id, { fromId, limit: 1 });
    if (before?.tradeId === fromId) return before.price;
  }
  const minuteUs = Math.floor(window.openTimeUs / MINUTE_US) * MINUTE_US;
  const [bar] = model.klines(instrument.id, '1m', { fromUs: null, toUs: timestampUs(minuteUs - 1), limit: 1 });
  return bar?.close ?? null;
}

/**
 * What traded from `fromUs` to now; null when nothing did. Whole hours come as hours and a begun minute as trades, so that a day costs
 * some 120 bars and not 1,440.
 */
export function tradedSince(model: ExchangeModel, instrument: Instrument, fromUs: TimestampUs): TradedWindow | null {
  const nowUs = model.nowUs();
  const minutesFrom = Math.ceil(fromUs / MINUTE_US) * MINUTE_US;
  const hoursFrom = Math.max(minutesFrom, Math.ceil(minutesFrom / HOUR_US) * HOUR_US);
  const hoursTo = Math.max(hoursFrom, Math.floor(nowUs / HOUR_US) * HOUR_US);
  const head = minutesFrom === fromUs ? { part: null, openTimeUs: fromUs } : headOf(model, instrument, fromUs);
  let window = head.part;
  for (const bar of [
    ...barsBetween(model, instrument, '1m', minutesFrom, Math.min(hoursFrom, nowUs + 1)),
    ...barsBetween(model, instrument, '1h', hoursFrom, hoursTo),
    ...barsBetween(model, instrument, '1m', hoursTo, nowUs + 1),
  ]) {
    window = window === null ? bar : joined(window, bar);
  }
  if (window === null) return null;
  const { open, high, low, close, volume, quoteVolume, trades, firstTradeId, lastTradeId } = window;
  return {
    openTimeUs: head.openTimeUs,
    closeTimeUs: nowUs,
    open,
    high,
    low,
    close,
    volume,
    quoteVolume,
    trades,
    firstTradeId,
    lastTradeId,
    previousClose: priceBefore(model, instrument, window),
  };
}

/** The last `spanMs`, to the millisecond, as `ticker/24hr` and `avgPrice` count it. */
export function tradedWindow(model: ExchangeModel, instrument: Instrument, spanMs: number): TradedWindow | null {
  const nowMs = Math.floor(model.nowUs() / US_PER_MS);
  return tradedSince(model, instrument, usFromMs(nowMs - spanMs));
}

/** The last `spanMs` and what is missing to a whole minute before it, as the rolling windows of `ticker` begin. */
export function minuteWindow(model: ExchangeModel, instrument: Instrument, spanMs: number): TradedWindow | null {
  const fromUs = Math.floor((model.nowUs() - spanMs * US_PER_MS) / MINUTE_US) * MINUTE_US;
  return tradedSince(model, instrument, timestampUs(fromUs));
}

export const dayWindow = (model: ExchangeModel, instrument: Instrument): TradedWindow | null =>
  tradedWindow(model, instrument, MS_PER_DAY);

/** Σ price × quantity ÷ Σ quantity with eight digits; null without trades or where turnover is unknown. */
export function averagePrice8(window: Pick<TradedWindow, 'quoteVolume' | 'volume'>): string | null {
  if (window.quoteVolume === null || window.volume === 0n) return null;
  return formatUnits(divide(window.quoteVolume * pow10(VOLUME_SCALE), window.volume, 'half-even'), VOLUME_SCALE);
}

/** Change of price over the window, in money and per cent. */
export function changeOf(
  window: TradedWindow,
  { tick }: Instrument,
): { readonly priceChange: string; readonly priceChangePercent: string } {
  const change = BigInt(window.close - window.open) * BigInt(tick.units);
  const digits = Math.max(0, 8 - tick.scale);
  return {
    priceChange: formatUnits(change * pow10(digits), tick.scale + digits),
    priceChangePercent:
      window.open === 0
        ? '0.000'
        : formatUnits(divide(BigInt(window.close - window.open) * 100_000n, BigInt(window.open), 'half-even'), 3),
  };
}

/** `FULL` with all statistics, `MINI` without change and average. */
export type TickerType = 'FULL' | 'MINI';

const NOTHING8 = '0.00000000';

/** How the numbers of a window that nothing traded in are written. */
function quietBody(type: TickerType, openTime: number, closeTime: number): object {
  return {
    ...(type === 'FULL' ? { priceChange: NOTHING8, priceChangePercent: '0.000', weightedAvgPrice: NOTHING8 } : {}),
    openPrice: NOTHING8,
    highPrice: NOTHING8,
    lowPrice: NOTHING8,
    lastPrice: NOTHING8,
    volume: NOTHING8,
    quoteVolume: NOTHING8,
    openTime,
    closeTime,
    firstId: -1,
    lastId: -1,
    count: 0,
  };
}

/** The part that `ticker`, `ticker/tradingDay` and `ticker/24hr` have in common. `span` says what was asked for, in case nothing traded. */
export function windowBody(
  window: TradedWindow | null,
  instrument: Instrument,
  type: TickerType,
  unit: TimeUnit,
  span: { readonly openTimeUs: TimestampUs; readonly closeTimeUs: TimestampUs },
): object {
  const symbol = instrument.id;
  const closeTime = wireTime(span.closeTimeUs, unit);
  if (window === null) return { symbol, ...quietBody(type, wireTime(span.openTimeUs, unit), closeTime) };
  return {
    symbol,
    ...(type === 'FULL' ? { ...changeOf(window, instrument), weightedAvgPrice: averagePrice8(window) } : {}),
    openPrice: price8(window.open, instrument),
    highPrice: price8(window.high, instrument),
    lowPrice: price8(window.low, instrument),
    lastPrice: price8(window.close, instrument),
    volume: volume8(window.volume),
    quoteVolume: window.quoteVolume === null ? null : volume8(window.quoteVolume),
    openTime: wireTime(window.openTimeUs, unit),
    closeTime,
    firstId: window.firstTradeId ?? -1,
    lastId: window.lastTradeId ?? -1,
    count: window.trades,
  };
}

/** What `ticker/24hr` tells of the last trade, the price before the window and the best orders now. */
export function latestOf(
  model: ExchangeModel,
  instrument: Instrument,
  window: TradedWindow | null,
): {
  readonly previousClose: string | null;
  readonly lastQuantity: string | null;
  readonly bidPrice: string | null;
  readonly bidQuantity: string | null;
  readonly askPrice: string | null;
  readonly askQuantity: string | null;
} {
  const quote = model.quote(instrument.id);
  const last = model.trades(instrument.id, { fromId: null, limit: 1 }).at(-1);
  const previous = window?.previousClose ?? null;
  return {
    previousClose: previous === null ? null : price8(previous, instrument),
    lastQuantity: last === undefined ? null : quantity8(last.quantity, instrument),
    bidPrice: quote === null ? null : price8(quote.bidPrice, instrument),
    bidQuantity: quote === null ? null : quantity8(quote.bidQuantity, instrument),
    askPrice: quote === null ? null : price8(quote.askPrice, instrument),
    askQuantity: quote === null ? null : quantity8(quote.askQuantity, instrument),
  };
}

/** The answer of `ticker/24hr`. */
export function dayTickerBody(model: ExchangeModel, instrument: Instrument, type: TickerType, unit: TimeUnit): object {
  const window = dayWindow(model, instrument);
  const nowUs = model.nowUs();
  const openTimeUs = timestampUs(nowUs - MS_PER_DAY * US_PER_MS);
  const body = windowBody(window, instrument, type, unit, { openTimeUs, closeTimeUs: nowUs });
  if (type === 'MINI') return body;
  const latest = latestOf(model, instrument, window);
  return {
    ...body,
    prevClosePrice: latest.previousClose ?? NOTHING8,
    lastQty: latest.lastQuantity ?? NOTHING8,
    bidPrice: latest.bidPrice,
    bidQty: latest.bidQuantity,
    askPrice: latest.askPrice,
    askQty: latest.askQuantity,
  };
}
