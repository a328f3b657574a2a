import { MS_PER_MINUTE, msFromUs, usFromMs, type InstrumentId } from '@monsta/core';
import { writeSymbolRules } from '@monsta/matching';
import type { ApiContext, PublicMethod } from './api-method.ts';
import type { ExchangeSymbol } from './exchange-model.ts';
import { BinanceError, findSymbol, type Parameters } from './parameters.ts';
import { averagePrice8, dayTickerBody, tradedWindow } from './rolling-window.ts';
import { symbolInfo, symbolStatus } from './symbols.ts';
import { aggregateTradeRow, depthBody, klineRow, price8, quantity8, tradeRow, wireTime } from './wire.ts';

const AVERAGE_PRICE_MINUTES = 5;

const time = ({ unit }: ApiContext, ms: number): number => wireTime(usFromMs(ms), unit);

function oneSymbol(context: ApiContext): ExchangeSymbol {
  return findSymbol(context.model.symbols(), context.parameters.symbol());
}

interface Selection {
  readonly symbols: readonly ExchangeSymbol[];
  /** True when one was asked for by `symbol`: the answer is then an object, not a list. */
  readonly single: boolean;
}

/** `symbol`, `symbols` or neither (all), narrowed by `symbolStatus`. */
function selectSymbols({ model, parameters }: ApiContext): Selection {
  const symbol = parameters.optionalSymbol();
  const symbols = parameters.optionalSymbols();
  const status = parameters.optionalChoice('symbolStatus', ['TRADING', 'HALT', 'BREAK']);
  if (symbol !== null && symbols !== null) {
    throw new BinanceError(-1128, 'Combination of optional parameters invalid.');
  }
  const all = model.symbols();
  const ids: readonly InstrumentId[] | null = symbol === null ? symbols : [symbol];
  const chosen = ids === null ? all : ids.map((id) => findSymbol(all, id));
  return {
    single: symbol !== null,
    symbols: status === null ? chosen : chosen.filter(({ instrument }) => symbolStatus(instrument) === status),
  };
}

function forSelection(selection: Selection, body: (symbol: ExchangeSymbol) => object | null): unknown {
  const bodies = selection.symbols.map(body).filter((item) => item !== null);
  if (!selection.single) return bodies;
  // Binance has no word for a symbol that has never traded: an empty object says that nothing is known.
  return bodies[0] ?? {};
}

const symbolCount = (parameters: Parameters): number | null => {
  if (parameters.has('symbol')) return 1;
  const symbols = parameters.peek('symbols');
  return symbols === undefined ? null : symbols.split(',').length;
};

/** The symbol's rules as the exchange applies them, or as they are known where nothing is traded. */
function describeSymbol({ model }: ApiContext, symbol: ExchangeSymbol): object {
  const rules = model.trading?.exchange.rules(symbol.instrument.id) ?? null;
  return rules === null ? symbolInfo(symbol) : writeSymbolRules(rules);
}

function exchangeInfo(context: ApiContext): unknown {
  const { limits, parameters } = context;
  parameters.optionalChoice('showPermissionSets', ['true', 'false']);
  const selection = selectSymbols(context);
  return {
    timezone: 'UTC',
    serverTime: wireTime(context.nowUs, context.unit),
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: limits.weightPerMinute },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: limits.ordersPerTenSeconds },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: limits.ordersPerDay },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: limits.rawRequestsPerFiveMinutes },
      { rateLimitType: 'CONNECTIONS', interval: 'MINUTE', intervalNum: 5, limit: limits.connectionsPerFiveMinutes },
    ],
    exchangeFilters: [],
    symbols: selection.symbols.map((symbol) => describeSymbol(context, symbol)),
  };
}

function depth(context: ApiContext): unknown {
  const { instrument } = oneSymbol(context);
  const limit = context.parameters.limit(100, 5_000);
  context.parameters.finish();
  const book = context.model.book(instrument.id, limit);
  if (!book.ok) throw new BinanceError(-1112, `No orders on book for symbol: ${book.fault.message}`);
  return depthBody(book.value, instrument);
}

function klines(context: ApiContext): unknown {
  const { model, parameters, unit } = context;
  const { instrument } = oneSymbol(context);
  const interval = parameters.interval();
  const fromUs = parameters.optionalTimeUs('startTime');
  const toUs = parameters.optionalTimeUs('endTime');
  const limit = parameters.limit(500, 1_000);
  parameters.optionalChoice('timeZone', ['0']);
  parameters.finish();
  const bars = model.klines(instrument.id, interval, { fromUs, toUs, limit });
  return bars.map((bar) => klineRow(bar, instrument, unit));
}

function trades(context: ApiContext, fromId: number | null): unknown {
  const { instrument } = oneSymbol(context);
  const limit = context.parameters.limit(500, 1_000);
  context.parameters.finish();
  return context.model
    .trades(instrument.id, { fromId, limit })
    .map((trade) => tradeRow(trade, instrument, context.unit));
}

function aggregateTrades(context: ApiContext): unknown {
  const { model, parameters, unit } = context;
  const { instrument } = oneSymbol(context);
  const fromId = parameters.optionalInteger('fromId');
  const fromUs = parameters.optionalTimeUs('startTime');
  const toUs = parameters.optionalTimeUs('endTime');
  const limit = parameters.limit(500, 1_000);
  parameters.finish();
  if (fromId !== null && (fromUs !== null || toUs !== null)) {
    throw new BinanceError(-1128, 'Combination of optional parameters invalid.');
  }
  return model
    .aggregateTrades(instrument.id, { fromId, fromUs, toUs, limit })
    .map((trade) => aggregateTradeRow(trade, instrument, unit));
}

function averagePrice(context: ApiContext): unknown {
  const { instrument } = oneSymbol(context);
  const window = tradedWindow(context.model, instrument, AVERAGE_PRICE_MINUTES * MS_PER_MINUTE);
  const [last] = context.model.trades(instrument.id, { fromId: null, limit: 1 });
  return {
    mins: AVERAGE_PRICE_MINUTES,
    price:
      (window === null ? null : averagePrice8(window)) ?? (last === undefined ? null : price8(last.price, instrument)),
    closeTime: last === undefined ? null : time(context, msFromUs(last.tsEventUs)),
  };
}

function lastPrice(context: ApiContext): unknown {
  return forSelection(selectSymbols(context), ({ instrument }) => {
    const [trade] = context.model.trades(instrument.id, { fromId: null, limit: 1 });
    const [bar] =
      trade === undefined ? context.model.klines(instrument.id, '1m', { fromUs: null, toUs: null, limit: 1 }) : [];
    const price = trade?.price ?? bar?.close;
    return price === undefined ? null : { symbol: instrument.id, price: price8(price, instrument) };
  });
}

function bookTicker(context: ApiContext): unknown {
  return forSelection(selectSymbols(context), ({ instrument }) => {
    const quote = context.model.quote(instrument.id);
    if (quote === null) return null;
    return {
      symbol: instrument.id,
      bidPrice: price8(quote.bidPrice, instrument),
      bidQty: quantity8(quote.bidQuantity, instrument),
      askPrice: price8(quote.askPrice, instrument),
      askQty: quantity8(quote.askQuantity, instrument),
    };
  });
}

function dayTicker(context: ApiContext): unknown {
  const type = context.parameters.optionalChoice('type', ['FULL', 'MINI']) ?? 'FULL';
  return forSelection(selectSymbols(context), ({ instrument }) =>
    dayTickerBody(context.model, instrument, type, (ms) => time(context, ms)),
  );
}

const depthWeight = (parameters: Parameters): number => {
  const limit = Number(parameters.peek('limit') ?? 100);
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250;
};
const dayTickerWeight = (parameters: Parameters): number => {
  const count = symbolCount(parameters);
  return count === null || count > 100 ? 80 : count > 20 ? 40 : 2;
};
const tickerWeight = (parameters: Parameters): number => (parameters.has('symbol') ? 2 : 4);

/** One method of public market data; `weight` as documented. */
function method(
  path: string,
  socket: string | null,
  weight: (parameters: Parameters) => number,
  answer: (context: ApiContext) => unknown,
): PublicMethod {
  return { security: 'NONE', rest: { method: 'GET', path: `/api/v3/${path}` }, socket, weight, answer };
}

/** The methods that tell the time, the rules and the market. */
export const MARKET_METHODS: readonly PublicMethod[] = [
  method(
    'ping',
    'ping',
    () => 1,
    () => ({}),
  ),
  method(
    'time',
    'time',
    () => 1,
    ({ nowUs, unit }) => ({ serverTime: wireTime(nowUs, unit) }),
  ),
  method('exchangeInfo', 'exchangeInfo', () => 20, exchangeInfo),
  method('depth', 'depth', depthWeight, depth),
  method('klines', 'klines', () => 2, klines),
  method('uiKlines', 'uiKlines', () => 2, klines),
  method(
    'trades',
    'trades.recent',
    () => 25,
    (context) => trades(context, null),
  ),
  method(
    'historicalTrades',
    'trades.historical',
    () => 25,
    (context) => trades(context, context.parameters.optionalInteger('fromId')),
  ),
  method('aggTrades', 'trades.aggregate', () => 4, aggregateTrades),
  method('avgPrice', 'avgPrice', () => 2, averagePrice),
  method('ticker/price', 'ticker.price', tickerWeight, lastPrice),
  method('ticker/bookTicker', 'ticker.book', tickerWeight, bookTicker),
  method('ticker/24hr', 'ticker.24hr', dayTickerWeight, dayTicker),
];
