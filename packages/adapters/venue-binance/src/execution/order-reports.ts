import {
  assetId,
  clientOrderId,
  instrumentId,
  ORDER_TYPES,
  parseAmount,
  parsePrice,
  parseQuantity,
  quantity,
  usFromMs,
  venueOrderId,
  type Amount,
  type AssetId,
  type ClientOrderId,
  type InstrumentId,
  type OrderSide,
  type OrderStatus,
  type OrderType,
  type Price,
  type Quantity,
  type TimestampUs,
  type VenueOrder,
  type VenueOrderId,
} from '@monsta/core';
import type { SymbolRules } from '@monsta/matching';
import {
  Malformed,
  readArray,
  readBoolean,
  readId,
  readObject,
  readOptionalId,
  readText,
  readTimeMs,
  take,
  type JsonObject,
} from '../json-reader.ts';

/** How an order is named; null where a source does not say. */
export interface OrderIds {
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
}

/** The trading rules of a symbol as they are now, or as they were when an order was sent; null for a symbol that the venue doesn't list. */
export type RulesOf = (symbol: InstrumentId, order?: OrderIds) => SymbolRules | null;

/** The life of an order in the venue's words; what is unknown here is malformed. */
const STATUSES = {
  PENDING_NEW: 'accepted',
  NEW: 'accepted',
  PARTIALLY_FILLED: 'partially_filled',
  PENDING_CANCEL: 'pending_cancel',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
} as const satisfies Readonly<Record<string, OrderStatus>>;

/** One trade of one order. */
export interface TradeReport {
  readonly tradeId: number;
  readonly venueOrderId: VenueOrderId;
  readonly side: OrderSide;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly fee: Amount;
  readonly feeAsset: AssetId;
  readonly maker: boolean;
  readonly tsUs: TimestampUs;
}

/** What an order is, beside its ids. */
export interface OrderTerms {
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: Quantity;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
}

/** What one source says of an order: the answer to a request, a report of the user stream, or a query. */
export interface OrderReport {
  readonly symbol: InstrumentId;
  readonly venueOrderId: VenueOrderId;
  readonly clientOrderId: ClientOrderId;
  /** True for an order of a list. */
  readonly listed: boolean;
  /** Null where the source does not say. */
  readonly terms: OrderTerms | null;
  readonly createdUs: TimestampUs;
  readonly tsUs: TimestampUs;
  readonly status: OrderStatus | null;
  /** True once it has been in the book. */
  readonly worked: boolean;
  /** Filled in all; null where the source does not say. */
  readonly executed: Quantity | null;
  /** Trades that the source tells, each with what was filled in all after it. */
  readonly trades: readonly { readonly trade: TradeReport; readonly cumulative: Quantity }[];
  /** Why it ended, in a sentence. */
  readonly reason: string;
  /** A code of the venue's for why it was rejected. */
  readonly rejectCode: string | null;
}

function statusOf(value: unknown, where: string): OrderStatus {
  const text = readText(value, where);
  const found = Object.entries(STATUSES).find(([name]) => name === text);
  if (found === undefined) throw new Malformed('venue_protocol', `${where}: '${text.slice(0, 30)}' is unknown`);
  return found[1];
}

const sideOf = (value: unknown, where: string): OrderSide => {
  if (value === 'BUY') return 'buy';
  if (value === 'SELL') return 'sell';
  throw new Malformed('venue_protocol', `${where} must be BUY or SELL`);
};

function typeOf(value: unknown, where: string): OrderType {
  const text = readText(value, where).toLowerCase();
  const found = ORDER_TYPES.find((known) => known === text);
  if (found === undefined) throw new Malformed('venue_protocol', `${where}: '${text.slice(0, 30)}' is unknown`);
  return found;
}

function rulesNamed(json: JsonObject, key: string, rulesOf: RulesOf, order: OrderIds): SymbolRules {
  const symbol = instrumentId(readText(json[key], key));
  const rules = rulesOf(symbol, order);
  if (rules === null) throw new Malformed('instrument_unknown', `${symbol} is not in exchangeInfo`);
  return rules;
}

const timeOf = (value: unknown, where: string): TimestampUs => usFromMs(readTimeMs(value, where));
const amountOf = (value: unknown, where: string): Amount => take(parseAmount(readText(value, where)), where);
const lotsOf = (value: unknown, rules: SymbolRules, where: string): Quantity =>
  take(parseQuantity(readText(value, where), rules), where);
const ticksOf = (value: unknown, rules: SymbolRules, where: string): Price =>
  take(parsePrice(readText(value, where), rules), where);

/** A price, or null for the nothing that is written as zero or left out. */
function priceOrNull(value: unknown, rules: SymbolRules, where: string): Price | null {
  if (value === undefined) return null;
  const ticks = ticksOf(value, rules, where);
  return ticks === 0 ? null : ticks;
}

const hasTime = (value: unknown): boolean => typeof value === 'number' && value > 0;

function endingOf(status: OrderStatus, type: string, timeInForce: string, expiry: unknown, prevented: boolean): string {
  if (status === 'canceled') return 'canceled on request';
  if (prevented) return 'it would have traded with another order of the same account';
  if (typeof expiry === 'string') return `the venue says ${expiry}`;
  if (type === 'MARKET') return 'nothing more is offered';
  return timeInForce === 'GTC' ? 'the venue ended it' : `${timeInForce}: no more at this price`;
}

const wasPrevented = (status: unknown, execution: unknown): boolean =>
  status === 'EXPIRED_IN_MATCH' || execution === 'TRADE_PREVENTION';

function fillOf(json: unknown, order: JsonObject, rules: SymbolRules, tsUs: TimestampUs): TradeReport {
  const fill = readObject(json, 'fill');
  return {
    tradeId: readId(fill['tradeId'], 'tradeId'),
    venueOrderId: venueOrderId(String(readId(order['orderId'], 'orderId'))),
    side: sideOf(order['side'], 'side'),
    price: ticksOf(fill['price'], rules, 'price'),
    quantity: lotsOf(fill['qty'], rules, 'qty'),
    fee: amountOf(fill['commission'], 'commission'),
    feeAsset: assetId(readText(fill['commissionAsset'], 'commissionAsset')),
    // What an order trades while it is entered it takes.
    maker: false,
    tsUs,
  };
}

function cumulated(trades: readonly TradeReport[]): OrderReport['trades'] {
  let sum = 0;
  return trades.map((trade) => {
    sum += trade.quantity;
    return { trade, cumulative: quantity(sum) };
  });
}

function termsOf(json: JsonObject, rules: SymbolRules): OrderTerms {
  return {
    side: sideOf(json['side'], 'side'),
    type: typeOf(json['type'], 'type'),
    quantity: lotsOf(json['origQty'], rules, 'origQty'),
    limitPrice: priceOrNull(json['price'], rules, 'price'),
    stopPrice: priceOrNull(json['stopPrice'], rules, 'stopPrice'),
  };
}

/**
 * An order in the answer to a request: to a new order (in full or as a mere acknowledgement), to a cancel, or to a query. Throws `Malformed`.
 */
export function readAnswer(json: unknown, rulesOf: RulesOf): OrderReport {
  const order = readObject(json, 'order');
  const ids = {
    venueOrderId: venueOrderId(String(readId(order['orderId'], 'orderId'))),
    clientOrderId: clientOrderId(readText(order['origClientOrderId'] ?? order['clientOrderId'], 'clientOrderId')),
  };
  const rules = rulesNamed(order, 'symbol', rulesOf, ids);
  const base = {
    symbol: rules.symbol,
    ...ids,
    listed: readOptionalId(order['orderListId'], 'orderListId') !== null,
  };
  const tsUs = timeOf(order['transactTime'] ?? order['updateTime'], 'transactTime');
  // A new order has no time of its own in its answer: it is as old as that.
  const createdUs = order['time'] === undefined ? tsUs : timeOf(order['time'], 'time');
  if (order['status'] === undefined) {
    const nothing = { terms: null, status: null, executed: null, worked: false, rejectCode: null };
    return { ...base, ...nothing, createdUs, tsUs, trades: [], reason: '' };
  }
  const status = statusOf(order['status'], 'status');
  const listed = order['fills'] === undefined ? [] : readArray(order['fills'], 'fills');
  return {
    ...base,
    terms: termsOf(order, rules),
    createdUs,
    tsUs,
    status,
    worked: hasTime(order['workingTime']),
    executed: lotsOf(order['executedQty'], rules, 'executedQty'),
    trades: cumulated(listed.map((fill) => fillOf(fill, order, rules, tsUs))),
    reason: endingOf(
      status,
      readText(order['type'], 'type'),
      readText(order['timeInForce'], 'timeInForce'),
      order['expiryReason'],
      wasPrevented(order['status'], null),
    ),
    rejectCode: null,
  };
}

/** A row of `myTrades`. Throws `Malformed`. */
export function readTrade(json: unknown, rulesOf: RulesOf): TradeReport {
  const row = readObject(json, 'trade');
  const id = venueOrderId(String(readId(row['orderId'], 'orderId')));
  const rules = rulesNamed(row, 'symbol', rulesOf, { venueOrderId: id, clientOrderId: null });
  return {
    tradeId: readId(row['id'], 'id'),
    venueOrderId: id,
    side: readBoolean(row['isBuyer'], 'isBuyer') ? 'buy' : 'sell',
    price: ticksOf(row['price'], rules, 'price'),
    quantity: lotsOf(row['qty'], rules, 'qty'),
    fee: amountOf(row['commission'], 'commission'),
    feeAsset: assetId(readText(row['commissionAsset'], 'commissionAsset')),
    maker: readBoolean(row['isMaker'], 'isMaker'),
    tsUs: timeOf(row['time'], 'time'),
  };
}

/** All trades of one order, oldest first, each with what was filled in all after it. */
export const tradesOfOrder = (trades: readonly TradeReport[]): OrderReport['trades'] =>
  cumulated(trades.toSorted((left, right) => left.tradeId - right.tradeId));

function executionOf(event: JsonObject, rules: SymbolRules): OrderReport['trades'] {
  if (event['x'] !== 'TRADE') return [];
  const trade: TradeReport = {
    tradeId: readId(event['t'], 't'),
    venueOrderId: venueOrderId(String(readId(event['i'], 'i'))),
    side: sideOf(event['S'], 'S'),
    price: ticksOf(event['L'], rules, 'L'),
    quantity: lotsOf(event['l'], rules, 'l'),
    fee: amountOf(event['n'], 'n'),
    // A trade for which nothing is charged names no asset; what it would have been charged in is the asset received.
    feeAsset: assetId(typeof event['N'] === 'string' ? event['N'] : event['S'] === 'BUY' ? rules.base : rules.quote),
    maker: readBoolean(event['m'], 'm'),
    tsUs: timeOf(event['T'], 'T'),
  };
  return [{ trade, cumulative: lotsOf(event['z'], rules, 'z') }];
}

/** Why an order was rejected, as reports say it, in the words of refusals. */
const REJECT_CODES: ReadonlyMap<string, string> = new Map([
  ['INSUFFICIENT_BALANCES', 'insufficient_balance'],
  ['STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY', 'would_trigger_immediately'],
  ['WOULD_MATCH_IMMEDIATELY', 'would_match_immediately'],
]);

/** An `executionReport` of the user stream. Throws `Malformed`. */
export function readExecutionReport(event: JsonObject, rulesOf: RulesOf): OrderReport {
  // The report of a cancel carries the cancel's own id as c, and the order's as C.
  const original = readText(event['C'], 'C');
  const ids = {
    venueOrderId: venueOrderId(String(readId(event['i'], 'i'))),
    clientOrderId: clientOrderId(original === '' ? readText(event['c'], 'c') : original),
  };
  const rules = rulesNamed(event, 's', rulesOf, ids);
  const status = statusOf(event['X'], 'X');
  const type = readText(event['o'], 'o');
  const tsUs = timeOf(event['T'], 'T');
  const rejected = readText(event['r'], 'r');
  return {
    symbol: rules.symbol,
    ...ids,
    listed: readOptionalId(event['g'], 'g') !== null,
    terms: {
      side: sideOf(event['S'], 'S'),
      type: typeOf(type, 'o'),
      quantity: lotsOf(event['q'], rules, 'q'),
      limitPrice: priceOrNull(event['p'], rules, 'p'),
      stopPrice: priceOrNull(event['P'], rules, 'P'),
    },
    createdUs: timeOf(event['O'], 'O'),
    tsUs,
    status,
    worked: hasTime(event['W']),
    executed: lotsOf(event['z'], rules, 'z'),
    trades: executionOf(event, rules),
    reason: endingOf(status, type, readText(event['f'], 'f'), event['eR'], wasPrevented(event['X'], event['x'])),
    rejectCode: rejected === 'NONE' ? null : (REJECT_CODES.get(rejected) ?? rejected.toLowerCase()),
  };
}

/**
 * An order as the port tells it; the report must say all of it. Null for one that never was: the second half of a replacement is kept by the venue as rejected. An order of a list
 * that was rejected when its turn came had been accepted before, and counts as expired.
 */
export function venueOrderOf(report: OrderReport): VenueOrder | null {
  const { terms, status, executed, listed } = report;
  if (terms === null || status === null || executed === null || (status === 'rejected' && !listed)) return null;
  return {
    clientOrderId: report.clientOrderId,
    venueOrderId: report.venueOrderId,
    instrument: report.symbol,
    side: terms.side,
    type: terms.type,
    status: status === 'rejected' ? 'expired' : status,
    quantity: terms.quantity,
    filledQuantity: executed,
    limitPrice: terms.limitPrice,
    stopPrice: terms.stopPrice,
  };
}
