import type { Amount, InstrumentId, OrderSide, Price, Quantity, TimeInForce } from '@monsta/core';
import { toAmount, type Account, type Holding } from './account.ts';
import { NameIndex } from './name-index.ts';
import type { OrderView } from './order-view.ts';
import type { SymbolRules } from './symbol-rules.ts';
import type {
  ExchangeOrderStatus,
  ExchangeOrderType,
  OrderListStatus,
  OrderTerms,
  SelfTradeMode,
} from './vocabulary.ts';
import { Wide } from './wide.ts';

const NOTHING_SPENT = new Wide();

/** All orders at one price, oldest first. */
export class Level {
  readonly key: number;
  readonly price: number;
  /** What is shown, in lots. */
  quantity = 0;
  first: Order | null = null;
  last: Order | null = null;
  better: Level | null = null;
  worse: Level | null = null;
  /** True once the change waits to be published. */
  dirty = false;

  constructor(key: number, price: number) {
    this.key = key;
    this.price = price;
  }
}

/** Where an order is: `held` for the pending legs of a list, `waiting` for its trigger, `triggered` until its turn, `taking` while it matches, `resting` in the book. */
export type OrderPlace = 'held' | 'waiting' | 'triggered' | 'taking' | 'resting' | 'ended';

/** What most orders have not, kept apart so that millions of them stay small. */
export interface OrderExtras {
  readonly stopPrice: Price;
  readonly trailingDelta: number;
  readonly quoteOrderQuantity: Amount | null;
  readonly strategyId: number | null;
  readonly strategyType: number | null;
  /** The best price since a trailing order began to follow; 0 before. */
  followed: number;
  trailingUs: number;
  preventedMatchId: number;
  amendments: number;
}

const NO_PRICE = 0 as Price;
const NO_QUANTITY = 0 as Quantity;

const NO_EXTRAS: OrderExtras = Object.freeze({
  stopPrice: NO_PRICE,
  trailingDelta: 0,
  quoteOrderQuantity: null,
  strategyId: null,
  strategyType: null,
  followed: 0,
  trailingUs: -1,
  preventedMatchId: -1,
  amendments: 0,
});

function extrasOf(terms: OrderTerms): OrderExtras {
  const { stopPrice, trailingDelta, quoteOrderQuantity, strategyId, strategyType } = terms;
  if (
    stopPrice === null &&
    trailingDelta === null &&
    quoteOrderQuantity === null &&
    strategyId === null &&
    strategyType === null
  ) {
    return NO_EXTRAS;
  }
  return {
    ...NO_EXTRAS,
    stopPrice: stopPrice ?? NO_PRICE,
    trailingDelta: trailingDelta ?? 0,
    quoteOrderQuantity,
    strategyId,
    strategyType,
  };
}

/**
 * An order at the exchange. Numbers are ticks and lots; 0 stands for a price, trigger or part that the type has not. Mutable, and linked into the book by its own fields,
 * because millions a second pass here; outside it is read through `OrderView`.
 */
export class Order implements OrderView {
  // What a cancel reads comes first, so that it lies together in memory.
  next: Order | null = null;
  previous: Order | null = null;
  level: Level | null = null;
  readonly trader: Trader;
  list: OrderList | null = null;
  place: OrderPlace = 'taking';
  status: ExchangeOrderStatus = 'NEW';
  readonly isBuy: boolean;
  /** True while funds are locked in its name. */
  locks = false;
  /** 0 until it enters. */
  orderId = 0;
  nameHash = 0;
  quantity: Quantity;
  executed = NO_QUANTITY;
  prevented = NO_QUANTITY;
  /** What the book shows of it. */
  shown = 0;
  /** The price per lot at which a buy's funds are locked. */
  lockPrice = 0;
  /** What a buy locks for the fee of one lot, in units of the quote asset; 0 where fees come from what is bought. */
  lockFee = 0;
  readonly price: Price;
  readonly icebergQuantity: Quantity;
  readonly type: ExchangeOrderType;
  clientOrderId: string;
  /** Σ price × quantity of its trades, in units of the quote asset; shared by all orders before the first. */
  spent = NOTHING_SPENT;
  #extras: OrderExtras;
  readonly timeInForce: TimeInForce;
  readonly selfTradeMode: SelfTradeMode;
  readonly createdUs: number;
  updatedUs: number;
  /** When it went to the book; -1 before. */
  workingUs = -1;

  constructor(trader: Trader, clientOrderId: string, terms: OrderTerms, selfTradeMode: SelfTradeMode, timeUs: number) {
    this.trader = trader;
    this.clientOrderId = clientOrderId;
    this.isBuy = terms.side === 'buy';
    this.type = terms.type;
    this.timeInForce = terms.timeInForce ?? 'gtc';
    this.price = terms.price ?? NO_PRICE;
    this.icebergQuantity = terms.icebergQuantity ?? NO_QUANTITY;
    this.selfTradeMode = selfTradeMode;
    this.createdUs = timeUs;
    this.#extras = extrasOf(terms);
    this.quantity = terms.quantity ?? NO_QUANTITY;
    this.updatedUs = timeUs;
  }

  /** What may still be executed, in lots. */
  get remaining(): number {
    return this.quantity - this.executed - this.prevented;
  }

  get side(): OrderSide {
    return this.isBuy ? 'buy' : 'sell';
  }

  /** To be read; what is to be changed is got from `ownExtras`. */
  get extras(): Readonly<OrderExtras> {
    return this.#extras;
  }

  ownExtras(): OrderExtras {
    if (this.#extras === NO_EXTRAS) this.#extras = { ...NO_EXTRAS };
    return this.#extras;
  }

  get stopPrice(): Price {
    return this.#extras.stopPrice;
  }

  get trailingDelta(): number {
    return this.#extras.trailingDelta;
  }

  get quoteOrderQuantity(): Amount | null {
    return this.#extras.quoteOrderQuantity;
  }

  get strategyId(): number | null {
    return this.#extras.strategyId;
  }

  get strategyType(): number | null {
    return this.#extras.strategyType;
  }

  get trailingUs(): number {
    return this.#extras.trailingUs;
  }

  get preventedMatchId(): number {
    return this.#extras.preventedMatchId;
  }

  get symbol(): InstrumentId {
    return this.trader.rules.symbol;
  }

  get orderListId(): number {
    return this.list === null ? -1 : this.list.orderListId;
  }

  get cumulativeQuote(): Amount {
    return toAmount(this.spent, this.trader.quote.scale);
  }

  /** Books what a trade cost or brought. */
  spend(value: Wide): void {
    if (this.spent === NOTHING_SPENT) this.spent = new Wide();
    this.spent.add(value);
  }

  get isWorking(): boolean {
    return this.place === 'resting';
  }
}

/**
 * A list of orders that depend on each other. `working` is null for an OCO. `pending` are the legs that one order's filling brings to life, then the pair of which one
 * cancels the other.
 */
export class OrderList {
  readonly trader: Trader;
  readonly orderListId: number;
  readonly listClientOrderId: string;
  readonly kind: 'OCO' | 'OTO' | 'OTOCO';
  readonly working: Order | null;
  readonly legs: readonly Order[];
  /** True while the legs of a pair are live and none has been executed or triggered. */
  paired = false;
  ended = false;

  constructor(
    trader: Trader,
    orderListId: number,
    listClientOrderId: string,
    kind: 'OCO' | 'OTO' | 'OTOCO',
    working: Order | null,
    legs: readonly Order[],
  ) {
    this.trader = trader;
    this.orderListId = orderListId;
    this.listClientOrderId = listClientOrderId;
    this.kind = kind;
    this.working = working;
    this.legs = legs;
  }

  get orders(): readonly Order[] {
    return this.working === null ? this.legs : [this.working, ...this.legs];
  }

  /** The other leg of the pair that `order` is in; null where it is no leg of a live pair. */
  sibling(order: Order): Order | null {
    if (!this.paired || order === this.working) return null;
    const [first, second] = this.legs;
    return (order === first ? second : first) ?? null;
  }

  /** The leg that must keep the same quantity as `order`: the other one of a pair, live or still pending; null where there is none. */
  twin(order: Order): Order | null {
    if (order.place !== 'held') return this.sibling(order);
    const [first, second] = this.legs;
    return (order === first ? second : first) ?? null;
  }

  status(listStatusType: OrderListStatus['listStatusType'], timeUs: number): OrderListStatus {
    return {
      account: this.trader.account.id,
      symbol: this.trader.rules.symbol,
      orderListId: this.orderListId,
      listClientOrderId: this.listClientOrderId,
      contingencyType: this.kind === 'OCO' ? 'OCO' : 'OTO',
      listStatusType,
      listOrderStatus: listStatusType === 'ALL_DONE' ? 'ALL_DONE' : 'EXECUTING',
      orders: this.orders.map(({ orderId, clientOrderId }) => ({ orderId, clientOrderId })),
      timeUs,
    };
  }
}

/** An account on one symbol: its open orders there, counted for the filters. */
export class Trader {
  readonly account: Account;
  readonly rules: SymbolRules;
  readonly base: Holding;
  readonly quote: Holding;
  readonly orders = new NameIndex<Order>();
  readonly lists = new Map<string, OrderList>();
  openAlgoOrders = 0;
  openIcebergOrders = 0;
  /** Lots that its open buys may still bring. */
  openBuyQuantity = 0;

  constructor(account: Account, rules: SymbolRules) {
    this.account = account;
    this.rules = rules;
    this.base = account.holding(rules.base);
    this.quote = account.holding(rules.quote);
  }
}
