import { walkBook, type Walk } from './book-walk.ts';
import { commissionFor, setAsideFor } from './commission.ts';
import { REFUSALS, type ExchangeRefusal } from './exchange-faults.ts';
import { feeFreeLots } from './fee-free.ts';
import { PPM } from './fees.ts';
import { markOf } from './margin.ts';
import type { Order } from './order.ts';
import type { SymbolMarket } from './symbol-market.ts';
import { Wide } from './wide.ts';

/** Locks what an order needs; a refusal, and nothing changes, where it is not there. A market order locks exactly what it is going to cost. */
export function fund(market: SymbolMarket, order: Order): ExchangeRefusal | null {
  if (order.type === 'MARKET' && order.isBuy) return fundMarketBuy(market, order);
  if (!priceLock(market, order)) return REFUSALS.noDepth;
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
    const charged = Math.max(0, remaining - feeFreeLots(market, order));
    const fee = feesOf(market, order, new Wide().setProduct(price, charged, tickLotUnits), charged, 1).toBig();
    const { commission } = trader.account;
    const beside = commission === null ? 0n : setAsideFor(market, order, commission);
    const cash = isBuy ? market.lockAmount(order, remaining, new Wide()).toBig() + beside : 0n;
    return margin.allows(market, order, remaining, fee, cash);
  }
  const { value, quantity, fees } = costOf(market, order);
  const fee = fees.toBig();
  const worth = BigInt(markOf(market)) * BigInt(quantity) * BigInt(tickLotUnits);
  const slipped = isBuy ? value.toBig() - worth : worth - value.toBig();
  return margin.allows(market, order, remaining, fee + slipped, value.toBig() + fee);
}

/** Finds what a lot of the order locks; false where a buy has no price to lock at. */
function priceLock(market: SymbolMarket, order: Order): boolean {
  order.lockPrice = order.isBuy ? market.lockPriceOf(order) : 0;
  if (order.isBuy && order.lockPrice === 0) return false;
  const lockFee = market.lockFeeOf(order);
  if (lockFee !== order.lockFee) order.changeExtras({ lockFee });
  return true;
}

/** Sets aside in the market's reserve what a market buy is going to cost; a refusal, and nothing changes, where it is not there. */
export function fundMarketBuy(market: SymbolMarket, order: Order): ExchangeRefusal | null {
  const { trader } = order;
  const { margin, feesFrom } = trader.account;
  if (margin !== null && !marginAllows(market, order, true)) return REFUSALS.insufficientBalance;
  const { value, fees } = costOf(market, order);
  // Fees in the quote asset come out of the free balance; each of the trades rounds its own up.
  const needed = feesFrom === 'quote' ? fees.add(value) : value;
  if (margin !== null) trader.quote.borrow(needed);
  else if (!trader.quote.free.covers(needed)) return REFUSALS.insufficientBalance;
  trader.quote.lock(value);
  market.reserve.copy(value);
  market.context.touch(trader.account, trader.quote);
  return null;
}

interface Cost extends Pick<Walk, 'value' | 'quantity'> {
  readonly fees: Wide;
}

const charged = new Wide();

/** What an order would trade if it took from the market now, and the most that its fees would come to. Valid until the next walk. */
function costOf(market: SymbolMarket, order: Order): Cost {
  const { trader, isBuy, selfTradeMode, remaining } = order;
  const free = Math.min(remaining, feeFreeLots(market, order));
  if (free === 0) {
    const { value, quantity, parts } = walkBook(market, trader, isBuy, selfTradeMode, 0, remaining, null);
    return { value, quantity, fees: feesOf(market, order, value, quantity, parts) };
  }
  // What costs no fee comes first, at the prices of the whole.
  const unpaid = walkBook(market, trader, isBuy, selfTradeMode, 0, free, null, remaining).value.toBig();
  const { value, quantity, parts } = walkBook(market, trader, isBuy, selfTradeMode, 0, remaining, null);
  charged.setBig(value.toBig() - unpaid);
  return { value, quantity, fees: feesOf(market, order, charged, quantity - free, charged.isZero ? 1 : parts) };
}

const most = new Wide();
const rounded = new Wide();

/** What a taker pays at most for so many trades of so many lots worth `value` together. Valid until it is asked again. */
function feesOf(market: SymbolMarket, order: Order, value: Wide, lots: number, parts: number): Wide {
  const { account, quote } = order.trader;
  most.setShare(value, account.fees.takerPpm, PPM, quote.feeUnit);
  if (parts > 1) most.add(rounded.setProduct(parts - 1, 1, quote.feeUnit));
  const { commission } = account;
  return commission === null ? most : most.setBig(commissionFor(market, order, commission, lots, most.toBig()));
}

/** Locks for a pair of which only one leg can be executed: the dearer leg's funds. */
export function fundPair(market: SymbolMarket, first: Order, second: Order): ExchangeRefusal | null {
  if (!priceLock(market, first) || !priceLock(market, second)) return REFUSALS.noDepth;
  const dearer = second.lockPrice > first.lockPrice ? second : first;
  return marginAllows(market, dearer, false) && market.lock(dearer) ? null : REFUSALS.insufficientBalance;
}
