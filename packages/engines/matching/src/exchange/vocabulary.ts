import type { AccountId, Amount, AssetId, InstrumentId, OrderSide, Price, Quantity, TimeInForce } from '@monsta/core';

/** The order types of Binance, in its own words. */
export const EXCHANGE_ORDER_TYPES = [
  'LIMIT',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
  'LIMIT_MAKER',
] as const;
export type ExchangeOrderType = (typeof EXCHANGE_ORDER_TYPES)[number];

/** What happens when an order would trade with one of the same account or trade group. The taker's mode decides. */
export const SELF_TRADE_MODES = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'] as const;
export type SelfTradeMode = (typeof SELF_TRADE_MODES)[number];

/** The life of an order at the exchange. Final: FILLED, CANCELED, REJECTED, EXPIRED, EXPIRED_IN_MATCH. */
export const EXCHANGE_ORDER_STATUSES = [
  'PENDING_NEW',
  'NEW',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'REJECTED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
] as const;
export type ExchangeOrderStatus = (typeof EXCHANGE_ORDER_STATUSES)[number];

/** True when nothing can happen to the order any more. */
export function isFinalAtExchange(status: ExchangeOrderStatus): boolean {
  return status !== 'NEW' && status !== 'PARTIALLY_FILLED' && status !== 'PENDING_NEW';
}

/** What an execution report tells. */
export type ExecutionType = 'NEW' | 'CANCELED' | 'REPLACED' | 'REJECTED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION';

/** Why an accepted order did not go on; `NONE` for every other report. */
export type RejectReason =
  | 'NONE'
  | 'INSUFFICIENT_BALANCES'
  | 'STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY'
  | 'WOULD_MATCH_IMMEDIATELY'
  | 'OCO_BAD_PRICES';

/** Why an order expired, in Binance's words. */
export type ExpiryReason =
  | 'REJECTED'
  | 'OCO_TRIGGER'
  | 'OTO_PHASE_ONE_EXPIRED'
  | 'UNFILLED_IOC_QUANTITY_EXPIRED'
  | 'UNFILLED_FOK_ORDER_EXPIRED'
  | 'INSUFFICIENT_LIQUIDITY';

/** The terms of one order; what its type does not use is null. Prices in ticks, quantities in lots, `trailingDelta` in basis points. */
export interface OrderTerms {
  readonly side: OrderSide;
  readonly type: ExchangeOrderType;
  readonly timeInForce: TimeInForce | null;
  readonly quantity: Quantity | null;
  readonly quoteOrderQuantity: Amount | null;
  readonly price: Price | null;
  readonly stopPrice: Price | null;
  readonly trailingDelta: number | null;
  readonly icebergQuantity: Quantity | null;
  /** Null: the exchange counts one. */
  readonly clientOrderId: string | null;
  /** Null: the symbol's default. */
  readonly selfTradeMode: SelfTradeMode | null;
  readonly strategyId: number | null;
  readonly strategyType: number | null;
}

export interface NewOrder extends OrderTerms {
  readonly account: AccountId;
  readonly symbol: InstrumentId;
}

/** Names an open order: by the exchange's id, the client's id, or both (then both must fit). */
export interface OrderReference {
  readonly account: AccountId;
  readonly symbol: InstrumentId;
  readonly orderId: number | null;
  readonly clientOrderId: string | null;
}

export type CancelRestriction = 'ONLY_NEW' | 'ONLY_PARTIALLY_FILLED';

export interface CancelOrder extends OrderReference {
  /** The id of the cancel itself, which the report carries as the order's id beside the original one. Null: counted. */
  readonly newClientOrderId: string | null;
  readonly restriction: CancelRestriction | null;
}

export interface CancelReplace {
  readonly mode: 'STOP_ON_FAILURE' | 'ALLOW_FAILURE';
  readonly cancel: CancelOrder;
  readonly order: NewOrder;
}

export interface AmendOrder extends OrderReference {
  readonly newQuantity: Quantity;
  /** Null: counted, as Binance draws a new one. */
  readonly newClientOrderId: string | null;
}

/** One cancels the other: both legs of one side and quantity, the one above the market and the one below. */
export interface NewOco {
  readonly kind: 'OCO';
  readonly account: AccountId;
  readonly symbol: InstrumentId;
  readonly listClientOrderId: string | null;
  readonly above: OrderTerms;
  readonly below: OrderTerms;
}

/** One triggers the other: `pending` goes live when `working` is wholly filled. */
export interface NewOto {
  readonly kind: 'OTO';
  readonly account: AccountId;
  readonly symbol: InstrumentId;
  readonly listClientOrderId: string | null;
  readonly working: OrderTerms;
  readonly pending: OrderTerms;
}

/** One triggers a pair of which one cancels the other. */
export interface NewOtoco {
  readonly kind: 'OTOCO';
  readonly account: AccountId;
  readonly symbol: InstrumentId;
  readonly listClientOrderId: string | null;
  readonly working: OrderTerms;
  readonly above: OrderTerms;
  readonly below: OrderTerms;
}

export type NewOrderList = NewOco | NewOto | NewOtoco;

/** Names an open list: by the exchange's id, the client's id, or both. */
export interface ListReference {
  readonly account: AccountId;
  readonly symbol: InstrumentId;
  readonly orderListId: number | null;
  readonly listClientOrderId: string | null;
}

/** A trade as everybody sees it. */
export interface ExchangeTrade {
  readonly symbol: InstrumentId;
  readonly tradeId: number;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly buyerOrderId: number;
  readonly sellerOrderId: number;
  readonly buyerIsMaker: boolean;
  readonly timeUs: number;
}

/** The best bid and ask; price and quantity are 0 where a side is empty. */
export interface BestBidAsk {
  readonly symbol: InstrumentId;
  readonly updateId: number;
  readonly bidPrice: Price;
  readonly bidQuantity: Quantity;
  readonly askPrice: Price;
  readonly askQuantity: Quantity;
}

/** A price level: price in ticks, shown quantity in lots; 0 in a delta means that the level is gone. */
export type DepthLevel = readonly [price: Price, quantity: Quantity];

export interface DepthSnapshot {
  readonly lastUpdateId: number;
  /** Best first. */
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
}

/** What changed in the book from update `firstUpdateId` to `lastUpdateId`, both included. */
export interface DepthDelta extends DepthSnapshot {
  readonly firstUpdateId: number;
}

/** What became of a list of orders. */
export interface OrderListStatus {
  readonly account: AccountId;
  readonly symbol: InstrumentId;
  readonly orderListId: number;
  readonly listClientOrderId: string;
  /** As on the wire: an OTOCO is an OTO. */
  readonly contingencyType: 'OCO' | 'OTO';
  readonly listStatusType: 'EXEC_STARTED' | 'UPDATED' | 'ALL_DONE';
  readonly listOrderStatus: 'EXECUTING' | 'ALL_DONE';
  readonly orders: readonly { readonly orderId: number; readonly clientOrderId: string }[];
  readonly timeUs: number;
}

/** An amount of one asset, free and locked. */
export interface AssetPosition {
  readonly asset: AssetId;
  readonly free: Amount;
  readonly locked: Amount;
}
