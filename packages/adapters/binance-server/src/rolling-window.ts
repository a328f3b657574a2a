import {
  divide,
  formatUnits,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  msFromUs,
  pow10,
  usFromMs,
  VOLUME_SCALE,
  type Bar,
  type Instrument,
  type Interval,
  type Price,
} from '@monsta/core';
import type { ExchangeModel } from './exchange-model.ts';
import { price8, quantity8, volume8 } from './wire.ts';

/** What traded in a span of time; null volumes and counts where part of it doesn't say. */
export interface TradedWindow {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: bigint;
  readonly quoteVolume: bigint | null;
  readonly trades: number | null;
  readonly firstTradeId: number | null;
  readonly lastTradeId: number | null;
  /** Close of the last bar before the window; null where there is none. */
  readonly previousClose: Price | null;
}

const addKnown = (left: bigint | null, right: bigint | null): bigint | null =>
  left === null || right === null ? null : left + right;

function barsBetween(
  model: ExchangeModel,
  instrument: Instrument,
  interval: Interval,
  fromMs: number,
  beforeMs: number,
): readonly Bar[] {
  if (fromMs >= beforeMs) return [];
  return model.klines(instrument.id, interval, {
    fromUs: usFromMs(fromMs),
    toUs: usFromMs(beforeMs - 1),
    limit: 1_000,
  });
}

/** The newest bar before `fromMs`: its close is the price that the window started from. */
function closeBefore(model: ExchangeModel, instrument: Instrument, fromMs: number): Price | null {
  const [bar] = model.klines(instrument.id, '1m', { fromUs: null, toUs: usFromMs(fromMs - 1), limit: 1 });
  return bar?.close ?? null;
}

/**
 * What traded between the minute of `now − spanMs` and now; null when nothing did. Whole hours come as hours, so that a day costs some
 * 120 bars and not 1,440. Binance's own window slides by the second; this one starts on a whole minute and says so in `openTimeMs`.
 */
export function tradedWindow(model: ExchangeModel, instrument: Instrument, spanMs: number): TradedWindow | null {
  const nowMs = msFromUs(model.nowUs());
  const openTimeMs = Math.ceil((nowMs - spanMs) / MS_PER_MINUTE) * MS_PER_MINUTE;
  const hoursFrom = Math.ceil(openTimeMs / MS_PER_HOUR) * MS_PER_HOUR;
  const hoursTo = Math.max(hoursFrom, Math.floor(nowMs / MS_PER_HOUR) * MS_PER_HOUR);
  const bars = [
    ...barsBetween(model, instrument, '1m', openTimeMs, Math.min(hoursFrom, nowMs + 1)),
    ...barsBetween(model, instrument, '1h', hoursFrom, hoursTo),
    ...barsBetween(model, instrument, '1m', hoursTo, nowMs + 1),
  ];
  const [first] = bars;
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return null;
  let { high, low } = first;
  let volume = 0n;
  let quoteVolume: bigint | null = 0n;
  let trades: number | null = 0;
  let firstTradeId: number | null = null;
  let lastTradeId: number | null = null;
  for (const bar of bars) {
    if (bar.high > high) high = bar.high;
    if (bar.low < low) low = bar.low;
    volume += bar.volume;
    quoteVolume = addKnown(quoteVolume, bar.quoteVolume);
    trades = trades === null || bar.trades === null ? null : trades + bar.trades;
    firstTradeId ??= bar.firstTradeId;
    lastTradeId = bar.lastTradeId ?? lastTradeId;
  }
  return {
    openTimeMs,
    closeTimeMs: nowMs,
    open: first.open,
    high,
    low,
    close: last.close,
    volume,
    quoteVolume,
    trades,
    firstTradeId,
    lastTradeId,
    previousClose: closeBefore(model, instrument, openTimeMs),
  };
}

const dayWindow = (model: ExchangeModel, instrument: Instrument): TradedWindow | null =>
  tradedWindow(model, instrument, MS_PER_DAY);

/** Σ price × quantity ÷ Σ quantity with eight digits; null without trades or where turnover is unknown. */
export function averagePrice8(window: TradedWindow): string | null {
  if (window.quoteVolume === null || window.volume === 0n) return null;
  return formatUnits(divide(window.quoteVolume * pow10(VOLUME_SCALE), window.volume, 'half-even'), VOLUME_SCALE);
}

/** The answer of `ticker/24hr`. */
export function dayTickerBody(
  model: ExchangeModel,
  instrument: Instrument,
  type: 'FULL' | 'MINI',
  time: (ms: number) => number,
): object | null {
  const window = dayWindow(model, instrument);
  if (window === null) return null;
  const tail = {
    openPrice: price8(window.open, instrument),
    highPrice: price8(window.high, instrument),
    lowPrice: price8(window.low, instrument),
    lastPrice: price8(window.close, instrument),
    volume: volume8(window.volume),
    quoteVolume: window.quoteVolume === null ? null : volume8(window.quoteVolume),
    openTime: time(window.openTimeMs),
    closeTime: time(window.closeTimeMs),
    firstId: window.firstTradeId ?? -1,
    lastId: window.lastTradeId ?? -1,
    count: window.trades,
  };
  if (type === 'MINI') return { symbol: instrument.id, ...tail };
  const quote = model.quote(instrument.id);
  const last = model.trades(instrument.id, { fromId: null, limit: 1 }).at(-1);
  return {
    symbol: instrument.id,
    ...changeOf(window, instrument),
    weightedAvgPrice: averagePrice8(window),
    prevClosePrice: window.previousClose === null ? null : price8(window.previousClose, instrument),
    lastQty: last === undefined ? null : quantity8(last.quantity, instrument),
    bidPrice: quote === null ? null : price8(quote.bidPrice, instrument),
    bidQty: quote === null ? null : quantity8(quote.bidQuantity, instrument),
    askPrice: quote === null ? null : price8(quote.askPrice, instrument),
    askQty: quote === null ? null : quantity8(quote.askQuantity, instrument),
    ...tail,
  };
}

/** Change of price over the window, in money and per cent. */
function changeOf(
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

/** Payload of `<symbol>@miniTicker`. */
export function miniTickerEvent(model: ExchangeModel, instrument: Instrument): string | null {
  const window = dayWindow(model, instrument);
  if (window === null) return null;
  return JSON.stringify({
    e: '24hrMiniTicker',
    E: window.closeTimeMs,
    s: instrument.id,
    c: price8(window.close, instrument),
    o: price8(window.open, instrument),
    h: price8(window.high, instrument),
    l: price8(window.low, instrument),
    v: volume8(window.volume),
    q: window.quoteVolume === null ? null : volume8(window.quoteVolume),
  });
}

/** Payload of `<symbol>@ticker`. */
export function tickerEvent(model: ExchangeModel, instrument: Instrument): string | null {
  const window = dayWindow(model, instrument);
  if (window === null) return null;
  const change = changeOf(window, instrument);
  const quote = model.quote(instrument.id);
  const last = model.trades(instrument.id, { fromId: null, limit: 1 }).at(-1);
  return JSON.stringify({
    e: '24hrTicker',
    E: window.closeTimeMs,
    s: instrument.id,
    p: change.priceChange,
    P: change.priceChangePercent,
    w: averagePrice8(window),
    x: window.previousClose === null ? null : price8(window.previousClose, instrument),
    c: price8(window.close, instrument),
    Q: last === undefined ? null : quantity8(last.quantity, instrument),
    b: quote === null ? null : price8(quote.bidPrice, instrument),
    B: quote === null ? null : quantity8(quote.bidQuantity, instrument),
    a: quote === null ? null : price8(quote.askPrice, instrument),
    A: quote === null ? null : quantity8(quote.askQuantity, instrument),
    o: price8(window.open, instrument),
    h: price8(window.high, instrument),
    l: price8(window.low, instrument),
    v: volume8(window.volume),
    q: window.quoteVolume === null ? null : volume8(window.quoteVolume),
    O: window.openTimeMs,
    C: window.closeTimeMs,
    F: window.firstTradeId ?? -1,
    L: window.lastTradeId ?? -1,
    n: window.trades,
  });
}
