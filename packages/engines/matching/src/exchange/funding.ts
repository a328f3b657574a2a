import { walkBook } from './book-walk.ts';
import { REFUSALS, type ExchangeRefusal } from './exchange-faults.ts';
import { PPM } from './fees.ts';
import { markOf } from './margin.ts';
import type { Order, Trader } from './order.ts';
import type { SymbolMarket } from './symbol-market.ts';
import { FEE_SCALE } from './symbol-rules.ts';
import { Wide } from './wide.ts';

/** Locks what an order needs; a refusal, and nothing changes, where it is not there. A market order locks exactly what it is going to cost. */
export function fund(market: SymbolMarket, order: Order): ExchangeRefusal | null {
  if (order.type === 'MARKET' && order.isBuy) return fundMarketBuy(market, order);
  order.lockPrice = order.isBuy ? market.lockPriceOf(order) : 0;
  if (order.isBuy && order.lockPrice === 0) return REFUSALS.noDepth;
  setLockFee(market, order);
  return marginAllows(market, order, order.type === 'MARKET') && market.lock(order)
    ? null
    : REFUSALS.insufficientBalance;
}

/** True where an order's margin is there, and for an account without margin, which has what it trades with. `takes`: it is about to take from the market. */
function marginAllows(market: SymbolMarket, order: Order, takes: boolean): boolean {
  const { trader, isBuy, remaining } = order;
  const { margin } = trader.account;
  if (margin === null) return true;
  const { tickLotUnits } = market.conversion;
  if (!takes) {
    const price = order.price > 0 ? order.price : order.stopPrice > 0 ? order.stopPrice : market.lastPrice;
    const fee = feesOf(market, trader, new Wide().setProduct(price, remaining, tickLotUnits), 1).toBig();
    const cash = isBuy ? market.lockAmount(order, remaining, new Wide()).toBig() : 0n;
    return margin.allows(market, order, remaining, fee, cash);
  }
  const { value, quantity, parts } = walkBook(market, trader, isBuy, order.selfTradeMode, 0, remaining, null);
  const fee = feesOf(market, trader, value, parts).toBig();
  const worth = BigInt(markOf(market)) * BigInt(quantity) * BigInt(tickLotUnits);
  const slipped = isBuy ? value.toBig() - worth : worth - value.toBig();
  return margin.allows(market, order, remaining, fee + slipped, value.toBig() + fee);
}

function setLockFee(market: SymbolMarket, order: Order): void {
  const lockFee = market.lockFeeOf(order);
  if (lockFee !== order.lockFee) order.changeExtras({ lockFee });
}

/** Sets aside in the market's reserve what a market buy is going to cost; a refusal, and nothing changes, where it is not there. */
export function fundMarketBuy(market: SymbolMarket, order: Order): ExchangeRefusal | null {
  const { trader } = order;
  const { value, parts } = walkBook(market, trader, true, order.selfTradeMode, 0, order.remaining, null);
  // Fees in the quote asset come out of the free balance; each of the trades rounds its own up.
  const needed = trader.account.feesFrom === 'quote' ? withFees(market, trader, value, parts) : value;
  if (trader.account.margin !== null) {
    if (!marginAllows(market, order, true)) return REFUSALS.insufficientBalance;
    trader.quote.borrow(needed);
  } else if (!trader.quote.free.covers(needed)) return REFUSALS.insufficientBalance;
  trader.quote.lock(value);
  market.reserve.copy(value);
  market.context.touch(trader.account, trader.quote);
  return null;
}

const withFees = (market: SymbolMarket, trader: Trader, value: Wide, parts: number): Wide =>
  feesOf(market, trader, value, parts).add(value);

/** What a taker pays at most for so many trades worth `value` together. */
function feesOf(market: SymbolMarket, trader: Trader, value: Wide, parts: number): Wide {
  const unit = 10 ** (market.conversion.quoteScale - FEE_SCALE);
  const most = new Wide().setShare(value, trader.account.fees.takerPpm, PPM, unit);
  return parts > 1 ? most.add(new Wide().setProduct(parts - 1, 1, unit)) : most;
}

/** Locks for a pair of which only one leg can be executed: the dearer leg's funds. */
export function fundPair(market: SymbolMarket, first: Order, second: Order): ExchangeRefusal | null {
  for (const leg of [first, second]) {
    leg.lockPrice = leg.isBuy ? market.lockPriceOf(leg) : 0;
    if (leg.isBuy && leg.lockPrice === 0) return REFUSALS.noDepth;
    setLockFee(market, leg);
  }
  const dearer = second.lockPrice > first.lockPrice ? second : first;
  return marginAllows(market, dearer, false) && market.lock(dearer) ? null : REFUSALS.insufficientBalance;
}
