import { AMOUNT_SCALE, pow10 } from '@monsta/core';
import type { Quantity } from '@monsta/core';
import { walkBook } from './book-walk.ts';
import { REFUSALS, type ExchangeRefusal } from './exchange-faults.ts';
import { hashOfName } from './name-index.ts';
import { marketLots } from './order-filters.ts';
import { OrderList, type Order, type Trader } from './order.ts';
import { checkTerms } from './order-terms.ts';
import { isContingent } from './order-view.ts';
import { cutToFunds, giveBack } from './cut-to-funds.ts';
import { fund, fundPair } from './funding.ts';
import { announce, pairStartFault, start, startFault } from './starting.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { ExchangeOrderType, NewOco, NewOrderList, NewOtoco, OrderTerms } from './vocabulary.ts';

/** Terms that passed the checks: those sent, with the quantity of a quote-quantity order worked out. */
export type Checked = OrderTerms | ExchangeRefusal;

/** Checks a single order's parameters, filters and counts; changes nothing. */
export function checkOrder(market: SymbolMarket, trader: Trader, sent: OrderTerms): Checked {
  const fault = enteringFault(market, trader) ?? checkTerms(sent, market.rules);
  if (fault !== null) return fault;
  const terms = sent.quoteOrderQuantity === null ? sent : withQuantity(market, trader, sent);
  if ('ok' in terms) return terms;
  return (
    market.filters.check(terms, trader, market.reference) ??
    market.filters.checkCounts(
      trader,
      1,
      isContingent(terms.type) ? 1 : 0,
      terms.icebergQuantity === null ? 0 : 1,
      0,
    ) ??
    terms
  );
}

/** Places an order whose terms passed the checks. */
export function placeChecked(market: SymbolMarket, trader: Trader, terms: OrderTerms): Order | ExchangeRefusal {
  const { clientOrderId } = terms;
  const hash = hashOfName(clientOrderId ?? '');
  if (clientOrderId !== null && trader.orders.has(clientOrderId, hash)) return REFUSALS.duplicateOrder;
  const order = create(market, trader, terms, hash);
  const fault = startFault(market, order) ?? fundOrCut(market, order, terms);
  if (fault !== null) {
    market.pool.release(order);
    return fault;
  }
  enter(market, order);
  market.follow(order);
  announce(market, order);
  start(market, order);
  return order;
}

/** Locks what an order needs, or what there is for a smaller one, which the filters have to take as well. */
function fundOrCut(market: SymbolMarket, order: Order, terms: OrderTerms): ExchangeRefusal | null {
  const fault = fund(market, order);
  if (fault !== REFUSALS.insufficientBalance || !cutToFunds(market, order)) return fault;
  const refused = market.filters.check({ ...terms, quantity: order.quantity }, order.trader, market.reference);
  if (refused !== null) giveBack(market, order);
  return refused;
}

/** Places a list of orders; a refusal where any of them can't be accepted, and then nothing changes. */
export function placeList(market: SymbolMarket, trader: Trader, request: NewOrderList): OrderList | ExchangeRefusal {
  const terms = request.kind === 'OCO' ? [request.above, request.below] : termsOf(request);
  const fault = checkList(market, trader, request, terms);
  if (fault !== null) return fault;
  const legs = request.kind === 'OTO' ? [request.pending] : stopLossFirst(request);
  const working = request.kind === 'OCO' ? null : create(market, trader, request.working);
  const orders = legs.map((leg) => create(market, trader, leg));
  const [first, second] = orders;
  const refused =
    working !== null
      ? (startFault(market, working) ?? fund(market, working))
      : first !== undefined && second !== undefined
        ? (pairStartFault(market, first, second) ?? fundPair(market, first, second))
        : REFUSALS.ocoType;
  if (refused !== null) {
    for (const order of working === null ? orders : [working, ...orders]) market.pool.release(order);
    return refused;
  }
  const list = enterList(market, trader, request, working, orders);
  if (working === null) {
    list.paired = true;
    for (const leg of orders) announce(market, leg);
    for (const leg of orders) if (leg.place !== 'ended') start(market, leg);
  } else {
    announce(market, working);
    for (const leg of orders) {
      leg.place = 'held';
      leg.status = 'PENDING_NEW';
      market.report(leg, 'NEW');
    }
    start(market, working);
  }
  return list;
}

/** Why the account may enter nothing on the symbol now. */
function enteringFault(market: SymbolMarket, { account }: Trader): ExchangeRefusal | null {
  if (!account.canTrade) return REFUSALS.tradingDisabled;
  return market.status === 'TRADING' ? null : REFUSALS.marketClosed;
}

/** An order with its number, not yet open. The number is used up only when the order enters. */
function create(
  market: SymbolMarket,
  trader: Trader,
  terms: OrderTerms,
  nameHash = hashOfName(terms.clientOrderId ?? ''),
): Order {
  const mode = terms.selfTradeMode ?? market.rules.selfTradeModeDefault;
  return market.pool.create(trader, terms.clientOrderId ?? '', nameHash, terms, mode, market.nowUs);
}

function enter(market: SymbolMarket, order: Order): void {
  order.orderId = market.nextOrderId();
  if (order.clientOrderId === '') order.rename(market.generateId(order.trader));
  market.open(order);
}

function enterList(
  market: SymbolMarket,
  trader: Trader,
  request: NewOrderList,
  working: Order | null,
  legs: readonly Order[],
): OrderList {
  const id = market.context.nextOrderListId();
  const name = request.listClientOrderId ?? market.generateId(trader);
  const list = new OrderList(trader, id, name, request.kind, working, legs);
  market.lists.set(id, list);
  trader.lists.set(name, list);
  trader.account.openLists += 1;
  for (const order of list.orders) {
    order.list = list;
    enter(market, order);
  }
  market.context.tellList(list, 'EXEC_STARTED', market.nowUs);
  return list;
}

/** The terms of a quote-quantity market order with the lots that it buys or sells on this book. */
function withQuantity(market: SymbolMarket, trader: Trader, terms: OrderTerms): OrderTerms | ExchangeRefusal {
  const { quoteOrderQuantity, side } = terms;
  if (quoteOrderQuantity === null) return terms;
  if (quoteOrderQuantity <= 0n) return REFUSALS.liquidityBelowLot;
  const isBuy = side === 'buy';
  const offered =
    (isBuy ? market.book.asks : market.book.bids).bestPrice > 0 || (market.external?.best(isBuy) ?? 0) > 0;
  if (!offered) return REFUSALS.noLiquidity;
  const mode = terms.selfTradeMode ?? market.rules.selfTradeModeDefault;
  // What is finer than the asset's digits can't be spent.
  const units = quoteOrderQuantity / pow10(AMOUNT_SCALE - market.conversion.quoteScale);
  const walk = walkBook(market, trader, isBuy, mode, 0, Number.MAX_SAFE_INTEGER, units);
  const lots = marketLots(walk.quantity, market.rules);
  return typeof lots === 'number' ? { ...terms, quantity: lots as Quantity } : lots;
}

const termsOf = (request: Exclude<NewOrderList, NewOco>): readonly OrderTerms[] =>
  request.kind === 'OTO' ? [request.working, request.pending] : [request.working, request.above, request.below];

/** The legs of a pair, the stop-loss leg first: it gets the lower number, as on Binance. */
function stopLossFirst({ above, below }: NewOco | NewOtoco): readonly OrderTerms[] {
  return isStopLoss(below.type) ? [below, above] : [above, below];
}

const isStopLoss = (type: ExchangeOrderType): boolean => type === 'STOP_LOSS' || type === 'STOP_LOSS_LIMIT';

function checkList(
  market: SymbolMarket,
  trader: Trader,
  request: NewOrderList,
  terms: readonly OrderTerms[],
): ExchangeRefusal | null {
  const { rules, filters } = market;
  if (!rules.listsAllowed) return request.kind === 'OCO' ? REFUSALS.listsBarred : REFUSALS.otoBarred;
  const closed = enteringFault(market, trader);
  if (closed !== null) return closed;
  if (request.kind !== 'OCO' && request.working.type !== 'LIMIT' && request.working.type !== 'LIMIT_MAKER') {
    return REFUSALS.orderTypeBarred;
  }
  if (request.kind === 'OTO' && request.pending.quoteOrderQuantity !== null) return REFUSALS.orderTypeBarred;
  const shape = request.kind === 'OTO' ? null : pairShapeFault(request.above, request.below);
  if (shape !== null) return shape;
  for (const each of terms) {
    const fault = checkTerms(each, rules) ?? filters.check(each, trader, market.reference);
    if (fault !== null) return fault;
  }
  let [algoOrders, icebergOrders] = [0, 0];
  for (const { type, icebergQuantity } of terms) {
    if (isContingent(type)) algoOrders += 1;
    if (icebergQuantity !== null) icebergOrders += 1;
  }
  return (
    filters.checkCounts(trader, terms.length, algoOrders, icebergOrders, 1) ?? duplicateFault(trader, request, terms)
  );
}

function duplicateFault(trader: Trader, request: NewOrderList, all: readonly OrderTerms[]): ExchangeRefusal | null {
  const { listClientOrderId } = request;
  if (listClientOrderId !== null && trader.lists.has(listClientOrderId)) return REFUSALS.duplicateOrder;
  for (let at = 0; at < all.length; at += 1) {
    const id = all[at]?.clientOrderId ?? null;
    if (id === null) continue;
    if (trader.orders.has(id)) return REFUSALS.duplicateOrder;
    for (let before = 0; before < at; before += 1)
      if (all[before]?.clientOrderId === id) return REFUSALS.duplicateOrder;
  }
  return null;
}

const isLegType = (type: ExchangeOrderType): boolean => type !== 'LIMIT' && type !== 'MARKET';

const icebergEndsEarly = ({ icebergQuantity, timeInForce }: OrderTerms): boolean =>
  icebergQuantity !== null && (timeInForce === 'ioc' || timeInForce === 'fok');

/** Why two orders don't make a pair: one must take a profit beyond the market (or be a post-only limit), the other stop a loss on its other side. */
function pairShapeFault(above: OrderTerms, below: OrderTerms): ExchangeRefusal | null {
  if (above.side !== below.side || above.quantity !== below.quantity) return REFUSALS.badCombination;
  if (!isLegType(above.type) || !isLegType(below.type)) return REFUSALS.ocoType;
  if (icebergEndsEarly(above)) return REFUSALS.aboveIceberg;
  if (icebergEndsEarly(below)) return REFUSALS.belowIceberg;
  if (above.type === 'LIMIT_MAKER' && below.type === 'LIMIT_MAKER') return REFUSALS.bothLimit;
  const buys = above.side === 'buy';
  const profit = buys ? below : above;
  const loss = buys ? above : below;
  if (loss.type === 'LIMIT_MAKER') return buys ? REFUSALS.buyLimitBelow : REFUSALS.sellLimitAbove;
  if (isStopLoss(profit.type)) return buys ? REFUSALS.buyStopAbove : REFUSALS.sellStopBelow;
  if (!isStopLoss(loss.type)) return buys ? REFUSALS.buyProfitBelow : REFUSALS.sellProfitAbove;
  return null;
}

/** An order that was refused after the order it should replace was canceled; it exists only in its report. */
export function createRejected(market: SymbolMarket, trader: Trader, terms: OrderTerms): Order {
  const order = create(market, trader, terms);
  order.orderId = market.nextOrderId();
  if (order.clientOrderId === '') order.rename(market.generateId(trader));
  order.place = 'ended';
  order.status = 'REJECTED';
  market.pool.release(order);
  return order;
}
