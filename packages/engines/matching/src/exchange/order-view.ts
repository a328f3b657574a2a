import type { Amount, InstrumentId, OrderSide, Price, Quantity, TimeInForce } from '@monsta/core';
import type { ExchangeOrderStatus, ExchangeOrderType, SelfTradeMode } from './vocabulary.ts';

/** An order as the outside reads it: what Binance's order query tells, in ticks and lots; 0 stands for a price, trigger or part that the type has not. */
export interface OrderView {
  readonly symbol: InstrumentId;
  readonly orderId: number;
  /** -1 without a list. */
  readonly orderListId: number;
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: ExchangeOrderType;
  readonly timeInForce: TimeInForce;
  readonly status: ExchangeOrderStatus;
  readonly price: Price;
  readonly stopPrice: Price;
  readonly trailingDelta: number;
  readonly icebergQuantity: Quantity;
  readonly quantity: Quantity;
  readonly quoteOrderQuantity: Amount | null;
  readonly executed: Quantity;
  readonly prevented: Quantity;
  /** Σ price × quantity of its trades, in the quote asset. */
  readonly cumulativeQuote: Amount;
  readonly selfTradeMode: SelfTradeMode;
  readonly strategyId: number | null;
  readonly strategyType: number | null;
  readonly createdUs: number;
  readonly updatedUs: number;
  /** When it went to the book; -1 before. */
  readonly workingUs: number;
  /** Since when it follows the price; -1 where it does not. */
  readonly trailingUs: number;
  readonly isWorking: boolean;
  /** The last match that self-trade prevention stopped; -1 without one. */
  readonly preventedMatchId: number;
}

/** STOP_LOSS and TAKE_PROFIT with their limit forms: "algo" orders. */
export function isContingent(type: ExchangeOrderType): boolean {
  return type !== 'LIMIT' && type !== 'MARKET' && type !== 'LIMIT_MAKER';
}

/** True for orders without a limit price: MARKET, and the stops that become one. */
export function isMarketLike(type: ExchangeOrderType): boolean {
  return type === 'MARKET' || type === 'STOP_LOSS' || type === 'TAKE_PROFIT';
}

/** True where the trigger lies above the market: a buy's stop loss, a sell's take profit. */
export function triggersAbove(type: ExchangeOrderType, isBuy: boolean): boolean {
  return (type === 'STOP_LOSS' || type === 'STOP_LOSS_LIMIT') === isBuy;
}
