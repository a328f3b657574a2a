import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, timestampUs, US_PER_MS } from '@monsta/core';
import type { ApiContext } from './api-method.ts';
import { KlineGrid } from './kline-intervals.ts';
import { BinanceError, type Parameters } from './parameters.ts';
import { dayTickerBody, minuteWindow, tradedSince, windowBody, type TickerType } from './rolling-window.ts';
import { forSelection, oneSymbol, selectNamedSymbols, selectSymbols, symbolCount } from './symbol-selection.ts';
import { averagePriceOf } from './ticker-events.ts';
import { price8, quantity8, wireTime } from './wire.ts';

const WINDOW = /^(\d{1,2})([mhd])$/;
const WINDOW_UNITS = {
  m: { ms: MS_PER_MINUTE, most: 59 },
  h: { ms: MS_PER_HOUR, most: 23 },
  d: { ms: MS_PER_DAY, most: 7 },
} as const;
/** How Binance writes the price of what has none: nothing traded, nobody offers. */
const NOTHING8 = '0.00000000';

const tickerType = ({ parameters }: ApiContext): TickerType =>
  parameters.optionalChoice('type', ['FULL', 'MINI'], new BinanceError(-1139, 'Invalid ticker type.')) ?? 'FULL';

/** `1m`…`59m`, `1h`…`23h`, `1d`…`7d`; a day where it was not sent. */
function windowMs(parameters: Parameters): number {
  const [, digits, letter] = WINDOW.exec(parameters.optionalText('windowSize') ?? '1d') ?? [];
  const unit = letter === 'm' || letter === 'h' || letter === 'd' ? WINDOW_UNITS[letter] : null;
  const count = Number(digits);
  if (unit !== null && count >= 1 && count <= unit.most) return count * unit.ms;
  throw new BinanceError(-1130, "Data sent for parameter 'windowSize' is not valid.");
}

/** `ticker`: a window of the caller's size. */
export function rollingTicker(context: ApiContext): unknown {
  const { model, parameters, unit } = context;
  const selection = selectNamedSymbols(context);
  const spanMs = windowMs(parameters);
  const type = tickerType(context);
  parameters.finish();
  return forSelection(selection, ({ instrument }) => {
    const closeTimeUs = model.nowUs();
    const openTimeUs = new KlineGrid('1m').floor(closeTimeUs - spanMs * US_PER_MS);
    return windowBody(minuteWindow(model, instrument, spanMs), instrument, type, unit, { openTimeUs, closeTimeUs });
  });
}

/** `ticker/tradingDay`: from midnight, where the caller wants it to be. */
export function tradingDayTicker(context: ApiContext): unknown {
  const { model, parameters, unit } = context;
  const selection = selectNamedSymbols(context);
  const day = new KlineGrid('1d', parameters.timeZone());
  const type = tickerType(context);
  parameters.finish();
  return forSelection(selection, ({ instrument }) => {
    const openTimeUs = day.floor(model.nowUs());
    const closeTimeUs = timestampUs(day.next(openTimeUs) - 1);
    return windowBody(tradedSince(model, instrument, openTimeUs), instrument, type, unit, { openTimeUs, closeTimeUs });
  });
}

/** `ticker/24hr`: the last day, to the millisecond. */
export function dayTicker(context: ApiContext): unknown {
  const selection = selectSymbols(context);
  const type = tickerType(context);
  context.parameters.finish();
  return forSelection(selection, ({ instrument }) => dayTickerBody(context.model, instrument, type, context.unit));
}

/** `ticker/price`: the last trade's price, or the last bar's where no trade is kept. */
export function priceTicker(context: ApiContext): unknown {
  const { model, parameters } = context;
  const selection = selectSymbols(context);
  parameters.finish();
  return forSelection(selection, ({ instrument }) => {
    const [trade] = model.trades(instrument.id, { fromId: null, limit: 1 });
    const [bar] = trade === undefined ? model.klines(instrument.id, '1m', { fromUs: null, toUs: null, limit: 1 }) : [];
    const price = trade?.price ?? bar?.close;
    return { symbol: instrument.id, price: price === undefined ? NOTHING8 : price8(price, instrument) };
  });
}

/** `ticker/bookTicker`: the best orders. */
export function bookTicker(context: ApiContext): unknown {
  const { model, parameters } = context;
  const selection = selectSymbols(context);
  parameters.finish();
  return forSelection(selection, ({ instrument }) => {
    const quote = model.quote(instrument.id);
    return {
      symbol: instrument.id,
      bidPrice: quote === null ? NOTHING8 : price8(quote.bidPrice, instrument),
      bidQty: quote === null ? NOTHING8 : quantity8(quote.bidQuantity, instrument),
      askPrice: quote === null ? NOTHING8 : price8(quote.askPrice, instrument),
      askQty: quote === null ? NOTHING8 : quantity8(quote.askQuantity, instrument),
    };
  });
}

/** `avgPrice`: of the last five minutes. */
export function averagePrice(context: ApiContext): unknown {
  const { instrument } = oneSymbol(context);
  context.parameters.finish();
  const average = averagePriceOf(context.model, instrument);
  const lastTradeUs = average?.lastTradeUs ?? null;
  return {
    mins: 5,
    price: average?.price ?? NOTHING8,
    closeTime: lastTradeUs === null ? 0 : wireTime(lastTradeUs, context.unit),
  };
}

/** 4 for each symbol, at most 200. */
export const windowWeight = (parameters: Parameters): number => Math.min(200, 4 * (symbolCount(parameters) ?? 1));

/** 2 up to 20 symbols, 40 up to 100, 80 beyond and for all. */
export function dayTickerWeight(parameters: Parameters): number {
  const count = symbolCount(parameters);
  return count === null || count > 100 ? 80 : count > 20 ? 40 : 2;
}

/** 2 for one symbol, else 4. */
export const latestWeight = (parameters: Parameters): number => (parameters.has('symbol') ? 2 : 4);
