import { notional } from '@monsta/core';
import type { AccountId, Amount, AssetId, InstrumentId, OrderSide, Price, Quantity, TimeInForce } from '@monsta/core';
import { toAmount, type Holding } from './account.ts';
import type { Order } from './order.ts';
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
 * Binance's `executionReport` in ticks and lots, as the order stood at that moment; it never changes. What no event can change is read from the order, and amounts of money are
 * computed when they are read. The letters are those of the wire.
 */
export class ExecutionReport {
  /** c */
  readonly clientOrderId: string;
  /** q */
  readonly quantity: Quantity;
  /** C */
  readonly originalClientOrderId: string;
  /** x */
  readonly executionType: ExecutionType;
  /** X */
  readonly status: ExchangeOrderStatus;
  /** r */
  readonly rejectReason: RejectReason;
  /** z */
  readonly cumulativeQuantity: Quantity;
  /** A */
  readonly preventedQuantity: Quantity;
  /** T, E */
  readonly timeUs: number;
  /** I */
  readonly executionId: number;
  /** w */
  readonly isWorking: boolean;
  /** W; -1 where it never went to the book */
  readonly workingUs: number;
  /** D; -1 where it follows no price */
  readonly trailingUs: number;
  /** l, L, n, N, t, m; null where nothing was traded */
  readonly execution: Execution | null;
  /** v, B, u, U, pl, pL; null where no match was prevented */
  readonly prevention: Prevention | null;
  readonly #order: Order;
  readonly #spentHigh: number;
  readonly #spentLow: number;

  constructor(order: Order, executionType: ExecutionType, executionId: number, timeUs: number, cause: ReportCause) {
    this.#order = order;
    this.clientOrderId = cause.clientOrderId ?? order.clientOrderId;
    this.quantity = order.quantity;
    this.originalClientOrderId = cause.originalClientOrderId;
    this.executionType = executionType;
    this.status = order.status;
    this.rejectReason = cause.reason;
    this.cumulativeQuantity = order.executed;
    this.preventedQuantity = order.prevented;
    this.timeUs = timeUs;
    this.executionId = executionId;
    this.isWorking = order.place === 'resting' || (order.place === 'taking' && executionType === 'NEW');
    this.workingUs = order.workingUs;
    this.trailingUs = order.trailingUs;
    this.execution = cause.execution;
    this.prevention = cause.prevention;
    this.#spentHigh = order.spent.high;
    this.#spentLow = order.spent.low;
  }

  get account(): AccountId {
    return this.#order.trader.account.id;
  }

  /** s */
  get symbol(): InstrumentId {
    return this.#order.symbol;
  }

  /** i */
  get orderId(): number {
    return this.#order.orderId;
  }

  /** S */
  get side(): OrderSide {
    return this.#order.side;
  }

  /** o */
  get type(): ExchangeOrderType {
    return this.#order.type;
  }

  /** f */
  get timeInForce(): TimeInForce {
    return this.#order.timeInForce;
  }

  /** p */
  get price(): Price {
    return this.#order.price;
  }

  /** P */
  get stopPrice(): Price {
    return this.#order.stopPrice;
  }

  /** d */
  get trailingDelta(): number {
    return this.#order.trailingDelta;
  }

  /** F */
  get icebergQuantity(): Quantity {
    return this.#order.icebergQuantity;
  }

  /** g; -1 without a list */
  get orderListId(): number {
    return this.#order.orderListId;
  }

  /** O */
  get createdUs(): number {
    return this.#order.createdUs;
  }

  /** Q */
  get quoteOrderQuantity(): Amount | null {
    return this.#order.quoteOrderQuantity;
  }

  /** V */
  get selfTradeMode(): SelfTradeMode {
    return this.#order.selfTradeMode;
  }

  /** j */
  get strategyId(): number | null {
    return this.#order.strategyId;
  }

  /** J */
  get strategyType(): number | null {
    return this.#order.strategyType;
  }

  /** eR; null unless the order expired. */
  get expiryReason(): ExpiryReason | null {
    if (this.status !== 'EXPIRED' || this.executionType !== 'EXPIRED') return null;
    if (this.rejectReason !== 'NONE') return 'REJECTED';
    if (this.workingUs >= 0) {
      if (isMarketLike(this.type)) return 'INSUFFICIENT_LIQUIDITY';
      if (this.timeInForce === 'ioc') return 'UNFILLED_IOC_QUANTITY_EXPIRED';
      if (this.timeInForce === 'fok') return 'UNFILLED_FOK_ORDER_EXPIRED';
    }
    // Only the rest of a list can take such an order with it.
    const working = this.#order.list?.working ?? null;
    return working === null || working.status === 'FILLED' ? 'OCO_TRIGGER' : 'OTO_PHASE_ONE_EXPIRED';
  }

  /** Z: Σ price × quantity of the order's trades until then, in the quote asset. */
  get cumulativeQuote(): Amount {
    const spent = new Wide();
    spent.high = this.#spentHigh;
    spent.low = this.#spentLow;
    return toAmount(spent, this.#order.trader.quote.scale);
  }

  /** Y: price × quantity of this trade, in the quote asset; 0 where nothing was traded. */
  get lastQuote(): Amount {
    if (this.execution === null) return 0n as Amount;
    return notional(this.execution.price, this.execution.quantity, this.#order.trader.rules);
  }

  /** pY: price × quantity of the prevented match, in the quote asset; 0 where none was prevented. */
  get preventedQuote(): Amount {
    if (this.prevention === null) return 0n as Amount;
    const { executionPrice, executionQuantity } = this.prevention;
    return notional(executionPrice, executionQuantity, this.#order.trader.rules);
  }
}

/** The order as it stands now, for keeping: a copy that no longer changes. */
export function viewOf(order: OrderView): OrderView {
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId,
    clientOrderId: order.clientOrderId,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    status: order.status,
    price: order.price,
    stopPrice: order.stopPrice,
    trailingDelta: order.trailingDelta,
    icebergQuantity: order.icebergQuantity,
    quantity: order.quantity,
    quoteOrderQuantity: order.quoteOrderQuantity,
    executed: order.executed,
    prevented: order.prevented,
    cumulativeQuote: order.cumulativeQuote,
    selfTradeMode: order.selfTradeMode,
    strategyId: order.strategyId,
    strategyType: order.strategyType,
    createdUs: order.createdUs,
    updatedUs: order.updatedUs,
    workingUs: order.workingUs,
    trailingUs: order.trailingUs,
    isWorking: order.isWorking,
    preventedMatchId: order.preventedMatchId,
  };
}
