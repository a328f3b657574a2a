import type { AssetId, ClientOrderId, FillId, InstrumentId, StrategyId, VenueOrderId } from './ids.ts';
import type { Price, Quantity } from './instrument.ts';
import type { Amount } from './money.ts';
import type { TimestampUs } from './time.ts';

export type OrderSide = 'buy' | 'sell';
/**
 * What an order does when it is due. `limit_maker` is refused where it would take. `stop_loss` and `take_profit` wait for their trigger and then act as a market order, the `_limit`
 * forms as a limit order.
 */
export const ORDER_TYPES = [
  'market',
  'limit',
  'limit_maker',
  'stop_loss',
  'stop_loss_limit',
  'take_profit',
  'take_profit_limit',
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];
export type TimeInForce = 'gtc' | 'ioc' | 'fok';

/**
 * The life of an order. `pending_submit`: the intent is durable, the outcome unknown; `denied`: our risk said no (never sent);
 * `rejected`: the venue said no. Final states: denied, rejected, filled, canceled, expired.
 */
export type OrderStatus =
  | 'pending_submit'
  | 'accepted'
  | 'partially_filled'
  | 'pending_cancel'
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'rejected'
  | 'denied';

/** True when nothing can happen to the order any more. */
export const isFinal = (status: OrderStatus): boolean =>
  status === 'filled' || status === 'canceled' || status === 'expired' || status === 'rejected' || status === 'denied';

/** True for orders that wait for a trigger. */
export const isContingent = (type: OrderType): boolean =>
  type === 'stop_loss' || type === 'stop_loss_limit' || type === 'take_profit' || type === 'take_profit_limit';
/** True for orders that name a limit price. */
export const hasLimitPrice = (type: OrderType): boolean =>
  type === 'limit' || type === 'limit_maker' || type === 'stop_loss_limit' || type === 'take_profit_limit';

/** What we want of a venue. */
export interface OrderRequest {
  readonly clientOrderId: ClientOrderId;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Quantity;
  /** Null for the types without one. */
  readonly limitPrice: Price | null;
  /** The trigger; null for the types without one, and for a trailing order that follows from where the market is. */
  readonly stopPrice: Price | null;
  /** How far a trailing trigger follows the market, in basis points; null: the trigger stands still. */
  readonly trailingBps: number | null;
  /** What an iceberg shows at a time; null: all of it is shown. */
  readonly icebergQuantity: Quantity | null;
  /** The list that the order belongs to; null: none. */
  readonly listId: ClientOrderId | null;
  /** What its strategy calls it, or what it is for (`manual`, `stop`, `take-profit`, …); null: nothing. Venues don't see it. */
  readonly tag: string | null;
  /** What the market was at when the order was decided on (its last trade): slippage is measured from it. Null while unknown. Venues don't see it. */
  readonly decisionPrice: Price | null;
  /** True when the order only makes a position smaller. */
  readonly reduceOnly: boolean;
  readonly createdUs: TimestampUs;
}

/** The terms of an order that waits for no trigger, shows all of itself and belongs to no list; without words of our own about it. */
export const PLAIN_TERMS = {
  stopPrice: null,
  trailingBps: null,
  icebergQuantity: null,
  listId: null,
  tag: null,
  decisionPrice: null,
} as const satisfies Partial<OrderRequest>;

/**
 * Orders on one instrument that depend on each other, entered all together or not at all. `oco`: above and below the market, one cancels the other. `oto`: a working order and
 * one that begins to live when it is wholly filled. `otoco`: a working order, and a pair as in `oco` that begins to live when it is wholly filled.
 * `orders` in that order; each names the list. What becomes of each is told by its own events.
 */
export interface OrderListRequest {
  readonly listId: ClientOrderId;
  readonly kind: 'oco' | 'oto' | 'otoco';
  readonly orders: readonly OrderRequest[];
}

export interface Order extends OrderRequest {
  readonly venueOrderId: VenueOrderId | null;
  readonly status: OrderStatus;
  readonly filledQuantity: Quantity;
  /** Σ price × quantity of the fills, in the quote asset. */
  readonly filledNotional: Amount;
  /** Why it was denied, rejected, expired or canceled: stable code and sentence; null otherwise. */
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly updatedUs: TimestampUs;
}

/**
 * Why a position was closed: its strategy sold, a stop or a take profit was reached, a person asked for it (a sale by hand, closing it, flattening), or its coins left the account without an order of ours
 * (`outside`).
 */
export const EXIT_CAUSES = ['strategy', 'stop', 'take_profit', 'person', 'outside'] as const;
export type ExitCause = (typeof EXIT_CAUSES)[number];

export interface Fill {
  readonly fillId: FillId;
  readonly clientOrderId: ClientOrderId;
  readonly venueOrderId: VenueOrderId;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly side: OrderSide;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly fee: Amount;
  readonly feeAsset: AssetId;
  readonly liquidity: 'maker' | 'taker';
  readonly tsEventUs: TimestampUs;
}

/** What a venue reports of an order; the only way an outcome reaches the kernel. */
export type VenueOrderEvent =
  | {
      readonly kind: 'order-accepted';
      readonly clientOrderId: ClientOrderId;
      readonly venueOrderId: VenueOrderId;
      readonly tsEventUs: TimestampUs;
    }
  | {
      readonly kind: 'order-rejected';
      readonly clientOrderId: ClientOrderId;
      readonly code: string;
      readonly reason: string;
      readonly tsEventUs: TimestampUs;
    }
  /** The trigger of a contingent order was reached; it is a market or limit order from now on. */
  | { readonly kind: 'order-triggered'; readonly clientOrderId: ClientOrderId; readonly tsEventUs: TimestampUs }
  | { readonly kind: 'order-filled'; readonly fill: Fill; readonly tsEventUs: TimestampUs }
  | {
      readonly kind: 'order-canceled';
      readonly clientOrderId: ClientOrderId;
      readonly reason: string;
      readonly tsEventUs: TimestampUs;
    }
  | {
      readonly kind: 'order-expired';
      readonly clientOrderId: ClientOrderId;
      readonly reason: string;
      readonly tsEventUs: TimestampUs;
    }
  | {
      readonly kind: 'cancel-rejected';
      readonly clientOrderId: ClientOrderId;
      readonly code: string;
      readonly reason: string;
      readonly tsEventUs: TimestampUs;
    };

/** An order as the venue knows it, for reconciliation. */
export interface VenueOrder {
  readonly clientOrderId: ClientOrderId;
  readonly venueOrderId: VenueOrderId;
  readonly instrument: InstrumentId;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly status: OrderStatus;
  readonly quantity: Quantity;
  readonly filledQuantity: Quantity;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
}

export interface Balance {
  readonly asset: AssetId;
  readonly free: Amount;
  readonly locked: Amount;
}

/**
 * What moved money without an order of ours. `deposit`, `withdrawal`: from and to outside the account; `conversion`: small rests changed into another asset; `unexplained`: the venue told of the
 * movement and nothing that we can ask says why.
 */
export type TransferCause = 'deposit' | 'withdrawal' | 'conversion' | 'unexplained';

/** What happens on an account beyond the orders that we sent. */
export type VenueAccountEvent =
  /** The balances that changed, as they stand since. */
  | { readonly kind: 'balances'; readonly balances: readonly Balance[]; readonly tsEventUs: TimestampUs }
  /** `amount` is below zero for what left the account; `id` is the same whenever the same transfer is found again. */
  | {
      readonly kind: 'transfer';
      readonly id: string;
      readonly cause: TransferCause;
      readonly asset: AssetId;
      readonly amount: Amount;
      readonly tsEventUs: TimestampUs;
    }
  /** A trade of an order that is not ours: made by hand, or by another program. */
  | { readonly kind: 'foreign-fill'; readonly fill: ForeignFill; readonly tsEventUs: TimestampUs }
  /** Whether the venue's own reports reach us. While they don't, nothing is told until a comparison has found it. */
  | {
      readonly kind: 'reports';
      readonly state: 'live' | 'lost';
      readonly reason: string;
      readonly tsEventUs: TimestampUs;
    };

/** A fill without a strategy: no order of ours had it. */
export type ForeignFill = Omit<Fill, 'strategyId'>;

/** What an account pays on an instrument, parts per million of what a fill brings. */
export interface AccountFees {
  readonly makerPpm: number;
  readonly takerPpm: number;
  /** The asset in which fees are paid at a discount while there is some, and that discount; null: no such asset, or switched off. */
  readonly discount: { readonly asset: AssetId; readonly ppm: number } | null;
}

/** `ACTIVE` trades; `REDUCING` only makes positions smaller; `HALTED` sends nothing until a person resumes. */
export const TRADING_STATES = ['ACTIVE', 'REDUCING', 'HALTED'] as const;
export type TradingState = (typeof TRADING_STATES)[number];
