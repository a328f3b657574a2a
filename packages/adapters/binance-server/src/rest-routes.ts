import { MS_PER_MINUTE, msFromUs, usFromMs, type InstrumentId } from '@monsta/core';
import type { Clock, HttpRoute, IncomingRequest, Logger, OutgoingResponse } from '@monsta/ports';
import type { ExchangeModel, ExchangeSymbol } from './exchange-model.ts';
import { BinanceError, findSymbol, Parameters } from './parameters.ts';
import type { RequestCounter, RequestLimits } from './request-limits.ts';
import { averagePrice8, dayTickerBody, tradedWindow } from './rolling-window.ts';
import { symbolInfo, symbolStatus } from './symbols.ts';
import {
  aggregateTradeRow,
  depthBody,
  klineRow,
  price8,
  quantity8,
  tradeRow,
  wireTime,
  type TimeUnit,
} from './wire.ts';

const AVERAGE_PRICE_MINUTES = 5;

interface Context {
  readonly model: ExchangeModel;
  readonly limits: RequestLimits;
  readonly parameters: Parameters;
  readonly unit: TimeUnit;
}

interface Endpoint {
  readonly path: string;
  weight(parameters: Parameters): number;
  /** What is sent as JSON. Throws `BinanceError`. */
  answer(context: Context): unknown;
}

/** The body and status of an error as Binance sends it. */
export function errorResponse(error: BinanceError, headers: Readonly<Record<string, string>> = {}): OutgoingResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify({ code: error.code, msg: error.message }),
  };
}

const time = ({ unit }: Context, ms: number): number => wireTime(usFromMs(ms), unit);

function oneSymbol(context: Context): ExchangeSymbol {
  return findSymbol(context.model.symbols(), context.parameters.symbol());
}

interface Selection {
  readonly symbols: readonly ExchangeSymbol[];
  /** True when one was asked for by `symbol`: the answer is then an object, not a list. */
  readonly single: boolean;
}

/** `symbol`, `symbols` or neither (all), narrowed by `symbolStatus`. */
function selectSymbols({ model, parameters }: Context): Selection {
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

function exchangeInfo(context: Context): unknown {
  const { model, limits, parameters } = context;
  parameters.optionalChoice('showPermissionSets', ['true', 'false']);
  const selection = selectSymbols(context);
  return {
    timezone: 'UTC',
    serverTime: wireTime(model.nowUs(), context.unit),
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: limits.weightPerMinute },
      { rateLimitType: 'CONNECTIONS', interval: 'MINUTE', intervalNum: 5, limit: limits.connectionsPerFiveMinutes },
    ],
    exchangeFilters: [],
    symbols: selection.symbols.map(symbolInfo),
  };
}

function depth(context: Context): unknown {
  const { instrument } = oneSymbol(context);
  const limit = context.parameters.limit(100, 5_000);
  context.parameters.finish();
  const book = context.model.book(instrument.id, limit);
  if (!book.ok) throw new BinanceError(-1112, `No orders on book for symbol: ${book.fault.message}`);
  return depthBody(book.value, instrument);
}

const optionalUs = (parameters: Parameters, name: string): ReturnType<typeof usFromMs> | null => {
  const ms = parameters.optionalInteger(name);
  return ms === null ? null : usFromMs(ms);
};

function klines(context: Context): unknown {
  const { model, parameters, unit } = context;
  const { instrument } = oneSymbol(context);
  const interval = parameters.interval();
  const fromUs = optionalUs(parameters, 'startTime');
  const toUs = optionalUs(parameters, 'endTime');
  const limit = parameters.limit(500, 1_000);
  parameters.optionalChoice('timeZone', ['0']);
  parameters.finish();
  const bars = model.klines(instrument.id, interval, { fromUs, toUs, limit });
  return bars.map((bar) => klineRow(bar, instrument, unit));
}

function trades(context: Context, fromId: number | null): unknown {
  const { instrument } = oneSymbol(context);
  const limit = context.parameters.limit(500, 1_000);
  context.parameters.finish();
  return context.model
    .trades(instrument.id, { fromId, limit })
    .map((trade) => tradeRow(trade, instrument, context.unit));
}

function aggregateTrades(context: Context): unknown {
  const { model, parameters, unit } = context;
  const { instrument } = oneSymbol(context);
  const fromId = parameters.optionalInteger('fromId');
  const fromUs = optionalUs(parameters, 'startTime');
  const toUs = optionalUs(parameters, 'endTime');
  const limit = parameters.limit(500, 1_000);
  parameters.finish();
  if (fromId !== null && (fromUs !== null || toUs !== null)) {
    throw new BinanceError(-1128, 'Combination of optional parameters invalid.');
  }
  return model
    .aggregateTrades(instrument.id, { fromId, fromUs, toUs, limit })
    .map((trade) => aggregateTradeRow(trade, instrument, unit));
}

function averagePrice(context: Context): unknown {
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

function lastPrice(context: Context): unknown {
  return forSelection(selectSymbols(context), ({ instrument }) => {
    const [trade] = context.model.trades(instrument.id, { fromId: null, limit: 1 });
    const [bar] =
      trade === undefined ? context.model.klines(instrument.id, '1m', { fromUs: null, toUs: null, limit: 1 }) : [];
    const price = trade?.price ?? bar?.close;
    return price === undefined ? null : { symbol: instrument.id, price: price8(price, instrument) };
  });
}

function bookTicker(context: Context): unknown {
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

function dayTicker(context: Context): unknown {
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

const ENDPOINTS: readonly Endpoint[] = [
  { path: 'ping', weight: () => 1, answer: () => ({}) },
  { path: 'time', weight: () => 1, answer: ({ model, unit }) => ({ serverTime: wireTime(model.nowUs(), unit) }) },
  { path: 'exchangeInfo', weight: () => 20, answer: exchangeInfo },
  { path: 'depth', weight: depthWeight, answer: depth },
  { path: 'klines', weight: () => 2, answer: klines },
  { path: 'uiKlines', weight: () => 2, answer: klines },
  { path: 'trades', weight: () => 25, answer: (context) => trades(context, null) },
  {
    path: 'historicalTrades',
    weight: () => 25,
    answer: (context) => trades(context, context.parameters.optionalInteger('fromId')),
  },
  { path: 'aggTrades', weight: () => 4, answer: aggregateTrades },
  { path: 'avgPrice', weight: () => 2, answer: averagePrice },
  { path: 'ticker/price', weight: tickerWeight, answer: lastPrice },
  { path: 'ticker/bookTicker', weight: tickerWeight, answer: bookTicker },
  { path: 'ticker/24hr', weight: dayTickerWeight, answer: dayTicker },
];

export interface RestOptions {
  readonly model: ExchangeModel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: RequestLimits;
  readonly counter: RequestCounter;
  /** Headers that say what the data is; on every response. */
  readonly originHeaders: Readonly<Record<string, string>>;
}

function timeUnit(request: IncomingRequest): TimeUnit {
  const header = request.headers['x-mbx-time-unit'];
  if (header === undefined || header.toUpperCase() === 'MILLISECOND') return 'ms';
  if (header.toUpperCase() === 'MICROSECOND') return 'us';
  throw new BinanceError(-1194, "Invalid value for time unit; expected either 'MICROSECOND' or 'MILLISECOND'.");
}

function answer(endpoint: Endpoint, request: IncomingRequest, options: RestOptions): OutgoingResponse {
  const { model, limits, counter, clock, logger } = options;
  let headers: Readonly<Record<string, string>> = options.originHeaders;
  try {
    const parameters = new Parameters(request.rawQuery);
    const charge = counter.charge(request.remoteAddress, endpoint.weight(parameters), msFromUs(clock.nowUs()));
    const used = String(charge.usedWeight);
    headers = { ...headers, 'x-mbx-used-weight': used, 'x-mbx-used-weight-1m': used, 'cache-control': 'no-store' };
    if (charge.error !== null) {
      return errorResponse(charge.error, { ...headers, 'retry-after': String(charge.retryAfterSeconds) });
    }
    const body = endpoint.answer({ model, limits, parameters, unit: timeUnit(request) });
    parameters.finish();
    return {
      status: 200,
      headers: { ...headers, 'content-type': 'application/json;charset=UTF-8' },
      body: JSON.stringify(body),
    };
  } catch (thrown) {
    if (thrown instanceof BinanceError) return errorResponse(thrown, headers);
    logger.error('Binance-compatible endpoint threw', { path: request.path, error: String(thrown) });
    return errorResponse(
      new BinanceError(-1000, 'An unknown error occurred while processing the request.', 500),
      headers,
    );
  }
}

/** The market-data endpoints below `/api/v3`. */
export function restRoutes(options: RestOptions): readonly HttpRoute[] {
  return ENDPOINTS.map((endpoint) => ({
    method: 'GET',
    path: `/api/v3/${endpoint.path}`,
    handle: (request) => answer(endpoint, request, options),
  }));
}
