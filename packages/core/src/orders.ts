import type { AssetId, ClientOrderId, FillId, InstrumentId, StrategyId, VenueOrderId } from './ids.ts';
import type { Price, Quantity } from './instrument.ts';
import type { Amount } from './money.ts';
import type { TimestampUs } from './time.ts';

export type OrderSide = 'buy' | 'sell';
export type OrderType = 'market' | 'limit';
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

const FINAL: ReadonlySet<OrderStatus> = new Set(['filled', 'canceled', 'expired', 'rejected', 'denied']);

/** True when nothing can happen to the order any more. */
export const isFinal = (status: OrderStatus): boolean => FINAL.has(status);

/** What we want of a venue. `limitPrice` is null for market orders. */
export interface OrderRequest {
  readonly clientOrderId: ClientOrderId;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Quantity;
  readonly limitPrice: Price | null;
  /** True when the order only makes a position smaller. */
  readonly reduceOnly: boolean;
  readonly createdUs: TimestampUs;
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
  readonly status: OrderStatus;
  readonly quantity: Quantity;
  readonly filledQuantity: Quantity;
  readonly limitPrice: Price | null;
}

export interface Balance {
  readonly asset: AssetId;
  readonly free: Amount;
  readonly locked: Amount;
}

/** `ACTIVE` trades; `REDUCING` only makes positions smaller; `HALTED` sends nothing until a person resumes. */
export const TRADING_STATES = ['ACTIVE', 'REDUCING', 'HALTED'] as const;
export type TradingState = (typeof TRADING_STATES)[number];
