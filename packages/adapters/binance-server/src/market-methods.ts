import { NO_EXCHANGE_RULES } from '@monsta/matching';
import type { Instrument } from '@monsta/core';
import type { ApiContext, PublicMethod } from './api-method.ts';
import type { ColdKlines } from './cold-klines.ts';
import type { KlineQuery } from './exchange-model.ts';
import { KlineGrid } from './kline-intervals.ts';
import { klinesOf } from './klines.ts';
import { BinanceError, type Parameters } from './parameters.ts';
import {
  describeSymbol,
  oneSymbol,
  oneSymbolOfStatus,
  selectListed,
  selectSymbolsOrStatus,
  symbolCount,
} from './symbol-selection.ts';
import {
  averagePrice,
  bookTicker,
  dayTicker,
  dayTickerWeight,
  latestWeight,
  priceTicker,
  rollingTicker,
  tradingDayTicker,
  windowWeight,
} from './ticker-methods.ts';
import { exchangeFilters } from './trading/exchange-filters.ts';
import { aggregateTradeRow, depthBody, klineRow, tradeRow, wireTime } from './wire.ts';

function exchangeInfo(context: ApiContext): unknown {
  const { limits, parameters } = context;
  const withSets = parameters.optionalFlag('showPermissionSets') ?? true;
  const selection = selectListed(context);
  parameters.finish();
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
    exchangeFilters: exchangeFilters(context.model.trading?.exchange.exchangeRules ?? NO_EXCHANGE_RULES),
    symbols: selection.symbols.map((symbol) => {
      const described = describeSymbol(context, symbol);
      return withSets ? described : { ...described, permissionSets: [] };
    }),
  };
}

/** No symbol here has a rule of the price range: each is listed with none. */
function executionRules(context: ApiContext): unknown {
  const { symbols } = selectSymbolsOrStatus(context);
  context.parameters.finish();
  return { symbolRules: symbols.map(({ instrument }) => ({ symbol: instrument.id, rules: [] })) };
}

/** Reference prices are what rules of the price range are measured by; without such rules there are none. */
function noReferencePrice(context: ApiContext, ofStatus: boolean): never {
  if (ofStatus) oneSymbolOfStatus(context);
  else oneSymbol(context);
  context.parameters.finish();
  throw new BinanceError(-2043, "This symbol doesn't have a reference price.");
}

function depth(context: ApiContext): unknown {
  const { instrument } = oneSymbolOfStatus(context);
  const limit = context.parameters.limit(100, 5_000);
  context.parameters.finish();
  const book = context.model.book(instrument.id, limit);
  if (!book.ok) throw new BinanceError(-1112, `No orders on book for symbol: ${book.fault.message}`);
  return depthBody(book.value, instrument);
}

type MarketContext = Pick<ApiContext, 'model' | 'parameters'>;

/** What a request for klines asks for. */
function klineQuestion(context: MarketContext): {
  readonly instrument: Instrument;
  readonly grid: KlineGrid;
  readonly query: KlineQuery;
} {
  const { parameters } = context;
  const { instrument } = oneSymbol(context);
  const interval = parameters.klineInterval();
  const fromUs = parameters.optionalTimeUs('startTime');
  const toUs = parameters.optionalTimeUs('endTime');
  const limit = parameters.limit(500, 1_000);
  const grid = new KlineGrid(interval, parameters.timeZone());
  return { instrument, grid, query: { fromUs, toUs, limit } };
}

function klineSteps(context: MarketContext, cold: ColdKlines): Iterator<void> | null {
  try {
    const { instrument, grid, query } = klineQuestion(context);
    return cold.steps(instrument, grid, query);
  } catch (thrown) {
    // What is wrong with it the answer will say.
    if (thrown instanceof BinanceError) return null;
    throw thrown;
  }
}

function klines(context: ApiContext): unknown {
  const { model, parameters, unit } = context;
  const { instrument, grid, query } = klineQuestion(context);
  parameters.finish();
  return klinesOf(model, instrument, grid, query).map((kline) => klineRow(kline, instrument, unit));
}

function trades(context: ApiContext, fromId: number | null): unknown {
  const { instrument } = oneSymbol(context);
  const limit = context.parameters.limit(500, 1_000);
  context.parameters.finish();
  return context.model
    .trades(instrument.id, { fromId, limit })
    .map((trade) => tradeRow(trade, instrument, context.unit));
}

/** Block trades are made beside the book; nobody here makes any. */
function blockTrades(context: ApiContext): unknown {
  const { parameters } = context;
  oneSymbol(context);
  parameters.integer('fromId');
  parameters.limit(500, 1_000);
  parameters.finish();
  return [];
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

function depthWeight(parameters: Parameters): number {
  const limit = Number(parameters.peek('limit') ?? 100);
  // What is no number is refused afterwards, at the price of the least.
  if (Number.isNaN(limit) || limit <= 100) return 5;
  return limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250;
}

/** 2 for each symbol named, at most 40; 40 for all. */
const rulesWeight = (parameters: Parameters): number => Math.min(40, 2 * (symbolCount(parameters) ?? 20));

/** One method of public market data; `weight` as documented. */
function method(
  path: string,
  socket: string | null,
  weight: number | ((parameters: Parameters) => number),
  answer: (context: ApiContext) => unknown,
): PublicMethod {
  return {
    security: 'NONE',
    rest: { method: 'GET', path: `/api/v3/${path}` },
    socket,
    weight: typeof weight === 'number' ? () => weight : weight,
    answer,
  };
}

/** The methods that tell the time, the rules and the market. */
export const MARKET_METHODS: readonly PublicMethod[] = [
  method('ping', 'ping', 1, () => ({})),
  method('time', 'time', 1, ({ nowUs, unit }) => ({ serverTime: wireTime(nowUs, unit) })),
  method('exchangeInfo', 'exchangeInfo', 20, exchangeInfo),
  method('executionRules', 'executionRules', rulesWeight, executionRules),
  method('depth', 'depth', depthWeight, depth),
  method('trades', 'trades.recent', 25, (context) => trades(context, null)),
  method('historicalTrades', 'trades.historical', 25, (context) =>
    trades(context, context.parameters.optionalInteger('fromId')),
  ),
  method('historicalBlockTrades', 'blockTrades.historical', 25, blockTrades),
  method('aggTrades', 'trades.aggregate', 4, aggregateTrades),
  { ...method('klines', 'klines', 2, klines), steps: klineSteps },
  { ...method('uiKlines', 'uiKlines', 2, klines), steps: klineSteps },
  method('avgPrice', 'avgPrice', 2, averagePrice),
  method('referencePrice', 'referencePrice', 2, (context) => noReferencePrice(context, false)),
  method('referencePrice/calculation', 'referencePrice.calculation', 2, (context) => noReferencePrice(context, true)),
  method('ticker', 'ticker', windowWeight, rollingTicker),
  method('ticker/tradingDay', 'ticker.tradingDay', windowWeight, tradingDayTicker),
  method('ticker/24hr', 'ticker.24hr', dayTickerWeight, dayTicker),
  method('ticker/price', 'ticker.price', latestWeight, priceTicker),
  method('ticker/bookTicker', 'ticker.book', latestWeight, bookTicker),
];
