import { invariant } from '@monsta/core';
import type { AccountId, AssetId, InstrumentId, OrderSide, Price, Quantity, Step, TimeInForce } from '@monsta/core';
import { toAmount, type Account, type AccountOptions, type FeeRates } from './account.ts';
import type { SavedAverage } from './average-price.ts';
import type { CommissionTerms, OrderCommission } from './commission-terms.ts';
import type { ExchangeContext, ExchangeCounters } from './exchange-context.ts';
import type { SavedFees } from './fees.ts';
import type { LimitBook, PendingDepth } from './limit-book.ts';
import type { MarginTerms } from './margin.ts';
import type { Order, OrderList } from './order.ts';
import type { PriceLevels } from './price-levels.ts';
import { NONE } from './records.ts';
import type { SymbolCounters, SymbolMarket } from './symbol-market.ts';
import type { SymbolRules } from './symbol-rules.ts';
import type { ExchangeOrderStatus, ExchangeOrderType, SelfTradeMode } from './vocabulary.ts';
import { Wide } from './wide.ts';

/** What a snapshot looks like; another number is not read. */
export const SNAPSHOT_VERSION = 1;

export interface SavedHolding {
  readonly asset: AssetId;
  /** `Amount`s in decimal digits. */
  readonly free: string;
  readonly locked: string;
  /** Only where something is owed. */
  readonly borrowed?: string;
}

export interface SavedAccount {
  readonly id: AccountId;
  readonly fees: FeeRates;
  readonly tradeGroupId: number | null;
  readonly paysInDiscountAsset: boolean;
  readonly canTrade: boolean;
  readonly feesFrom: AccountOptions['feesFrom'];
  /** Only of an account that pays on entries alone. */
  readonly feesOn?: AccountOptions['feesOn'];
  /** Only of an account that has one. */
  readonly margin?: MarginTerms;
  /** Only of an account that pays one: `Amount`s in decimal digits. */
  readonly commission?: Readonly<Record<keyof CommissionTerms, string>>;
  readonly holdings: readonly SavedHolding[];
}

/** An order that is open, or that has ended in a list which is open. */
export interface SavedOrder {
  readonly account: AccountId;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: OrderSide;
  readonly type: ExchangeOrderType;
  readonly timeInForce: TimeInForce;
  readonly price: Price;
  readonly stopPrice: Price;
  readonly trailingDelta: number;
  readonly icebergQuantity: Quantity;
  readonly quantity: Quantity;
  /** An `Amount` in decimal digits. */
  readonly quoteOrderQuantity: string | null;
  readonly executed: Quantity;
  readonly prevented: Quantity;
  /** What its trades cost or brought: an `Amount` in decimal digits. */
  readonly spent: string;
  readonly selfTradeMode: SelfTradeMode;
  readonly strategyId: number | null;
  readonly strategyType: number | null;
  readonly status: ExchangeOrderStatus;
  readonly place: 'held' | 'waiting' | 'resting' | 'ended';
  readonly locks: boolean;
  readonly lockPrice: number;
  /** An `Amount` in decimal digits. */
  readonly lockFee: string;
  readonly shown: number;
  readonly createdUs: number;
  readonly updatedUs: number;
  readonly workingUs: number;
  readonly followed: number;
  readonly trailingUs: number;
  readonly preventedMatchId: number;
  readonly amendments: number;
  /** Only of an order that has paid a commission or set one aside: lots, and `Amount`s in decimal digits. */
  readonly commission?: {
    readonly lots: number;
    readonly rates: string;
    readonly paid: string;
    readonly locked: string;
  };
}

export interface SavedList {
  readonly account: AccountId;
  readonly orderListId: number;
  readonly listClientOrderId: string;
  readonly kind: OrderList['kind'];
  /** By order id. */
  readonly working: number | null;
  readonly legs: readonly number[];
  readonly paired: boolean;
}

export interface SavedSymbol {
  readonly symbol: InstrumentId;
  /** What the numbers below are counted in. */
  readonly tick: Step;
  readonly lot: Step;
  readonly status: SymbolRules['status'];
  readonly lastPrice: number;
  readonly nowUs: number;
  readonly counters: Readonly<SymbolCounters>;
  readonly averages: readonly SavedAverage[];
  /** Oldest first. */
  readonly orders: readonly SavedOrder[];
  readonly lists: readonly SavedList[];
  /** Order ids by price and time, best first. */
  readonly bids: readonly number[];
  readonly asks: readonly number[];
  /** Order ids of the trailing orders, in the order in which they began to wait. */
  readonly trailing: readonly number[];
  readonly pending: PendingDepth;
}

/** All that an exchange has to remember, as plain data that JSON keeps whole. */
export interface ExchangeSnapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  readonly counters: Readonly<ExchangeCounters>;
  readonly fees: SavedFees;
  readonly accounts: readonly SavedAccount[];
  readonly symbols: readonly SavedSymbol[];
  /** Opening balances that the listener has not heard of yet. */
  readonly untold: readonly { readonly account: AccountId; readonly assets: readonly AssetId[] }[];
}

/** Writes down an exchange between two commands. */
export function takeSnapshot(
  markets: Iterable<SymbolMarket>,
  accounts: Iterable<Account>,
  context: ExchangeContext,
): ExchangeSnapshot {
  return {
    version: SNAPSHOT_VERSION,
    counters: { ...context.counters },
    fees: context.fees.saved(),
    accounts: [...accounts].map(savedAccount),
    symbols: [...markets].map(savedSymbol),
    untold: context.untold(),
  };
}

function savedAccount(account: Account): SavedAccount {
  const { id, fees, tradeGroupId, paysInDiscountAsset, canTrade, feesFrom, feesOn, margin, commission } = account;
  const holdings = account.holdings().map(({ asset, scale, free, locked, borrowed }) => ({
    asset,
    free: toAmount(free, scale).toString(),
    locked: toAmount(locked, scale).toString(),
    ...(borrowed.isZero ? {} : { borrowed: toAmount(borrowed, scale).toString() }),
  }));
  const terms = {
    ...(feesOn === 'both' ? {} : { feesOn }),
    ...(margin === null ? {} : { margin: margin.terms }),
    ...(commission === null
      ? {}
      : {
          commission: {
            perOrder: commission.perOrder.toString(),
            perUnit: commission.perUnit.toString(),
            minimum: commission.minimum.toString(),
          },
        }),
  };
  return { id, fees, tradeGroupId, paysInDiscountAsset, canTrade, feesFrom, ...terms, holdings };
}

function savedSymbol(market: SymbolMarket): SavedSymbol {
  const { rules, book, status, lastPrice, nowUs } = market;
  const orders = new Set<Order>(market.orders.values());
  for (const list of market.lists.values()) for (const order of list.orders) orders.add(order);
  invariant(orders.size === market.pool.size, 'between commands, every order in the pool is open or of an open list');
  return {
    symbol: rules.symbol,
    tick: rules.tick,
    lot: rules.lot,
    status,
    lastPrice,
    nowUs,
    counters: { ...market.counters, updateId: book.updateId },
    averages: market.averages.map((average) => average.saved()),
    orders: [...orders].sort((left, right) => left.orderId - right.orderId).map(savedOrder),
    lists: [...market.lists.values()].map(savedList),
    bids: idsOf(book, book.bids),
    asks: idsOf(book, book.asks),
    trailing: [...market.triggers.trailing()].map(({ orderId }) => orderId),
    pending: book.pending(),
  };
}

function idsOf(book: LimitBook, side: PriceLevels): readonly number[] {
  const ids: number[] = [];
  for (let level = side.best; level !== NONE; level = side.worse(level)) {
    for (let order: Order | null = book.firstAt(side, level); order !== null; order = book.behind(order)) {
      ids.push(order.orderId);
    }
  }
  return ids;
}

function savedOrder(order: Order): SavedOrder {
  const { place, extras } = order;
  if (place === 'taking' || place === 'triggered') throw new Error('a command is wholly done when it returns');
  return {
    account: order.trader.account.id,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    price: order.price,
    stopPrice: order.stopPrice,
    trailingDelta: order.trailingDelta,
    icebergQuantity: order.icebergQuantity,
    quantity: order.quantity,
    quoteOrderQuantity: extras.quoteOrderQuantity?.toString() ?? null,
    executed: order.executed,
    prevented: order.prevented,
    spent: order.cumulativeQuote.toString(),
    selfTradeMode: order.selfTradeMode,
    strategyId: extras.strategyId,
    strategyType: extras.strategyType,
    status: order.status,
    place,
    locks: order.locks,
    lockPrice: order.lockPrice,
    lockFee: toAmount(new Wide().setProduct(order.lockFee, 1, 1), order.trader.quote.scale).toString(),
    shown: order.shown,
    createdUs: order.createdUs,
    updatedUs: order.updatedUs,
    workingUs: order.workingUs,
    followed: extras.followed,
    trailingUs: extras.trailingUs,
    preventedMatchId: extras.preventedMatchId,
    amendments: extras.amendments,
    ...(extras.commission === null ? {} : { commission: savedCommission(extras.commission, order.trader.quote.scale) }),
  };
}

function savedCommission(
  { lots, rates, paid, locked }: OrderCommission,
  scale: number,
): NonNullable<SavedOrder['commission']> {
  const saved = (units: bigint): string => toAmount({ toBig: () => units }, scale).toString();
  return { lots, rates: saved(rates), paid: saved(paid), locked: saved(locked) };
}

function savedList(list: OrderList): SavedList {
  return {
    account: list.trader.account.id,
    orderListId: list.orderListId,
    listClientOrderId: list.listClientOrderId,
    kind: list.kind,
    working: list.working?.orderId ?? null,
    legs: list.legs.map(({ orderId }) => orderId),
    paired: list.paired,
  };
}
