import { invariant } from '@monsta/core';
import { walkBook } from './book-walk.ts';
import { cutToFunds } from './cut-to-funds.ts';
import { dissolvePair, expire, rejectLegs } from './ending.ts';
import { REFUSALS, type ExchangeRefusal } from './exchange-faults.ts';
import { NO_CAUSE } from './execution-report.ts';
import { fund, fundMarketBuy, fundPair } from './funding.ts';
import { takeFromBook } from './matching.ts';
import { OrderList, type Order } from './order.ts';
import { isContingent, isMarketLike } from './order-view.ts';
import type { SymbolMarket } from './symbol-market.ts';
import { startFollowing, stopReached } from './trigger-book.ts';
import type { RejectReason } from './vocabulary.ts';

/** Why an order may not start now, whatever its owner holds: it would trigger at once, or a post-only order would take. Null where it may. */
export function startFault(market: SymbolMarket, order: Order): ExchangeRefusal | null {
  if (order.type === 'LIMIT_MAKER') {
    const best = (order.isBuy ? market.book.asks : market.book.bids).bestPrice;
    const crosses = best > 0 && (order.isBuy ? order.price >= best : order.price <= best);
    const outside = market.external?.best(order.isBuy) ?? 0;
    return crosses || (outside > 0 && (order.isBuy ? order.price >= outside : order.price <= outside))
      ? REFUSALS.wouldMatch
      : null;
  }
  // A trailing order whose stop price is already reached only begins to follow.
  if (!isContingent(order.type) || order.trailingDelta > 0 || market.lastPrice === 0) return null;
  return stopReached(order, market.lastPrice) ? REFUSALS.wouldTrigger : null;
}

/** Why the legs of a pair don't stand on the two sides of the last price; null where they do, or where there is no last price. */
function pairFault(above: Order, below: Order, lastPrice: number): ExchangeRefusal | null {
  if (lastPrice === 0) return null;
  const isApart = ({ stopPrice, type, price }: Order, rises: boolean): boolean => {
    const beyond = (at: number): boolean => at === 0 || (rises ? at > lastPrice : at < lastPrice);
    // A stop-loss limit may be priced on either side; a profit must be taken beyond the market.
    return beyond(stopPrice) && (!(type === 'LIMIT_MAKER' || type === 'TAKE_PROFIT_LIMIT') || beyond(price));
  };
  return isApart(above, true) && isApart(below, false) ? null : REFUSALS.ocoPrices;
}

/** Tells that an order, funded and open, is accepted; it goes to the book or begins to wait. `start` then sets it going. */
export function announce(market: SymbolMarket, order: Order): void {
  order.status = 'NEW';
  if (isContingent(order.type)) order.place = 'waiting';
  else {
    order.place = 'taking';
    order.workingUs = market.nowUs;
  }
  market.report(order, 'NEW');
}

/** Sets an announced order going. */
export function start(market: SymbolMarket, order: Order): void {
  if (order.place === 'taking') {
    take(market, order);
    return;
  }
  const { lastPrice, nowUs } = market;
  if (order.trailingDelta > 0 && lastPrice > 0 && (order.stopPrice === 0 || stopReached(order, lastPrice))) {
    startFollowing(order, lastPrice, nowUs);
  }
  market.triggers.add(order);
}

function take(market: SymbolMarket, order: Order): void {
  const marketLike = isMarketLike(order.type);
  if (order.timeInForce === 'fok' && !marketLike) {
    const { trader, isBuy, selfTradeMode, price, remaining } = order;
    if (walkBook(market, trader, isBuy, selfTradeMode, price, remaining, null).quantity < remaining) {
      expire(market, order);
      return;
    }
  }
  takeFromBook(market, order);
  invariant(market.reserve.isZero, 'a market order costs what was foreseen');
  if (order.place !== 'taking') return;
  if (marketLike || order.timeInForce !== 'gtc') expire(market, order);
  else market.book.add(order);
}

/** Gives their turn to the orders that were triggered and to the lists whose working order was filled, and to what that brings about in turn. */
export function runDue(market: SymbolMarket): void {
  const { due } = market;
  // Each order is triggered once and each list comes due once, so that this ends.
  for (let at = 0; at < due.length; at += 1) {
    const next = due[at];
    if (next instanceof OrderList) startLegs(market, next);
    else if (next !== undefined && next.place === 'triggered') startTriggered(market, next);
  }
  due.length = 0;
}

/** A triggered order becomes a market or limit order; the report says NEW again, now with a working time. */
function startTriggered(market: SymbolMarket, order: Order): void {
  dissolvePair(market, order);
  if (isMarketLike(order.type) && order.isBuy) {
    // It was funded at its stop price; what it costs shows only now.
    market.unlock(order);
    if (fundMarketBuy(market, order) !== null && !cutToFunds(market, order)) {
      expire(market, order, { ...NO_CAUSE, reason: 'INSUFFICIENT_BALANCES' });
      return;
    }
  }
  order.place = 'taking';
  order.workingUs = market.nowUs;
  market.report(order, 'NEW');
  take(market, order);
}

function startLegs(market: SymbolMarket, list: OrderList): void {
  const [first, second] = list.legs;
  invariant(first !== undefined, 'a list has at least one pending leg');
  const fault =
    second === undefined
      ? (startFault(market, first) ?? fund(market, first))
      : (pairStartFault(market, first, second) ?? fundPair(market, first, second));
  if (fault !== null) {
    rejectLegs(market, list, rejectReasonOf(fault));
    return;
  }
  list.paired = second !== undefined;
  for (const leg of list.legs) announce(market, leg);
  for (const leg of list.legs) if (leg.place !== 'ended') start(market, leg);
}

/** Why the legs of a pair may not start now; the stop-loss leg comes first. */
export function pairStartFault(market: SymbolMarket, stopLoss: Order, other: Order): ExchangeRefusal | null {
  const [above, below] = stopLoss.isBuy ? [stopLoss, other] : [other, stopLoss];
  return pairFault(above, below, market.lastPrice) ?? startFault(market, other);
}

/** The reason that a report gives for a refusal. */
export function rejectReasonOf(fault: ExchangeRefusal): RejectReason {
  switch (fault) {
    case REFUSALS.insufficientBalance:
      return 'INSUFFICIENT_BALANCES';
    case REFUSALS.wouldTrigger:
      return 'STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY';
    case REFUSALS.wouldMatch:
      return 'WOULD_MATCH_IMMEDIATELY';
    case REFUSALS.ocoPrices:
      return 'OCO_BAD_PRICES';
    default:
      return 'NONE';
  }
}
