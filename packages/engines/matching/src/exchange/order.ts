import type { Amount, OrderSide, Price, Quantity, TimeInForce } from '@monsta/core';
import { toAmount, type Account, type Holding } from './account.ts';
import { hashOfName, NameIndex } from './name-index.ts';
import { extrasOf, NO_EXTRAS, type OrderExtras } from './order-extras.ts';
import {
  CREATED_US,
  LEVEL,
  NAME_HASH,
  ORDER_ID,
  ORDER_WORDS,
  SHOWN,
  UPDATED_US,
  WORKING_US,
  numbersOf,
  type OrderNumbers,
} from './order-records.ts';
import { NONE, Records } from './records.ts';
import type { SymbolRules } from './symbol-rules.ts';
import type {
  ExchangeOrderStatus,
  ExchangeOrderType,
  OrderListStatus,
  OrderTerms,
  SelfTradeMode,
} from './vocabulary.ts';
import { Wide } from './wide.ts';

/** Where an order is: `held` for the pending legs of a list, `waiting` for its trigger, `triggered` until its turn, `taking` while it matches, `resting` in the book. */
export type OrderPlace = 'held' | 'waiting' | 'triggered' | 'taking' | 'resting' | 'ended';

const NO_PRICE = 0 as Price;
const NO_QUANTITY = 0 as Quantity;
const NOTHING_SPENT: Readonly<Wide> = new Wide();

/**
 * An order at the exchange, in ticks and lots; 0 stands for a price, trigger or part that the type has not. It is made for ever: once the order has ended and the command is
 * done, the object becomes another order. So nothing may hold one beyond the command but what lets go of it at its end; what is told to the outside is a copy.
 */
export class Order {
  /** Where its record is. */
  readonly slot: number;
  readonly #records: Records;
  readonly #names: string[];
  trader: Trader;
  list: OrderList | null = null;
  place: OrderPlace = 'ended';
  status: ExchangeOrderStatus = 'NEW';
  isBuy = false;
  /** True while funds are locked in its name. */
  locks = false;
  quantity = NO_QUANTITY;
  executed = NO_QUANTITY;
  /** The price per lot at which a buy's funds are locked. */
  lockPrice = 0;
  price = NO_PRICE;
  /** Σ price × quantity of its trades, in units of the quote asset. Never changed, only replaced: copies share it. */
  spent = NOTHING_SPENT;
  extras: OrderExtras = NO_EXTRAS;
  type: ExchangeOrderType = 'LIMIT';
  timeInForce: TimeInForce = 'gtc';
  selfTradeMode: SelfTradeMode = 'NONE';

  constructor(slot: number, records: Records, names: string[], trader: Trader) {
    this.slot = slot;
    this.#records = records;
    this.#names = names;
    this.trader = trader;
  }

  /** Becomes a new order. `nameHash`: of the client's id. */
  begin(
    trader: Trader,
    clientOrderId: string,
    nameHash: number,
    terms: OrderTerms,
    mode: SelfTradeMode,
    timeUs: number,
  ): void {
    this.trader = trader;
    this.list = null;
    this.place = 'taking';
    this.status = 'NEW';
    this.isBuy = terms.side === 'buy';
    this.locks = false;
    this.quantity = terms.quantity ?? NO_QUANTITY;
    this.executed = NO_QUANTITY;
    this.lockPrice = 0;
    this.price = terms.price ?? NO_PRICE;
    this.#names[this.slot] = clientOrderId;
    this.spent = NOTHING_SPENT;
    this.extras = extrasOf(terms);
    this.type = terms.type;
    this.timeInForce = terms.timeInForce ?? 'gtc';
    this.selfTradeMode = mode;
    const { values, ints } = this.#records;
    const at = this.slot * ORDER_WORDS;
    values[at + ORDER_ID] = 0;
    values[at + CREATED_US] = timeUs;
    values[at + UPDATED_US] = timeUs;
    values[at + WORKING_US] = -1;
    values[at + SHOWN] = 0;
    ints[at * 2 + LEVEL] = NONE;
    ints[at * 2 + NAME_HASH] = nameHash;
  }

  /** Its id and times, for keeping. */
  numbers(): OrderNumbers {
    return numbersOf(this.#records, this.slot);
  }

  rename(clientOrderId: string): void {
    this.#names[this.slot] = clientOrderId;
    this.#records.ints[this.slot * ORDER_WORDS * 2 + NAME_HASH] = hashOfName(clientOrderId);
  }

  get clientOrderId(): string {
    return this.#names[this.slot] as string;
  }

  /** `hashOfName` of the client's id. */
  get nameHash(): number {
    return this.#records.ints[this.slot * ORDER_WORDS * 2 + NAME_HASH] as number;
  }

  /** True while it stands in a queue of the book. */
  get isQueued(): boolean {
    return this.#records.ints[this.slot * ORDER_WORDS * 2 + LEVEL] !== NONE;
  }

  /** What the book shows of it, in lots. */
  get shown(): number {
    return this.#records.values[this.slot * ORDER_WORDS + SHOWN] as number;
  }

  /** What may still be executed, in lots. */
  get remaining(): number {
    return this.quantity - this.executed - this.extras.prevented;
  }

  /** 0 until it enters. */
  get orderId(): number {
    return this.#records.values[this.slot * ORDER_WORDS + ORDER_ID] as number;
  }

  set orderId(value: number) {
    this.#records.values[this.slot * ORDER_WORDS + ORDER_ID] = value;
  }

  get createdUs(): number {
    return this.#records.values[this.slot * ORDER_WORDS + CREATED_US] as number;
  }

  get updatedUs(): number {
    return this.#records.values[this.slot * ORDER_WORDS + UPDATED_US] as number;
  }

  set updatedUs(value: number) {
    this.#records.values[this.slot * ORDER_WORDS + UPDATED_US] = value;
  }

  /** When it went to the book; -1 before. */
  get workingUs(): number {
    return this.#records.values[this.slot * ORDER_WORDS + WORKING_US] as number;
  }

  set workingUs(value: number) {
    this.#records.values[this.slot * ORDER_WORDS + WORKING_US] = value;
  }

  get side(): OrderSide {
    return this.isBuy ? 'buy' : 'sell';
  }

  /** Changes what most orders have not. */
  changeExtras(changes: Partial<OrderExtras>): void {
    this.extras = { ...this.extras, ...changes };
  }

  get icebergQuantity(): Quantity {
    return this.extras.icebergQuantity;
  }

  get prevented(): Quantity {
    return this.extras.prevented;
  }

  get lockFee(): number {
    return this.extras.lockFee;
  }

  get stopPrice(): Price {
    return this.extras.stopPrice;
  }

  get trailingDelta(): number {
    return this.extras.trailingDelta;
  }

  get orderListId(): number {
    return this.list === null ? -1 : this.list.orderListId;
  }

  /** Σ price × quantity of its trades, in the quote asset. */
  get cumulativeQuote(): Amount {
    return toAmount(this.spent, this.trader.quote.scale);
  }

  /** Books what a trade cost or brought, in units of the quote asset. */
  spend(value: Wide): void {
    this.spent = new Wide().copy(value).add(this.spent);
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
  readonly orders: NameIndex<Order>;
  readonly lists = new Map<string, OrderList>();
  openAlgoOrders = 0;
  openIcebergOrders = 0;
  /** Lots that its open buys may still bring. */
  openBuyQuantity = 0;

  constructor(account: Account, rules: SymbolRules, pool: OrderPool) {
    this.account = account;
    this.orders = new NameIndex(pool);
    this.rules = rules;
    this.base = account.holding(rules.base);
    this.quote = account.holding(rules.quote);
  }
}

/**
 * The orders of one symbol by their slots: a record of numbers each, and an object for what is no number, made once and then used again and again, so that the runtime has
 * nothing to collect. An order that has ended keeps its slot until the command is done; one of a list until the list is.
 */
export class OrderPool {
  readonly records = new Records(ORDER_WORDS);
  /** The names side by side: what the runtime notes of new texts in old objects it then notes in few places. */
  readonly #names: string[] = [];
  readonly #orders: Order[] = [];
  readonly #ended: Order[] = [];
  #endedCount = 0;

  /** A new order, not yet open. */
  create(
    trader: Trader,
    clientOrderId: string,
    nameHash: number,
    terms: OrderTerms,
    mode: SelfTradeMode,
    timeUs: number,
  ): Order {
    const slot = this.records.enter();
    if (slot === this.#orders.length) {
      this.#names.push('');
      this.#orders.push(new Order(slot, this.records, this.#names, trader));
    }
    const order = this.at(slot);
    order.begin(trader, clientOrderId, nameHash, terms, mode, timeUs);
    return order;
  }

  /** The order in a slot that is in use. */
  at(slot: number): Order {
    return this.#orders[slot] as Order;
  }

  /** Slots in use. */
  get size(): number {
    return this.records.size;
  }

  /** An order that nothing refers to any more once the command is done. */
  release(order: Order): void {
    this.#ended[this.#endedCount] = order;
    this.#endedCount += 1;
  }

  /** At the end of a command: takes the slots of the released orders back. */
  reclaim(): void {
    for (let index = 0; index < this.#endedCount; index += 1) this.records.leave((this.#ended[index] as Order).slot);
    this.#endedCount = 0;
  }
}
