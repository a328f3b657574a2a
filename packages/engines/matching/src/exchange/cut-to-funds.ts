import { invariant } from '@monsta/core';
import type { Quantity } from '@monsta/core';
import { walkBook } from './book-walk.ts';
import { approximateCommission } from './commission.ts';
import { PPM } from './fees.ts';
import { fund, fundMarketBuy } from './funding.ts';
import { markOf } from './margin.ts';
import type { Order } from './order.ts';
import type { SymbolMarket } from './symbol-market.ts';

/**
 * Makes an order that its owner can't pay for as small as he can pay for, to the lot, and locks what that needs; false, and nothing changes, where it is less than a lot, or where the
 * market refuses such orders as they are.
 */
export function cutToFunds(market: SymbolMarket, order: Order): boolean {
  if (market.external?.cutsToFunds !== true) return false;
  const wanted = order.remaining;
  const lots = affordable(market, order);
  resize(order, lots === 0 ? wanted : lots);
  if (lots === 0) return false;
  invariant(lock(market, order), 'what was found to be affordable is');
  return true;
}

/** The most lots that funds can be locked for; leaves the order with some other size. */
function affordable(market: SymbolMarket, order: Order): number {
  let [most, tooMany] = [0, order.remaining];
  let lots = guess(market, order);
  let step = 1;
  let rising: boolean | null = null;
  // From the guess on in steps that double, then by halves: mostly the second look is the last.
  for (let halving = false; tooMany - most > 1;) {
    lots = Math.min(tooMany - 1, Math.max(most + 1, lots));
    resize(order, lots);
    const fits = lock(market, order);
    if (fits) giveBack(market, order);
    if (fits) most = lots;
    else tooMany = lots;
    rising ??= fits;
    halving ||= fits !== rising;
    lots = halving ? most + Math.floor((tooMany - most) / 2) : lots + (fits ? step : -step);
    step *= 2;
  }
  return most;
}

const NO_COMMISSION = { fixed: 0, byLot: 0, least: 0 };

/** In binary numbers: about what is there for it, over what a lot needs with its fee. */
function guess(market: SymbolMarket, order: Order): number {
  const { trader, isBuy, remaining } = order;
  const { margin, fees, commission } = trader.account;
  const { value, quantity } = walkBook(market, trader, isBuy, order.selfTradeMode, 0, remaining, null);
  const worth = markOf(market) * market.conversion.tickLotUnits;
  const taken = order.price > 0 ? order.price * market.conversion.tickLotUnits : worth;
  const perLot = takes(order) && quantity > 0 ? Number(value.toBig()) / quantity : taken;
  const { fixed, byLot, least } = commission === null ? NO_COMMISSION : approximateCommission(market, commission);
  const fee = (perLot * fees.takerPpm) / PPM + byLot;
  const free = Number(trader.quote.free.toBig());
  const byCash = isBuy ? Math.min((free - fixed) / (perLot + fee), (free - least) / perLot) : Number.POSITIVE_INFINITY;
  const share = margin === null ? 0 : (worth * margin.terms.initialPpm) / PPM + fee;
  const byMargin = margin === null ? Number.POSITIVE_INFINITY : Number(margin.equity()) / share;
  const lots = Math.floor(Math.min(byCash, byMargin));
  return Number.isSafeInteger(lots) ? lots : remaining;
}

/** One that is about to buy at the market pays from what is set aside for it. */
const takes = (order: Order): boolean => order.isBuy && (order.type === 'MARKET' || order.orderId > 0);

const lock = (market: SymbolMarket, order: Order): boolean =>
  (takes(order) ? fundMarketBuy(market, order) : fund(market, order)) === null;

/** Gives back what was locked for an order that has not begun. */
export function giveBack(market: SymbolMarket, order: Order): void {
  if (!takes(order)) {
    market.unlock(order);
    return;
  }
  order.trader.quote.unlock(market.reserve);
  market.reserve.clear();
}

function resize(order: Order, lots: number): void {
  const change = lots - order.remaining;
  order.quantity = (order.quantity + change) as Quantity;
  if (order.isBuy && order.orderId > 0) order.trader.openBuyQuantity += change;
}
