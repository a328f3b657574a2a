import { invariant } from '@monsta/core';
import type { AccountId, Amount, AssetId, InstrumentId, Price, Quantity } from '@monsta/core';
import { Account, fromAmount } from './account.ts';
import type { CommissionTerms } from './commission-terms.ts';
import type { ExchangeContext } from './exchange-context.ts';
import {
  SNAPSHOT_VERSION,
  type ExchangeSnapshot,
  type SavedAccount,
  type SavedList,
  type SavedOrder,
  type SavedSymbol,
} from './exchange-snapshot.ts';
import { hashOfName } from './name-index.ts';
import { OrderList, type Order, type Trader } from './order.ts';
import type { SymbolMarket } from './symbol-market.ts';
import { Wide } from './wide.ts';

/** The empty exchange that a snapshot is read into. */
interface Restored {
  readonly markets: ReadonlyMap<InstrumentId, SymbolMarket>;
  readonly accounts: Map<AccountId, Account>;
  readonly scales: ReadonlyMap<AssetId, number>;
  readonly context: ExchangeContext;
}

/** Reads a snapshot into an exchange that has done nothing yet. Throws `InvariantError` where it is of other symbols, ticks or lots. */
export function restoreSnapshot(into: Restored, snapshot: ExchangeSnapshot): void {
  invariant(snapshot.version === SNAPSHOT_VERSION, `a snapshot of version ${String(snapshot.version)} is not known`);
  const { context, accounts, markets } = into;
  Object.assign(context.counters, snapshot.counters);
  context.fees.restore(snapshot.fees, into.scales);
  for (const saved of snapshot.accounts) accounts.set(saved.id, accountOf(saved, into.scales));
  for (const saved of snapshot.symbols) {
    const market = markets.get(saved.symbol);
    invariant(market !== undefined, `the snapshot has ${saved.symbol}, which this exchange has not`);
    restoreSymbol(market, saved, accounts);
  }
  for (const account of accounts.values()) joinMarkets(account, markets.values());
  for (const { account: id, assets } of snapshot.untold) {
    const account = accounts.get(id);
    invariant(account !== undefined, `the snapshot lacks account ${id}`);
    for (const asset of assets) context.touch(account, account.holding(asset));
  }
}

/** An account with margin knows all symbols from the beginning: what it holds and owes of each counts. */
export function joinMarkets(account: Account, markets: Iterable<SymbolMarket>): void {
  if (account.margin !== null) for (const market of markets) market.trader(account);
}

function accountOf(saved: SavedAccount, scales: ReadonlyMap<AssetId, number>): Account {
  const { id, fees, tradeGroupId, paysInDiscountAsset, canTrade, feesFrom, feesOn = 'both', margin = null } = saved;
  const commission = saved.commission === undefined ? null : commissionTermsOf(saved.commission);
  const terms = { fees, tradeGroupId, paysInDiscountAsset, canTrade, feesFrom, feesOn, margin, commission };
  const account = new Account(id, terms, scales);
  for (const { asset, free, locked, borrowed } of saved.holdings) {
    const holding = account.holding(asset);
    holding.everHeld = true;
    fromAmount(BigInt(free) as Amount, holding.scale, holding.free);
    fromAmount(BigInt(locked) as Amount, holding.scale, holding.locked);
    if (borrowed !== undefined) fromAmount(BigInt(borrowed) as Amount, holding.scale, holding.borrowed);
  }
  return account;
}

function restoreSymbol(market: SymbolMarket, saved: SavedSymbol, accounts: ReadonlyMap<AccountId, Account>): void {
  const { tick, lot } = market.rules;
  const sameSteps =
    tick.units === saved.tick.units &&
    tick.scale === saved.tick.scale &&
    lot.units === saved.lot.units &&
    lot.scale === saved.lot.scale;
  invariant(sameSteps, `${saved.symbol} has other ticks or lots in the snapshot`);
  const { updateId, ...counters } = saved.counters;
  Object.assign(market.counters, counters);
  market.status = saved.status;
  market.lastPrice = saved.lastPrice;
  market.nowUs = saved.nowUs;
  for (const average of market.averages) {
    const kept = saved.averages.find(({ minutes }) => minutes === average.minutes);
    if (kept !== undefined) average.restore(kept);
  }
  const traderOf = (id: AccountId): Trader => {
    const account = accounts.get(id);
    invariant(account !== undefined, `the snapshot lacks account ${id}`);
    return market.trader(account);
  };
  const orders = new Map<number, Order>();
  const named = (orderId: number): Order => {
    const order = orders.get(orderId);
    invariant(order !== undefined, `the snapshot lacks order ${orderId}`);
    return order;
  };
  for (const each of saved.orders) {
    const order = orderOf(market, each, traderOf(each.account));
    orders.set(order.orderId, order);
    if (order.place !== 'ended') market.open(order);
  }
  for (const each of saved.lists) restoreList(market, each, traderOf(each.account), named);
  const shown = new Map(saved.orders.map((order) => [order.orderId, order.shown]));
  for (const orderId of [...saved.bids, ...saved.asks]) market.book.restore(named(orderId), shown.get(orderId) ?? 0);
  market.book.restorePending(saved.pending, updateId);
  for (const orderId of saved.trailing) market.triggers.add(named(orderId));
  for (const order of orders.values()) {
    if (order.place === 'waiting' && order.trailingDelta === 0) market.triggers.add(order);
  }
  market.assumeTold();
}

function orderOf(market: SymbolMarket, saved: SavedOrder, trader: Trader): Order {
  const zeroIsNone = <T extends number>(value: T): T | null => (value === 0 ? null : value);
  const { side, type, timeInForce, clientOrderId, strategyId, strategyType, selfTradeMode, createdUs } = saved;
  const terms = {
    side,
    type,
    timeInForce,
    clientOrderId,
    strategyId,
    strategyType,
    selfTradeMode,
    quantity: saved.quantity,
    quoteOrderQuantity: saved.quoteOrderQuantity === null ? null : (BigInt(saved.quoteOrderQuantity) as Amount),
    price: zeroIsNone<Price>(saved.price),
    stopPrice: zeroIsNone<Price>(saved.stopPrice),
    trailingDelta: zeroIsNone(saved.trailingDelta),
    icebergQuantity: zeroIsNone<Quantity>(saved.icebergQuantity),
  };
  const order = market.pool.create(trader, clientOrderId, hashOfName(clientOrderId), terms, selfTradeMode, createdUs);
  const { orderId, status, place, locks, executed, prevented, lockPrice, updatedUs, workingUs } = saved;
  Object.assign(order, { orderId, status, place, locks, executed, lockPrice, updatedUs, workingUs });
  const lockFee = Number(fromAmount(BigInt(saved.lockFee) as Amount, trader.quote.scale, new Wide()).toBig());
  if (saved.spent !== '0') order.spend(fromAmount(BigInt(saved.spent) as Amount, trader.quote.scale, new Wide()));
  const { followed, trailingUs, preventedMatchId, amendments } = saved;
  if (followed !== 0 || trailingUs >= 0 || preventedMatchId >= 0 || amendments > 0 || lockFee > 0) {
    order.changeExtras({ prevented, lockFee, followed, trailingUs, preventedMatchId, amendments });
  }
  if (saved.commission !== undefined) {
    const units = (amount: string): bigint =>
      fromAmount(BigInt(amount) as Amount, trader.quote.scale, new Wide()).toBig();
    const { lots, rates, paid, locked } = saved.commission;
    order.changeExtras({ commission: { lots, rates: units(rates), paid: units(paid), locked: units(locked) } });
  }
  return order;
}

function commissionTermsOf({ perOrder, perUnit, minimum }: NonNullable<SavedAccount['commission']>): CommissionTerms {
  const amount = (digits: string): Amount => BigInt(digits) as Amount;
  return { perOrder: amount(perOrder), perUnit: amount(perUnit), minimum: amount(minimum) };
}

function restoreList(market: SymbolMarket, saved: SavedList, trader: Trader, named: (orderId: number) => Order): void {
  const { orderListId, listClientOrderId, kind, working, legs, paired } = saved;
  const first = working === null ? null : named(working);
  const list = new OrderList(trader, orderListId, listClientOrderId, kind, first, legs.map(named));
  list.paired = paired;
  market.lists.set(orderListId, list);
  trader.lists.set(listClientOrderId, list);
  trader.account.openLists += 1;
  for (const order of list.orders) order.list = list;
}
