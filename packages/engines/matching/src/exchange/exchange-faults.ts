import type { Fault, Ok } from '@monsta/core';

/** A refusal of the exchange: our stable `code`, and Binance's number and text. */
export interface ExchangeFault extends Fault {
  /** Binance's number, e.g. -2010. */
  readonly number: number;
}

/** What a command came to; a `Result` whose fault carries Binance's number. */
export type Outcome<T> = Ok<T> | ExchangeRefusal;

export interface ExchangeRefusal {
  readonly ok: false;
  readonly fault: ExchangeFault;
}

/** Builds a refusal with Binance's number and text. */
export function refusal(code: string, number: number, message: string): ExchangeRefusal {
  return Object.freeze({
    ok: false,
    fault: Object.freeze({ code, number, message, retry: 'permanent' as const }),
  });
}

const invalid = (code: string, message: string): ExchangeRefusal => refusal(code, -1013, message);
const rejected = (code: string, message: string): ExchangeRefusal => refusal(code, -2010, message);

export const FILTER_NAMES = [
  'PRICE_FILTER',
  'PERCENT_PRICE',
  'PERCENT_PRICE_BY_SIDE',
  'LOT_SIZE',
  'MIN_NOTIONAL',
  'NOTIONAL',
  'ICEBERG_PARTS',
  'MARKET_LOT_SIZE',
  'MAX_NUM_ORDERS',
  'MAX_NUM_ALGO_ORDERS',
  'MAX_NUM_ICEBERG_ORDERS',
  'MAX_NUM_ORDER_LISTS',
  'MAX_POSITION',
  'TRAILING_DELTA',
  'EXCHANGE_MAX_NUM_ORDERS',
  'EXCHANGE_MAX_NUM_ALGO_ORDERS',
  'EXCHANGE_MAX_NUM_ICEBERG_ORDERS',
  'EXCHANGE_MAX_NUM_ORDER_LISTS',
  'MAX_ASSET',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

const filterRefusals = new Map<FilterName, ExchangeRefusal>(
  FILTER_NAMES.map((name) => [name, invalid(`filter_${name.toLowerCase()}`, `Filter failure: ${name}`)]),
);

/** `-1013 Filter failure: NAME`. */
export function filterFailure(name: FilterName): ExchangeRefusal {
  return filterRefusals.get(name) ?? invalid(`filter_${name.toLowerCase()}`, `Filter failure: ${name}`);
}

/** -1102 for a parameter that its order type needs. */
export const parameterMissing = (name: string): ExchangeRefusal =>
  refusal('parameter_missing', -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

/** -1106 for a parameter that its order type has no use for. */
export const parameterUnneeded = (name: string): ExchangeRefusal =>
  refusal('parameter_unneeded', -1106, `Parameter '${name}' sent when not required.`);

/** -1111 for a number with more digits than the symbol's precision. */
export const precisionExceeded = (name: string): ExchangeRefusal =>
  refusal('precision_exceeded', -1111, `Parameter '${name}' has too much precision.`);

/** Refusals of one text each, as Binance words them. */
export const REFUSALS = {
  badCombination: refusal('parameters_bad_combination', -1128, 'Combination of optional parameters invalid.'),
  stopOrDelta: refusal(
    'parameter_missing',
    -1102,
    "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!",
  ),
  quantityOrQuote: refusal(
    'parameter_missing',
    -1102,
    "Param 'origQty' or 'quoteOrderQty' must be sent, but both were empty/null!",
  ),
  unknownSymbol: refusal('symbol_unknown', -1121, 'Invalid symbol.'),
  unknownAccount: refusal('account_unknown', -2015, 'Invalid API-key, IP, or permissions for action.'),
  dataEnded: rejected('data_ended', 'The data ended before the order could act.'),
  marketClosed: invalid('market_closed', 'Market is closed.'),
  selfTradeModeBarred: invalid(
    'self_trade_mode_barred',
    'This symbol does not allow the specified self-trade prevention mode.',
  ),
  quantityOverflow: refusal('parameter_overflow', -1108, "Parameter 'quantity' overflowed."),
  strategyType: refusal('strategy_type_reserved', -1134, '`strategyType` was less than 1000000.'),
  noDepth: refusal('no_depth', -1112, 'No orders on book for symbol.'),
  icebergExceedsQuantity: rejected('iceberg_exceeds_quantity', 'IcebergQty exceeds QTY.'),
  orderTypeBarred: rejected('order_type_barred', 'Unsupported order combination'),
  icebergBarred: rejected('iceberg_barred', 'Iceberg orders are not supported for this symbol.'),
  trailingBarred: rejected('trailing_barred', 'Trailing stop orders are not supported for this symbol.'),
  quoteQuantityBarred: rejected(
    'quote_quantity_barred',
    'Quote order qty market orders are not support for this symbol.',
  ),
  listsBarred: rejected('lists_barred', 'OCO orders are not supported for this symbol'),
  otoBarred: rejected('lists_barred', 'OTO orders are not supported for this symbol'),
  replaceBarred: rejected('cancel_replace_barred', 'Order cancel-replace is not supported for this symbol.'),
  tradingDisabled: rejected('trading_disabled', 'This account may not place or cancel orders.'),
  cancelDisabled: refusal('trading_disabled', -2011, 'This account may not place or cancel orders.'),
  duplicateOrder: rejected('duplicate_order', 'Duplicate order sent.'),
  insufficientBalance: rejected('insufficient_balance', 'Account has insufficient balance for requested action.'),
  wouldMatch: rejected('would_match_immediately', 'Order would immediately match and take.'),
  wouldTrigger: rejected('would_trigger_immediately', 'Order would trigger immediately.'),
  ocoPrices: rejected('oco_bad_prices', 'The relationship of the prices for the orders is not correct.'),
  liquidityBelowLot: rejected(
    'liquidity_below_minimum',
    'Order book liquidity is less than LOT_SIZE filter minimum quantity.',
  ),
  liquidityBelowMarketLot: rejected(
    'liquidity_below_minimum',
    'Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity.',
  ),
  noLiquidity: rejected('liquidity_below_minimum', 'Order book liquidity is less than symbol minimum quantity.'),
  unknownOrder: refusal('order_unknown', -2011, 'Unknown order sent.'),
  cancelRestricted: refusal('cancel_restricted', -2011, 'Order was not canceled due to cancel restrictions.'),
  clientOrderIdWrong: refusal('client_order_id_wrong', -2039, 'Client order ID is not correct for this order ID.'),
  replacePartly: refusal('cancel_replace_partly_failed', -2021, 'Order cancel-replace partially failed.'),
  replaceFailed: refusal('cancel_replace_failed', -2022, 'Order cancel-replace failed.'),
  ocoType: refusal('oco_type', -1158, 'Order type not supported in OCO.'),
  buyLimitBelow: refusal('oco_sides', -1165, 'A limit order in a buy OCO must be below.'),
  sellLimitAbove: refusal('oco_sides', -1166, 'A limit order in a sell OCO must be above.'),
  buyStopAbove: refusal('oco_sides', -1196, 'A stop loss order in a buy OCO must be above.'),
  sellStopBelow: refusal('oco_sides', -1197, 'A stop loss order in a sell OCO must be below.'),
  buyProfitBelow: refusal('oco_sides', -1198, 'A take profit order in a buy OCO must be below.'),
  sellProfitAbove: refusal('oco_sides', -1199, 'A take profit order in a sell OCO must be above.'),
  aboveIceberg: refusal(
    'oco_iceberg_time_in_force',
    -1160,
    "Parameter 'aboveIcebergQty' is not supported if `aboveTimeInForce`/`belowTimeInForce` is not GTC.",
  ),
  belowIceberg: refusal(
    'oco_iceberg_time_in_force',
    -1160,
    "Parameter 'belowIcebergQty' is not supported if `aboveTimeInForce`/`belowTimeInForce` is not GTC.",
  ),
  bothLimit: refusal('oco_both_limit', -1168, 'At least one OCO order must be contingent.'),
} as const;
