export {
  createBinanceServer,
  serveExchange,
  type BinanceServer,
  type BinanceServerOptions,
  type ServedExchange,
} from './binance-server.ts';
export type {
  AggregateTrade,
  AggregateTradeQuery,
  ExchangeModel,
  ExchangeSymbol,
  FeedEvent,
  FeedKind,
  FeedValues,
  KlineQuery,
  TradeQuery,
  TradingModel,
} from './exchange-model.ts';
export type { FaultControl, RuleState } from './faults/fault-desk.ts';
export type { FaultRecord } from './faults/fault-log.ts';
export type { FaultPlan, FaultRule } from './faults/fault-plan.ts';
export { readFaultPlan, readFaultRule } from './faults/plan-reader.ts';
export { tellListeners } from './lazy-event.ts';
export { DEFAULT_REQUEST_LIMITS, type RequestLimits } from './request-limits.ts';
export { DEFAULT_SOCKET_LIMITS, type SocketLimits } from './stream-socket.ts';
export { LISTED_SYMBOLS } from './symbols.ts';
export type { AccountCredentials, DemoAccount } from './trading/demo-accounts.ts';
export { VenueTime } from './venue-time.ts';
export { aggregateTradeEvent, bookTickerEvent, depthUpdateEvent, tradeEvent } from './wire.ts';
