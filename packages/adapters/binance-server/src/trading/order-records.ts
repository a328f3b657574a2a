import type { Amount, AssetId, InstrumentId, Price, Quantity } from '@monsta/core';
import type { ExecutionReport, ExpiryReason, OrderView, SelfTradeMode } from '@monsta/matching';

/** An order as it stood at one moment. */
export interface OrderRecord extends OrderView {
  /** Why it expired; left out, or null, where it did not. */
  readonly expiryReason?: ExpiryReason | null;
}

/** A trade of an account. */
export interface TradeRecord {
  readonly symbol: InstrumentId;
  readonly tradeId: number;
  readonly orderId: number;
  readonly orderListId: number;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly quote: Amount;
  readonly commission: Amount;
  readonly commissionAsset: AssetId;
  readonly timeUs: number;
  readonly isBuyer: boolean;
  readonly isMaker: boolean;
}

/** A match of an account's orders that self-trade prevention stopped. */
export interface PreventedMatchRecord {
  readonly symbol: InstrumentId;
  readonly preventedMatchId: number;
  readonly takerOrderId: number;
  readonly makerOrderId: number;
  readonly tradeGroupId: number | null;
  readonly mode: SelfTradeMode;
  readonly price: Price;
  /** What each of the orders lost by it; null where it lost nothing, or is another account's. */
  readonly makerPrevented: Quantity | null;
  readonly takerPrevented: Quantity | null;
  readonly timeUs: number;
}

/** One lowering of an order's quantity. */
export interface AmendmentRecord {
  readonly symbol: InstrumentId;
  readonly orderId: number;
  readonly executionId: number;
  readonly origClientOrderId: string;
  readonly newClientOrderId: string;
  readonly origQuantity: Quantity;
  readonly newQuantity: Quantity;
  readonly timeUs: number;
}

/** The order as a report tells of it. `preventedMatchId`: its last prevented match before the report; -1 without one. */
export function recordOf(report: ExecutionReport, preventedMatchId: number): OrderRecord {
  // A cancel carries its own id; the order keeps the one that it had.
  const canceled = report.executionType === 'CANCELED' && report.originalClientOrderId !== '';
  return {
    symbol: report.symbol,
    orderId: report.orderId,
    orderListId: report.orderListId,
    clientOrderId: canceled ? report.originalClientOrderId : report.clientOrderId,
    side: report.side,
    type: report.type,
    timeInForce: report.timeInForce,
    status: report.status,
    price: report.price,
    stopPrice: report.stopPrice,
    trailingDelta: report.trailingDelta,
    icebergQuantity: report.icebergQuantity,
    quantity: report.quantity,
    quoteOrderQuantity: report.quoteOrderQuantity,
    executed: report.cumulativeQuantity,
    prevented: report.preventedQuantity,
    cumulativeQuote: report.cumulativeQuote,
    selfTradeMode: report.selfTradeMode,
    strategyId: report.strategyId,
    strategyType: report.strategyType,
    createdUs: report.createdUs,
    updatedUs: report.timeUs,
    workingUs: report.workingUs,
    trailingUs: report.trailingUs,
    isWorking: report.isWorking,
    preventedMatchId: report.prevention?.preventedMatchId ?? preventedMatchId,
    expiryReason: report.expiryReason,
  };
}

/** The trade that a report tells of; null where nothing was traded. */
export function tradeOf(report: ExecutionReport): TradeRecord | null {
  const { execution } = report;
  if (execution === null) return null;
  return {
    symbol: report.symbol,
    tradeId: execution.tradeId,
    orderId: report.orderId,
    orderListId: report.orderListId,
    price: execution.price,
    quantity: execution.quantity,
    quote: report.lastQuote,
    commission: execution.commission,
    commissionAsset: execution.commissionAsset,
    timeUs: report.timeUs,
    isBuyer: report.side === 'buy',
    isMaker: execution.isMaker,
  };
}
