import { invariant, sameSteps } from '@monsta/core';
import type { AssetId, InstrumentId, Price, Quantity } from '@monsta/core';
import type { Account } from './account.ts';
import { AveragePrice } from './average-price.ts';
import type { ExchangeContext } from './exchange-context.ts';
import type { ExternalLiquidity } from './external-liquidity.ts';
import { noteSetAside, releaseSetAside, setAsideFor } from './commission.ts';
import { PPM } from './fees.ts';
import { ExecutionReport, NO_CAUSE, type ReportCause } from './execution-report.ts';
import { GeneratedNames } from './generated-names.ts';
import { LimitBook } from './limit-book.ts';
import { OrderPool, Trader, type Order, type OrderList } from './order.ts';
import { isContingent, isMarketLike } from './order-view.ts';
import { OrderIndex } from './order-index.ts';
import { OrderFilters, referencePrice, type ReferencePrice } from './order-filters.ts';
import { conversionOf, type Conversion, type ExchangeRules, type SymbolRules } from './symbol-rules.ts';
import { TriggerBook } from './trigger-book.ts';
import type { BestBidAsk, ExchangeOrderStatus, ExecutionType } from './vocabulary.ts';
import { Wide } from './wide.ts';

/** The last number given of each kind on a symbol; the next is one more. */
export interface SymbolCounters {
  orderId: number;
  tradeId: number;
  /** Of the book's changes. */
  updateId: number;
  preventedMatchId: number;
  /** Of the names given to requests that named none. */
  generatedId: number;
}

/**
 * The state of one symbol, and the small steps of which commands are made: opening and ending an order, locking its funds, reporting. What commands do is in `matching.ts`,
 * `starting.ts`, `placing.ts` and `changing.ts`.
 */
export class SymbolMarket {
  rules: SymbolRules;
  /** Begins as the rules say. */
  status: SymbolRules['status'];
  readonly conversion: Conversion;
  filters: OrderFilters;
  readonly context: ExchangeContext;
  readonly book: LimitBook;
  readonly triggers = new TriggerBook();
  readonly averages: readonly AveragePrice[];
  readonly pool = new OrderPool();
  readonly orders = new OrderIndex(this.pool);
  readonly lists = new Map<number, OrderList>();
  /** Orders whose trigger came and lists whose working order was filled, waiting for their turn. */
  readonly due: (Order | OrderList)[] = [];
  readonly reference: ReferencePrice;
  /** What is locked for the market order that is taking: it pays from here. */
  readonly reserve = new Wide();
  lastPrice = 0;
  nowUs = 0;
  /** What a taker finds beside the book; null on an exchange whose book is the whole market. */
  external: ExternalLiquidity | null = null;
  readonly counters: Omit<SymbolCounters, 'updateId'>;
  readonly #amount = new Wide();
  readonly #fee = new Wide();
  readonly #traders = new Map<Account, Trader>();
  #lastTrader: Trader | null = null;
  readonly #names: GeneratedNames;
  #placed: Order | null = null;
  #lastReport: ExecutionReport | null = null;
  #bestUpdateId = 0;
  #best: BestBidAsk;

  constructor(
    rules: SymbolRules,
    exchangeRules: ExchangeRules,
    scales: ReadonlyMap<AssetId, number>,
    context: ExchangeContext,
    openingPrice: Price | null,
    publishesDepth: boolean,
    counters: Partial<Readonly<SymbolCounters>> = {},
  ) {
    this.rules = rules;
    this.status = rules.status;
    this.#names = new GeneratedNames(rules.symbol);
    const { updateId = 0, ...others } = counters;
    this.counters = { orderId: 0, tradeId: 0, preventedMatchId: -1, generatedId: 0, ...others };
    this.conversion = conversionOf(rules, scales);
    this.filters = new OrderFilters(rules, exchangeRules, this.conversion);
    this.context = context;
    this.book = new LimitBook(this.pool, publishesDepth, updateId);
    const minutes = [rules.percentPrice?.averageMinutes ?? 0, ...rules.notional.map((range) => range.averageMinutes)];
    this.averages = [...new Set(minutes)].filter((count) => count > 0).map((count) => new AveragePrice(count));
    this.reference = (count) => referencePrice(this.averages, count, this.lastPrice, this.nowUs);
    this.lastPrice = openingPrice ?? 0;
    this.#bestUpdateId = updateId;
    this.#best = this.best();
  }

  get symbol(): InstrumentId {
    return this.rules.symbol;
  }

  /** Judges orders by other limits from now on; the steps stay, and open orders too. */
  use(rules: SymbolRules, exchangeRules: ExchangeRules): void {
    invariant(sameSteps(this.rules, rules), 'what is in a book is counted in the steps of its symbol');
    this.rules = rules;
    this.filters = new OrderFilters(rules, exchangeRules, this.conversion);
    this.status = rules.status;
  }

  trader(account: Account): Trader {
    // Mostly the one that came last comes again.
    if (this.#lastTrader?.account === account) return this.#lastTrader;
    let trader = this.#traders.get(account);
    if (trader === undefined) {
      trader = new Trader(account, this.rules, this.pool);
      this.#traders.set(account, trader);
      account.margin?.join({ market: this, trader });
    }
    this.#lastTrader = trader;
    return trader;
  }

  nextOrderId(): number {
    return (this.counters.orderId += 1);
  }

  nextTradeId(): number {
    return (this.counters.tradeId += 1);
  }

  nextPreventedMatchId(): number {
    return (this.counters.preventedMatchId += 1);
  }

  /** An id for a request that named none; none that the trader uses. */
  generateId(trader: Trader): string {
    let id: string;
    do {
      this.counters.generatedId += 1;
      id = this.#names.at(this.counters.generatedId);
    } while (trader.orders.has(id) || trader.lists.has(id));
    return id;
  }

  /** Tells of an order what has just become of it. */
  report(order: Order, type: ExecutionType, cause: ReportCause = NO_CAUSE): ExecutionReport {
    order.updatedUs = this.nowUs;
    const report = new ExecutionReport(order, type, this.context.nextExecutionId(), cause);
    if (order === this.#placed) this.#lastReport = report;
    this.context.listener.onReport(report);
    return report;
  }

  /** Remembers from now on what is last told of an order. */
  follow(order: Order): void {
    this.#placed = order;
    this.#lastReport = null;
  }

  /** What was last told of the order that was followed last. */
  lastReport(): ExecutionReport {
    invariant(this.#lastReport !== null, 'an order that entered was told of');
    return this.#lastReport;
  }

  /** Enters an order among the open ones. */
  open(order: Order): void {
    const { trader } = order;
    const { account } = trader;
    this.orders.add(order);
    trader.orders.add(order);
    account.openOrders += 1;
    if (order.isBuy) trader.openBuyQuantity += order.remaining;
    if (isContingent(order.type)) {
      trader.openAlgoOrders += 1;
      account.openAlgoOrders += 1;
    }
    if (order.icebergQuantity > 0) {
      trader.openIcebergOrders += 1;
      account.openIcebergOrders += 1;
    }
  }

  /** Takes an order out of wherever it is, gives back what it still locks, and makes `status` its last. Reports nothing. */
  end(order: Order, status: ExchangeOrderStatus): void {
    invariant(order.place !== 'ended', 'an order ends once');
    if (order.place === 'resting') {
      if (order.isQueued) this.book.remove(order);
    } else if (order.place === 'waiting') this.triggers.remove(order);
    this.unlock(order);
    const { trader } = order;
    const { account } = trader;
    this.orders.delete(order);
    trader.orders.delete(order);
    account.openOrders -= 1;
    if (order.isBuy) trader.openBuyQuantity -= order.remaining;
    if (isContingent(order.type)) {
      trader.openAlgoOrders -= 1;
      account.openAlgoOrders -= 1;
    }
    if (order.icebergQuantity > 0) {
      trader.openIcebergOrders -= 1;
      account.openIcebergOrders -= 1;
    }
    order.place = 'ended';
    order.status = status;
    // A list tells of all its orders until it is done.
    if (order.list === null) this.pool.release(order);
  }

  /** What `quantity` lots of an order lock, in units of the asset that it pays in. */
  lockAmount(order: Order, quantity: number, into: Wide): Wide {
    if (!order.isBuy) return into.setProduct(quantity, 1, this.conversion.lotUnits);
    into.setProduct(order.lockPrice, quantity, this.conversion.tickLotUnits);
    return order.lockFee === 0 ? into : into.add(this.#fee.setProduct(order.lockFee, quantity, 1));
  }

  /** Locks the funds of the order's rest; false, and nothing changes, where they are not there. On margin what is missing is borrowed. */
  lock(order: Order): boolean {
    const holding = order.isBuy ? order.trader.quote : order.trader.base;
    const amount = this.lockAmount(order, order.remaining, this.#amount);
    const { commission } = order.trader.account;
    const beside = commission === null || !order.isBuy ? 0n : setAsideFor(this, order, commission);
    if (beside > 0n) amount.add(this.#fee.setBig(beside));
    if (!holding.free.covers(amount)) {
      if (order.trader.account.margin === null) return false;
      // Whether it may be owed was asked before.
      holding.borrow(amount);
    }
    holding.lock(amount);
    order.locks = true;
    if (beside > 0n) noteSetAside(order, beside);
    this.context.touch(order.trader.account, holding);
    return true;
  }

  /** Gives back what the order's rest locks. */
  unlock(order: Order): void {
    if (!order.locks) return;
    order.locks = false;
    if (order.trader.account.commission !== null) releaseSetAside(order);
    this.release(order, order.remaining);
  }

  /** Gives back what `quantity` lots of the order lock. */
  release(order: Order, quantity: number): void {
    const holding = order.isBuy ? order.trader.quote : order.trader.base;
    holding.unlock(this.lockAmount(order, quantity, this.#amount));
    this.context.touch(order.trader.account, holding);
  }

  /** The price at which a buy of these terms locks funds: its own, its trigger's, or the last. */
  lockPriceOf(order: Order): number {
    if (!isMarketLike(order.type)) return order.price;
    return order.stopPrice > 0 ? order.stopPrice : this.lastPrice;
  }

  /**
   * What a buy at `lockPrice` locks for the fee of one lot where fees are paid in the quote asset: rounded up for each lot, so that it covers the fees of any fills that
   * the order may have.
   */
  lockFeeOf(order: Order): number {
    const { fees, feesFrom } = order.trader.account;
    if (feesFrom === 'received' || !order.isBuy) return 0;
    const perLot = this.#amount.setProduct(order.lockPrice, 1, this.conversion.tickLotUnits);
    const { feeUnit } = order.trader.quote;
    const fee = this.#fee.setShare(perLot, Math.max(fees.makerPpm, fees.takerPpm), PPM, feeUnit);
    return Number(fee.toBig());
  }

  best(): BestBidAsk {
    const { bids, asks } = this.book;
    return {
      symbol: this.rules.symbol,
      updateId: this.book.updateId,
      bidPrice: bids.bestPrice as Price,
      bidQuantity: bids.bestQuantity as Quantity,
      askPrice: asks.bestPrice as Price,
      askQuantity: asks.bestQuantity as Quantity,
    };
  }

  /** Takes the best prices as they are for told, after the book was filled from a snapshot. */
  assumeTold(): void {
    this.#bestUpdateId = this.book.updateId;
    this.#best = this.best();
  }

  /** Ends a command: tells the best prices and the accounts, where they changed. No order that has ended may be looked at afterwards. */
  finish(): void {
    if (this.#bestUpdateId !== this.book.updateId) this.#tellBest();
    this.context.flush(this.nowUs);
    this.pool.reclaim();
  }

  #tellBest(): void {
    this.#bestUpdateId = this.book.updateId;
    const before = this.#best;
    const { bids, asks } = this.book;
    if (
      bids.bestPrice === before.bidPrice &&
      bids.bestQuantity === before.bidQuantity &&
      asks.bestPrice === before.askPrice &&
      asks.bestQuantity === before.askQuantity
    ) {
      return;
    }
    this.#best = this.best();
    this.context.listener.onBest(this.#best);
  }
}
