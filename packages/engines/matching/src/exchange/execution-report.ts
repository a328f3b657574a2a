import { notional } from '@monsta/core';
import type { AccountId, Amount, AssetId, InstrumentId, OrderSide, Price, Quantity, TimeInForce } from '@monsta/core';
import { toAmount, type Holding } from './account.ts';
import type { Order, Trader } from './order.ts';
import type { OrderExtras } from './order-extras.ts';
import { CREATED_US, ORDER_ID, UPDATED_US, WORKING_US, type OrderNumbers } from './order-records.ts';
import { isMarketLike, type OrderView } from './order-view.ts';
import type {
  ExchangeOrderStatus,
  ExchangeOrderType,
  ExecutionType,
  ExpiryReason,
  RejectReason,
  SelfTradeMode,
} from './vocabulary.ts';
import { Wide } from './wide.ts';

/** What one trade did to one of its two orders. */
export class Execution {
  readonly price: Price;
  readonly quantity: Quantity;
  readonly tradeId: number;
  readonly isMaker: boolean;
  readonly commissionAsset: AssetId;
  readonly #feeHigh: number;
  readonly #feeLow: number;
  readonly #feeScale: number;

  /** `fee` in units of what `paidFrom` holds. */
  constructor(price: Price, quantity: Quantity, tradeId: number, isMaker: boolean, fee: Wide, paidFrom: Holding) {
    this.price = price;
    this.quantity = quantity;
    this.tradeId = tradeId;
    this.isMaker = isMaker;
    this.commissionAsset = paidFrom.asset;
    this.#feeHigh = fee.high;
    this.#feeLow = fee.low;
    this.#feeScale = paidFrom.scale;
  }

  get commission(): Amount {
    const fee = new Wide();
    fee.high = this.#feeHigh;
    fee.low = this.#feeLow;
    return toAmount(fee, this.#feeScale);
  }
}

/** A match that self-trade prevention stopped. */
export interface Prevention {
  readonly preventedMatchId: number;
  /** What this order lost by it. */
  readonly lastPreventedQuantity: Quantity;
  /** What would have been traded, and at what price. */
  readonly executionQuantity: Quantity;
  readonly executionPrice: Price;
  readonly counterOrderId: number;
  readonly tradeGroupId: number | null;
  /** True where this order lay in the book and the counter order came to take it. */
  readonly isMaker: boolean;
  /** The taker's mode: it decided what both lose. */
  readonly mode: SelfTradeMode;
}

/** What a report says beyond the order's own state. */
export interface ReportCause {
  readonly execution: Execution | null;
  readonly prevention: Prevention | null;
  readonly reason: RejectReason;
  /** The id that was canceled or amended; empty otherwise. */
  readonly originalClientOrderId: string;
  /** The id of the report itself where it is the cancel's, not the order's; null otherwise. */
  readonly clientOrderId: string | null;
}

export const NO_CAUSE: ReportCause = {
  execution: null,
  prevention: null,
  reason: 'NONE',
  originalClientOrderId: '',
  clientOrderId: null,
};

/**
 * Binance's `executionReport` in ticks and lots, with the order as it stood at that moment; it never changes, and amounts of money are computed when they are read. The letters
 * are those of the wire.
 */
export class ExecutionReport implements OrderView {
  /** c */
  readonly clientOrderId: string;
  /** C */
  readonly originalClientOrderId: string;
  /** x */
  readonly executionType: ExecutionType;
  /** X */
  readonly status: ExchangeOrderStatus;
  /** r */
  readonly rejectReason: RejectReason;
  /** q */
  readonly quantity: Quantity;
  /** z */
  readonly executed: Quantity;
  /** p */
  readonly price: Price;
  /** I */
  readonly executionId: number;
  /** g; -1 without a list */
  readonly orderListId: number;
  /** w */
  readonly isWorking: boolean;
  /** o */
  readonly type: ExchangeOrderType;
  /** f */
  readonly timeInForce: TimeInForce;
  /** V */
  readonly selfTradeMode: SelfTradeMode;
  /** eR; null unless the order expired. */
  readonly expiryReason: ExpiryReason | null;
  /** l, L, n, N, t, m; null where nothing was traded */
  readonly execution: Execution | null;
  /** v, B, u, U, pl, pL; null where no match was prevented */
  readonly prevention: Prevention | null;
  readonly #isBuy: boolean;
  readonly #trader: Trader;
  readonly #extras: OrderExtras;
  readonly #spent: Readonly<Wide>;
  readonly #numbers: OrderNumbers;

  constructor(order: Order, executionType: ExecutionType, executionId: number, cause: ReportCause) {
    this.clientOrderId = cause.clientOrderId ?? order.clientOrderId;
    this.originalClientOrderId = cause.originalClientOrderId;
    this.executionType = executionType;
    this.status = order.status;
    this.rejectReason = cause.reason;
    this.quantity = order.quantity;
    this.executed = order.executed;
    this.price = order.price;
    this.executionId = executionId;
    this.orderListId = order.orderListId;
    this.isWorking = order.place === 'resting' || (order.place === 'taking' && executionType === 'NEW');
    this.type = order.type;
    this.timeInForce = order.timeInForce;
    this.selfTradeMode = order.selfTradeMode;
    this.expiryReason = executionType === 'EXPIRED' ? expiryReasonOf(order, cause.reason) : null;
    this.execution = cause.execution;
    this.prevention = cause.prevention;
    this.#isBuy = order.isBuy;
    this.#trader = order.trader;
    this.#extras = order.extras;
    this.#spent = order.spent;
    this.#numbers = order.numbers();
  }

  get account(): AccountId {
    return this.#trader.account.id;
  }

  /** s */
  get symbol(): InstrumentId {
    return this.#trader.rules.symbol;
  }

  /** S */
  get side(): OrderSide {
    return this.#isBuy ? 'buy' : 'sell';
  }

  /** i */
  get orderId(): number {
    return this.#numbers[ORDER_ID] as number;
  }

  /** O */
  get createdUs(): number {
    return this.#numbers[CREATED_US] as number;
  }

  get updatedUs(): number {
    return this.#numbers[UPDATED_US] as number;
  }

  /** T, E */
  get timeUs(): number {
    return this.updatedUs;
  }

  /** W; -1 where it never went to the book */
  get workingUs(): number {
    return this.#numbers[WORKING_US] as number;
  }

  /** z */
  get cumulativeQuantity(): Quantity {
    return this.executed;
  }

  get prevented(): Quantity {
    return this.#extras.prevented;
  }

  /** A */
  get preventedQuantity(): Quantity {
    return this.prevented;
  }

  get preventedMatchId(): number {
    return this.#extras.preventedMatchId;
  }

  /** P */
  get stopPrice(): Price {
    return this.#extras.stopPrice;
  }

  /** d */
  get trailingDelta(): number {
    return this.#extras.trailingDelta;
  }

  /** D; -1 where it follows no price */
  get trailingUs(): number {
    return this.#extras.trailingUs;
  }

  /** F */
  get icebergQuantity(): Quantity {
    return this.#extras.icebergQuantity;
  }

  /** Q */
  get quoteOrderQuantity(): Amount | null {
    return this.#extras.quoteOrderQuantity;
  }

  /** j */
  get strategyId(): number | null {
    return this.#extras.strategyId;
  }

  /** J */
  get strategyType(): number | null {
    return this.#extras.strategyType;
  }

  /** Z: Σ price × quantity of the order's trades until then, in the quote asset. */
  get cumulativeQuote(): Amount {
    return toAmount(this.#spent, this.#trader.quote.scale);
  }

  /** Y: price × quantity of this trade, in the quote asset; 0 where nothing was traded. */
  get lastQuote(): Amount {
    if (this.execution === null) return 0n as Amount;
    return notional(this.execution.price, this.execution.quantity, this.#trader.rules);
  }

  /** pY: price × quantity of the prevented match, in the quote asset; 0 where none was prevented. */
  get preventedQuote(): Amount {
    if (this.prevention === null) return 0n as Amount;
    const { executionPrice, executionQuantity } = this.prevention;
    return notional(executionPrice, executionQuantity, this.#trader.rules);
  }
}

function expiryReasonOf(order: Order, reason: RejectReason): ExpiryReason {
  if (reason !== 'NONE') return 'REJECTED';
  if (order.workingUs >= 0) {
    if (isMarketLike(order.type)) return 'INSUFFICIENT_LIQUIDITY';
    if (order.timeInForce === 'ioc') return 'UNFILLED_IOC_QUANTITY_EXPIRED';
    if (order.timeInForce === 'fok') return 'UNFILLED_FOK_ORDER_EXPIRED';
  }
  // Only the rest of a list can take such an order with it.
  const working = order.list?.working ?? null;
  return working === null || working.status === 'FILLED' ? 'OCO_TRIGGER' : 'OTO_PHASE_ONE_EXPIRED';
}
