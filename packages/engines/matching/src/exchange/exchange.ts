import { invariant, ok } from '@monsta/core';
import type { AccountId, Amount, AssetId, Decimal, InstrumentId, Price } from '@monsta/core';
import { Account, fromAmount, type AccountOptions, type FeeRates } from './account.ts';
import {
  amendOrder,
  cancelAll,
  cancelList,
  cancelOrder,
  cancelReplace,
  findOrder,
  type CancelReplaced,
  type Replaced,
} from './changing.ts';
import { REFUSALS, type ExchangeRefusal, type Outcome } from './exchange-faults.ts';
import { ExchangeContext, type ExchangeCounters, type ExchangeListener } from './exchange-context.ts';
import { joinMarkets, restoreSnapshot } from './exchange-restoring.ts';
import { takeSnapshot, type ExchangeSnapshot } from './exchange-snapshot.ts';
import type { ExecutionReport } from './execution-report.ts';
import { FeeDesk, type FeeDiscount } from './fees.ts';
import { copyOf } from './order-copy.ts';
import type { Order, OrderList, Trader } from './order.ts';
import type { OrderView } from './order-view.ts';
import { checkOrder, placeChecked, placeList } from './placing.ts';
import { runDue } from './starting.ts';
import { SymbolFeed } from './symbol-feed.ts';
import { SymbolMarket, type SymbolCounters } from './symbol-market.ts';
import { assetScales, NO_EXCHANGE_RULES, type ExchangeRules, type SymbolRules } from './symbol-rules.ts';
import type {
  AmendOrder,
  AssetPosition,
  BestBidAsk,
  CancelOrder,
  CancelReplace,
  DepthDelta,
  DepthSnapshot,
  ListReference,
  NewOrder,
  NewOrderList,
  OrderListStatus,
  OrderReference,
} from './vocabulary.ts';
import { Wide } from './wide.ts';

export interface SymbolOptions {
  readonly rules: SymbolRules;
  /** Stands for the last price until the first trade; null: none is known, and filters and triggers that need one wait. */
  readonly openingPrice: Price | null;
  /** What the counters stand at before the first; all begin at 1 otherwise, prevented matches at 0. */
  readonly counters?: Partial<Readonly<SymbolCounters>>;
}

export interface ExchangeOptions {
  readonly symbols: readonly SymbolOptions[];
  readonly listener: ExchangeListener;
  readonly rules?: ExchangeRules;
  readonly discount?: FeeDiscount | null;
  /** Digits that assets are kept with at least; as many as the symbols need otherwise. */
  readonly scalesMin?: ReadonlyMap<AssetId, number>;
  /** Whether book changes are kept for `drainDepth`; default true. */
  readonly publishesDepth?: boolean;
  /** Whether the listener hears of lists (`onListStatus`); default true. */
  readonly tellsLists?: boolean;
  /** What the counters stand at before the first; both begin at 1 otherwise. */
  readonly counters?: Partial<Readonly<ExchangeCounters>>;
}

export interface NewAccount extends Partial<AccountOptions> {
  readonly balances: readonly { readonly asset: AssetId; readonly free: Amount }[];
}

const STANDARD_FEES: FeeRates = { makerPpm: 1_000, takerPpm: 1_000 };

/**
 * A deterministic exchange: accounts, symbols and their books. Every command carries its time, ids are counted, and the same commands give the same reports, trades and
 * balances. A command is wholly done, with all that it triggers, when it returns; the listener has then heard of everything. Orders that have ended are forgotten: their
 * last report is their record.
 */
export class Exchange {
  readonly #markets = new Map<InstrumentId, SymbolMarket>();
  readonly #accounts = new Map<AccountId, Account>();
  readonly #scales: ReadonlyMap<AssetId, number>;
  /** Limits on all symbols together. */
  readonly exchangeRules: ExchangeRules;
  readonly #context: ExchangeContext;
  /** What was asked for last: mostly it is asked for again. */
  #last: Found | null = null;

  constructor(options: ExchangeOptions) {
    this.#scales = assetScales(
      options.symbols.map(({ rules }) => rules),
      options.scalesMin,
    );
    this.exchangeRules = options.rules ?? NO_EXCHANGE_RULES;
    const { listener, discount = null, tellsLists = true } = options;
    this.#context = new ExchangeContext(listener, new FeeDesk(discount), tellsLists, options.counters);
    for (const { rules, openingPrice, counters } of options.symbols) {
      const market = new SymbolMarket(
        rules,
        this.exchangeRules,
        this.#scales,
        this.#context,
        openingPrice,
        options.publishesDepth ?? true,
        counters,
      );
      this.#markets.set(rules.symbol, market);
    }
  }

  /**
   * An exchange that goes on where the one of the snapshot stood: the same commands bring the same reports, to the number. `options` are what it was opened with; opening
   * prices and counters come from the snapshot. Throws `InvariantError` for a snapshot of other symbols, ticks or lots.
   */
  static restore(options: ExchangeOptions, snapshot: ExchangeSnapshot): Exchange {
    const exchange = new Exchange(options);
    restoreSnapshot(
      {
        markets: exchange.#markets,
        accounts: exchange.#accounts,
        scales: exchange.#scales,
        context: exchange.#context,
      },
      snapshot,
    );
    return exchange;
  }

  /** All that the exchange has to remember, as plain data that JSON keeps whole; its cost grows with the open orders. */
  snapshot(): ExchangeSnapshot {
    return takeSnapshot(this.#markets.values(), this.#accounts.values(), this.#context);
  }

  /** Opens an account. Throws `InvariantError` for an id that there is already. */
  addAccount(id: AccountId, options: NewAccount): void {
    invariant(!this.#accounts.has(id), `account ${id} is already open`);
    const account = new Account(
      id,
      {
        fees: options.fees ?? STANDARD_FEES,
        tradeGroupId: options.tradeGroupId ?? null,
        paysInDiscountAsset: options.paysInDiscountAsset ?? false,
        canTrade: options.canTrade ?? true,
        feesFrom: options.feesFrom ?? 'received',
        feesOn: options.feesOn ?? 'both',
        margin: options.margin ?? null,
        commission: options.commission ?? null,
      },
      this.#scales,
    );
    this.#accounts.set(id, account);
    joinMarkets(account, this.#markets.values());
    for (const { asset, free } of options.balances) this.#credit(account, asset, free);
  }

  /** Adds to a free balance; throws `InvariantError` for an unknown account, a negative amount, or more digits than the asset has. */
  deposit(id: AccountId, asset: AssetId, amount: Amount, timeUs: number): void {
    this.#credit(this.#account(id), asset, amount);
    this.#context.flush(timeUs);
  }

  /** Takes from a free balance; refused where less is free. Throws `InvariantError` as `deposit` does. */
  withdraw(id: AccountId, asset: AssetId, amount: Amount, timeUs: number): Outcome<null> {
    const account = this.#account(id);
    const holding = account.holding(asset);
    const units = fromAmount(amount, holding.scale, new Wide());
    if (!holding.free.covers(units)) return REFUSALS.insufficientBalance;
    holding.free.subtract(units);
    this.#context.touch(account, holding);
    this.#context.flush(timeUs);
    return ok(null);
  }

  /** The open accounts, in the order in which they were opened. */
  accounts(): readonly AccountId[] {
    return [...this.#accounts.keys()];
  }

  /** What an account pays and may do, as it is now; null for an unknown one. */
  accountOptions(id: AccountId): AccountOptions | null {
    const account = this.#accounts.get(id);
    if (account === undefined) return null;
    const { fees, tradeGroupId, paysInDiscountAsset, canTrade, feesFrom, feesOn, margin, commission } = account;
    const terms = { fees, tradeGroupId, paysInDiscountAsset, canTrade, feesFrom, feesOn, commission };
    return { ...terms, margin: margin?.terms ?? null };
  }

  /** Fees of the trades from now on. Throws `InvariantError` for an unknown account, as the next two do. */
  setFees(id: AccountId, fees: FeeRates): void {
    this.#account(id).fees = fees;
  }

  /** Whether fees are paid in the discount asset while the account has some. */
  setDiscount(id: AccountId, paysInDiscountAsset: boolean): void {
    this.#account(id).paysInDiscountAsset = paysInDiscountAsset;
  }

  /** Whether the account may place, change and cancel orders. Its open orders stay. */
  setTrading(id: AccountId, canTrade: boolean): void {
    this.#account(id).canTrade = canTrade;
  }

  /** Opens or closes a symbol: while it is not `TRADING`, orders are refused and can only be canceled. Throws `InvariantError` for an unknown symbol. */
  setStatus(symbol: InstrumentId, status: SymbolRules['status']): void {
    const market = this.#markets.get(symbol);
    invariant(market !== undefined, `symbol ${symbol} is unknown`);
    market.status = status;
  }

  /** Changes the limits and the status of a symbol from now on. Throws `InvariantError` for an unknown symbol and for other steps. */
  changeRules(rules: SymbolRules): void {
    const market = this.#markets.get(rules.symbol);
    invariant(market !== undefined, `symbol ${rules.symbol} is unknown`);
    market.use(rules, this.exchangeRules);
  }

  /** The last numbers given on a symbol: what `SymbolOptions.counters` takes, so that they go on after a restart; null for an unknown symbol. */
  counters(symbol: InstrumentId): SymbolCounters | null {
    const market = this.#markets.get(symbol);
    return market === undefined ? null : { ...market.counters, updateId: market.book.updateId };
  }

  /** The last numbers given that all symbols share. */
  sharedCounters(): ExchangeCounters {
    return { ...this.#context.counters };
  }

  /** The asset in which fees may be paid at a discount; null: none. */
  get discount(): FeeDiscount | null {
    return this.#context.fees.discount;
  }

  /** Tells what one unit of the discount asset costs in `asset`. */
  setDiscountPrice(asset: AssetId, price: Decimal): void {
    this.#context.fees.setDiscountPrice(asset, price);
  }

  /** Places an order; answers it as it was last told of. Faults: see `REFUSALS`, and -1013 for filters. */
  place(request: NewOrder, timeUs: number): Outcome<OrderView> {
    const found = this.#enter(request, timeUs);
    if (found === null) return this.#unknown(request);
    const { market, trader } = found;
    const checked = checkOrder(market, trader, request);
    return this.#done(market, 'ok' in checked ? checked : placeChecked(market, trader, checked), lastReport);
  }

  /** Checks an order as `place` would, up to but not including funds, and places nothing. */
  test(request: NewOrder, timeUs: number): Outcome<null> {
    const found = this.#enter(request, timeUs);
    if (found === null) return this.#unknown(request);
    const checked = checkOrder(found.market, found.trader, request);
    return 'ok' in checked ? checked : ok(null);
  }

  /** Places an OCO, OTO or OTOCO. */
  placeList(request: NewOrderList, timeUs: number): Outcome<OrderListStatus> {
    const found = this.#enter(request, timeUs);
    if (found === null) return this.#unknown(request);
    return this.#done(found.market, placeList(found.market, found.trader, request), statusOf);
  }

  /** Cancels an order, and the list that it is in. */
  cancel(request: CancelOrder, timeUs: number): Outcome<ExecutionReport> {
    const found = this.#enter(request, timeUs);
    if (found === null) return this.#unknown(request);
    return this.#done(found.market, cancelOrder(found.market, found.trader, request), itself);
  }

  cancelAll(account: AccountId, symbol: InstrumentId, timeUs: number): Outcome<readonly ExecutionReport[]> {
    const found = this.#enter({ account, symbol }, timeUs);
    if (found === null) return this.#unknown({ symbol });
    return this.#done(found.market, cancelAll(found.market, found.trader), itself);
  }

  cancelList(request: ListReference, newClientOrderId: string | null, timeUs: number): Outcome<OrderListStatus> {
    const found = this.#enter(request, timeUs);
    if (found === null) return this.#unknown(request);
    return this.#done(found.market, cancelList(found.market, found.trader, request, newClientOrderId), statusOf);
  }

  /** Cancels one order and places another on the same symbol; see `CancelReplaced` for what became of the halves. */
  cancelReplace(request: CancelReplace, timeUs: number): Outcome<CancelReplaced> {
    const { order, cancel } = request;
    const found = this.#enter(order, timeUs);
    if (found === null) return this.#unknown(order);
    invariant(cancel.account === order.account && cancel.symbol === order.symbol, 'both halves are of one symbol');
    return this.#done(found.market, cancelReplace(found.market, found.trader, request), replacedOf);
  }

  /** Lowers an order's quantity; it keeps its place in the queue. */
  amend(request: AmendOrder, timeUs: number): Outcome<ExecutionReport> {
    const found = this.#enter(request, timeUs);
    if (found === null) return this.#unknown(request);
    return this.#done(found.market, amendOrder(found.market, found.trader, request), itself);
  }

  /** An open order as it stands; null where there is none of that name. */
  order(reference: OrderReference): OrderView | null {
    const order = this.#openOrder(reference);
    return order === undefined ? null : copyOf(order);
  }

  /** True where there is an open order of that name. */
  isOpen(reference: OrderReference): boolean {
    return this.#openOrder(reference) !== undefined;
  }

  /** The open orders of an account, on one symbol or on all, by symbol and then oldest first. */
  openOrders(account: AccountId, symbol: InstrumentId | null): readonly OrderView[] {
    const markets = symbol === null ? [...this.#markets.keys()] : [symbol];
    return markets.flatMap((each) => {
      const found = this.#find({ account, symbol: each });
      if (found === null) return [];
      const orders = found.trader.orders.values().sort((left, right) => left.orderId - right.orderId);
      return orders.map(copyOf);
    });
  }

  /** The balances of an account, by asset; empty for an unknown one. */
  positions(account: AccountId): readonly AssetPosition[] {
    return this.#accounts.get(account)?.positions() ?? [];
  }

  /** All fees charged so far, by asset. */
  feesCollected(): ReadonlyMap<AssetId, Amount> {
    return this.#context.fees.collected();
  }

  /** The rules with the status of now; null for an unknown symbol. */
  rules(symbol: InstrumentId): SymbolRules | null {
    const market = this.#markets.get(symbol);
    if (market === undefined) return null;
    return market.status === market.rules.status ? market.rules : { ...market.rules, status: market.status };
  }

  /** Up to `limit` levels a side; null for an unknown symbol. */
  depth(symbol: InstrumentId, limit: number): DepthSnapshot | null {
    return this.#markets.get(symbol)?.book.snapshot(limit) ?? null;
  }

  /** What changed in a book since the last call; null where nothing did. `overflowed`: too much changed; send a snapshot. */
  drainDepth(symbol: InstrumentId): DepthDelta | 'overflowed' | null {
    return this.#markets.get(symbol)?.book.drain() ?? null;
  }

  best(symbol: InstrumentId): BestBidAsk | null {
    return this.#markets.get(symbol)?.best() ?? null;
  }

  /** The hand of a feed on a symbol, for an exchange whose orders fill from it; null for an unknown symbol. */
  feed(symbol: InstrumentId): SymbolFeed | null {
    const market = this.#markets.get(symbol);
    return market === undefined ? null : new SymbolFeed(market);
  }

  /** The last trade's price, or the opening price before the first; null where neither is known. */
  lastPrice(symbol: InstrumentId): Price | null {
    const price = this.#markets.get(symbol)?.lastPrice ?? 0;
    return price > 0 ? (price as Price) : null;
  }

  /** The average price that the filters use; null where none is known. */
  averagePrice(symbol: InstrumentId, minutes: number): Price | null {
    return this.#markets.get(symbol)?.reference(minutes) ?? null;
  }

  #account(id: AccountId): Account {
    const account = this.#accounts.get(id);
    invariant(account !== undefined, `account ${id} is unknown`);
    return account;
  }

  #credit(account: Account, asset: AssetId, amount: Amount): void {
    const holding = account.holding(asset);
    holding.free.add(fromAmount(amount, holding.scale, new Wide()));
    this.#context.touch(account, holding);
  }

  #find({ symbol, account: id }: { readonly account: AccountId; readonly symbol: InstrumentId }): Found | null {
    const last = this.#last;
    if (last !== null && last.market.symbol === symbol && last.trader.account.id === id) return last;
    const market = this.#markets.get(symbol);
    const account = this.#accounts.get(id);
    if (market === undefined || account === undefined) return null;
    this.#last = { market, trader: market.trader(account) };
    return this.#last;
  }

  #enter(at: { readonly account: AccountId; readonly symbol: InstrumentId }, timeUs: number): Found | null {
    const found = this.#find(at);
    // Time never runs backwards within a symbol, whatever the requests say.
    if (found !== null && timeUs > found.market.nowUs) found.market.nowUs = timeUs;
    return found;
  }

  #unknown(at: { readonly symbol: InstrumentId }): ExchangeRefusal {
    return this.#markets.has(at.symbol) ? REFUSALS.unknownAccount : REFUSALS.unknownSymbol;
  }

  #openOrder(reference: OrderReference): Order | undefined {
    const found = this.#find(reference);
    return found === null ? undefined : findOrder(found.market, found.trader, reference);
  }

  /** Runs what the command brought about, tells what changed, and answers what is to be told of the result. */
  #done<T extends object, A>(
    market: SymbolMarket,
    result: T | ExchangeRefusal,
    answer: (result: T, market: SymbolMarket) => A,
  ): Outcome<A> {
    if (market.due.length > 0) runDue(market);
    const outcome = isRefusal(result) ? result : ok(answer(result, market));
    market.finish();
    return outcome;
  }
}

interface Found {
  readonly market: SymbolMarket;
  readonly trader: Trader;
}

function isRefusal(result: object): result is ExchangeRefusal {
  return 'fault' in result && 'ok' in result && result.ok === false;
}

const itself = <T>(result: T): T => result;
const lastReport = (_order: Order, market: SymbolMarket): OrderView => market.lastReport();
const replacedOf = (replaced: Replaced<Order>, market: SymbolMarket): CancelReplaced => ({
  ...replaced,
  placed: replaced.placed === null ? null : market.lastReport(),
});
const statusOf = (list: OrderList, { nowUs }: SymbolMarket): OrderListStatus =>
  list.status(list.ended ? 'ALL_DONE' : 'EXEC_STARTED', nowUs);
