import { US_PER_MS, type Instrument, type TimestampUs } from '@monsta/core';
import type { ExchangeModel } from './exchange-model.ts';
import {
  averagePrice8,
  changeOf,
  dayWindow,
  latestOf,
  minuteWindow,
  tradedWindow,
  type TradedWindow,
} from './rolling-window.ts';
import { tickerWindowMs, type TickerKind, type TickerWindow } from './stream-names.ts';
import { price8, volume8, wireTime, type TimeUnit } from './wire.ts';

const AVERAGE_PRICE_MS = 300_000;
/** Streams that tick together share one count of the market; REST never gets one of these. */
const SHARED_MS = 100;

/** A ticker's payload, and what of it must differ before it is sent again: all but the times, which always do. */
export interface TickerEvent {
  readonly json: string;
  readonly state: string;
}

interface Counted {
  readonly atUs: TimestampUs;
  readonly window: TradedWindow | null;
}

/** The statistics that all ticker streams tell, counted once for those that tick at the same time. */
export class TickerBoard {
  readonly #model: ExchangeModel;
  readonly #windows = new Map<string, Counted>();

  constructor(model: ExchangeModel) {
    this.#model = model;
  }

  #window(name: '24h' | TickerWindow, instrument: Instrument): TradedWindow | null {
    const key = `${instrument.id}:${name}`;
    const nowUs = this.#model.nowUs();
    const known = this.#windows.get(key);
    if (known !== undefined && nowUs - known.atUs < SHARED_MS * US_PER_MS) return known.window;
    const window =
      name === '24h' ? dayWindow(this.#model, instrument) : minuteWindow(this.#model, instrument, tickerWindowMs(name));
    this.#windows.set(key, { atUs: nowUs, window });
    return window;
  }

  /** Null while nothing has traded in the window. */
  event(instrument: Instrument, ticker: TickerKind, unit: TimeUnit): TickerEvent | null {
    const window = this.#window(ticker.kind === 'window-ticker' ? ticker.window : '24h', instrument);
    if (window === null) return null;
    switch (ticker.kind) {
      case 'miniTicker':
        return miniTickerEvent(window, instrument, unit);
      case 'ticker':
        return dayTickerEvent(this.#model, window, instrument, unit);
      case 'window-ticker':
        return windowTickerEvent(window, ticker.window, instrument, unit);
    }
  }
}

const quoteVolume8 = ({ quoteVolume }: TradedWindow): string | null =>
  quoteVolume === null ? null : volume8(quoteVolume);

function withTimes(head: object, times: object, body: object): TickerEvent {
  return { json: JSON.stringify({ ...head, ...times, ...body }), state: JSON.stringify(body) };
}

function miniTickerEvent(window: TradedWindow, instrument: Instrument, unit: TimeUnit): TickerEvent {
  return withTimes(
    { e: '24hrMiniTicker' },
    { E: wireTime(window.closeTimeUs, unit) },
    {
      s: instrument.id,
      c: price8(window.close, instrument),
      o: price8(window.open, instrument),
      h: price8(window.high, instrument),
      l: price8(window.low, instrument),
      v: volume8(window.volume),
      q: quoteVolume8(window),
    },
  );
}

function dayTickerEvent(
  model: ExchangeModel,
  window: TradedWindow,
  instrument: Instrument,
  unit: TimeUnit,
): TickerEvent {
  const change = changeOf(window, instrument);
  const latest = latestOf(model, instrument, window);
  return withTimes(
    { e: '24hrTicker' },
    {
      E: wireTime(window.closeTimeUs, unit),
      O: wireTime(window.openTimeUs, unit),
      C: wireTime(window.closeTimeUs, unit),
    },
    {
      s: instrument.id,
      p: change.priceChange,
      P: change.priceChangePercent,
      w: averagePrice8(window),
      x: latest.previousClose,
      c: price8(window.close, instrument),
      Q: latest.lastQuantity,
      b: latest.bidPrice,
      B: latest.bidQuantity,
      a: latest.askPrice,
      A: latest.askQuantity,
      o: price8(window.open, instrument),
      h: price8(window.high, instrument),
      l: price8(window.low, instrument),
      v: volume8(window.volume),
      q: quoteVolume8(window),
      F: window.firstTradeId ?? -1,
      L: window.lastTradeId ?? -1,
      n: window.trades,
    },
  );
}

function windowTickerEvent(
  window: TradedWindow,
  span: TickerWindow,
  instrument: Instrument,
  unit: TimeUnit,
): TickerEvent {
  const change = changeOf(window, instrument);
  return withTimes(
    { e: `${span}Ticker` },
    {
      E: wireTime(window.closeTimeUs, unit),
      O: wireTime(window.openTimeUs, unit),
      C: wireTime(window.closeTimeUs, unit),
    },
    {
      s: instrument.id,
      p: change.priceChange,
      P: change.priceChangePercent,
      o: price8(window.open, instrument),
      h: price8(window.high, instrument),
      l: price8(window.low, instrument),
      c: price8(window.close, instrument),
      w: averagePrice8(window),
      v: volume8(window.volume),
      q: quoteVolume8(window),
      F: window.firstTradeId ?? -1,
      L: window.lastTradeId ?? -1,
      n: window.trades,
    },
  );
}

/** Average price of the last five minutes, or the last price where none traded in them; null before the first trade. */
export function averagePriceOf(
  model: ExchangeModel,
  instrument: Instrument,
): { readonly price: string; readonly lastTradeUs: TimestampUs | null } | null {
  const [last] = model.trades(instrument.id, { fromId: null, limit: 1 });
  const window = tradedWindow(model, instrument, AVERAGE_PRICE_MS);
  const average = window === null ? null : averagePrice8(window);
  if (average !== null) return { price: average, lastTradeUs: last?.tsEventUs ?? null };
  return last === undefined ? null : { price: price8(last.price, instrument), lastTradeUs: last.tsEventUs };
}

/** Payload of `<symbol>@avgPrice`. */
export function averagePriceEvent(model: ExchangeModel, instrument: Instrument, unit: TimeUnit): TickerEvent | null {
  const average = averagePriceOf(model, instrument);
  if (average === null) return null;
  const { price, lastTradeUs } = average;
  return withTimes(
    { e: 'avgPrice' },
    { E: wireTime(model.nowUs(), unit) },
    {
      s: instrument.id,
      i: '5m',
      w: price,
      T: lastTradeUs === null ? null : wireTime(lastTradeUs, unit),
    },
  );
}
