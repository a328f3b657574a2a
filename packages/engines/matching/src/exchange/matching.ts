import type { Price, Quantity } from '@monsta/core';
import { comesFirst, isSelfTrade } from './book-walk.ts';
import { chargeCommission } from './commission.ts';
import { Execution, NO_CAUSE, type Prevention } from './execution-report.ts';
import { dissolvePair, orderEnded } from './ending.ts';
import type { ExternalLiquidity, ExternalOffer } from './external-liquidity.ts';
import type { Order } from './order.ts';
import { feeFreeLots, lotsAtOnce } from './fee-free.ts';
import { isMarketLike } from './order-view.ts';
import type { SymbolMarket } from './symbol-market.ts';
import { Wide } from './wide.ts';

const value = new Wide();
const base = new Wide();
const locked = new Wide();

/**
 * Lets an order take from the book: best price first, oldest first, at the maker's price, until it is done, nothing crosses any more, or self-trade prevention ends it.
 */
export function takeFromBook(market: SymbolMarket, taker: Order): void {
  const makers = taker.isBuy ? market.book.asks : market.book.bids;
  const limit = isMarketLike(taker.type) ? 0 : taker.price;
  const guarded = taker.selfTradeMode !== 'NONE';
  const { external } = market;
  const size = taker.remaining;
  let index = 0;
  while (taker.place === 'taking') {
    const price = makers.bestPrice;
    if (external !== null) {
      const offer = external.offer(taker.isBuy, index, limit, size);
      if (offer !== null && comesFirst(offer.price, price, taker.isBuy)) {
        if (offer.quantity > 0) takeExternal(market, external, taker, index, offer);
        index += 1;
        continue;
      }
    }
    if (price === 0 || (limit > 0 && (taker.isBuy ? price > limit : price < limit))) return;
    const maker = market.book.firstAt(makers, makers.best);
    if (maker.list !== null) dissolvePair(market, maker);
    if (guarded && isSelfTrade(taker.trader, maker.trader)) prevent(market, taker, maker);
    else trade(market, taker, maker);
  }
}

function takeExternal(
  market: SymbolMarket,
  external: ExternalLiquidity,
  taker: Order,
  index: number,
  offer: ExternalOffer,
): void {
  let left = Math.min(taker.remaining, offer.quantity);
  external.take(taker.isBuy, index, left);
  while (left > 0) {
    const quantity = lotsAtOnce(market, taker, left) as Quantity;
    left -= quantity;
    reportTrade(market, taker, settle(market, taker, offer.paid as Price, quantity, market.nextTradeId(), false));
  }
}

/** Fills a resting order from outside the book, at `price`: its own, or a better one. */
export function fillExternally(market: SymbolMarket, maker: Order, price: Price, lots: number): void {
  if (maker.list !== null) dissolvePair(market, maker);
  const quantity = lotsAtOnce(market, maker, lots) as Quantity;
  const execution = settle(market, maker, price, quantity, market.nextTradeId(), true);
  const { shown, icebergQuantity } = maker;
  market.book.consume(maker, Math.min(shown, quantity));
  // An iceberg shows one part after the other; of the last one begun, what was taken beyond the parts before it is gone.
  const begun = quantity > shown ? (quantity - shown) % icebergQuantity : 0;
  const stays = Math.min(maker.remaining, icebergQuantity - begun);
  if (begun > 0 && stays < maker.shown) market.book.consume(maker, maker.shown - stays);
  reportTrade(market, maker, execution);
  if (quantity < lots) fillExternally(market, maker, price, lots - quantity);
}

function trade(market: SymbolMarket, taker: Order, maker: Order): void {
  const { price } = maker;
  const lots = Math.min(taker.remaining, maker.shown);
  const quantity = lotsAtOnce(market, maker, lotsAtOnce(market, taker, lots)) as Quantity;
  const tradeId = market.nextTradeId();
  const makerFirst = settle(market, maker, price, quantity, tradeId, true);
  const takerSecond = settle(market, taker, price, quantity, tradeId, false);
  market.book.consume(maker, quantity);
  market.lastPrice = price;
  for (const average of market.averages) average.add(price, quantity, market.nowUs);
  market.context.listener.onTrade({
    symbol: market.rules.symbol,
    tradeId,
    price,
    quantity,
    buyerOrderId: taker.isBuy ? taker.orderId : maker.orderId,
    sellerOrderId: taker.isBuy ? maker.orderId : taker.orderId,
    buyerIsMaker: maker.isBuy,
    timeUs: market.nowUs,
  });
  reportTrade(market, maker, makerFirst);
  reportTrade(market, taker, takerSecond);
  if (market.triggers.size > 0) market.triggers.onTrade(price, market.nowUs, market.due);
}

function reportTrade(market: SymbolMarket, order: Order, execution: Execution): void {
  const done = order.remaining === 0;
  if (done) market.end(order, order.executed === order.quantity ? 'FILLED' : 'EXPIRED_IN_MATCH');
  else order.status = 'PARTIALLY_FILLED';
  market.report(order, 'TRADE', {
    execution,
    prevention: null,
    reason: 'NONE',
    originalClientOrderId: '',
    clientOrderId: null,
  });
  if (done && order.list !== null) orderEnded(market, order);
}

/** Pays for a trade and credits what it brings, less the fee; everything that an order pays comes from what it locked. */
function settle(
  market: SymbolMarket,
  order: Order,
  price: Price,
  quantity: Quantity,
  tradeId: number,
  isMaker: boolean,
): Execution {
  const { trader } = order;
  const { context, conversion } = market;
  const isFree = feeFreeLots(market, order) > 0;
  value.setProduct(price, quantity, conversion.tickLotUnits);
  base.setProduct(quantity, 1, conversion.lotUnits);
  if (order.isBuy) {
    payForBuy(market, order, price, quantity);
    trader.base.free.add(base);
    trader.openBuyQuantity -= quantity;
  } else {
    trader.base.locked.subtract(base);
    trader.quote.free.add(value);
  }
  order.spend(value);
  order.executed = (order.executed + quantity) as Quantity;
  const inBase = order.isBuy && trader.account.feesFrom === 'received';
  const brought = inBase ? trader.base : trader.quote;
  const { commission } = trader.account;
  let paidFrom = brought;
  if (isFree) context.fees.waive(brought);
  else if (commission === null) paidFrom = context.fees.charge(trader.account, brought, inBase ? base : value, isMaker);
  else chargeCommission(market, order, commission, quantity, value, isMaker);
  if (trader.account.mayOwe) {
    trader.base.repay();
    trader.quote.repay();
  }
  context.touch(trader.account, trader.base);
  context.touch(trader.account, trader.quote);
  if (paidFrom !== trader.base && paidFrom !== trader.quote) context.touch(trader.account, paidFrom);
  return new Execution(price, quantity, tradeId, isMaker, context.fees.fee, paidFrom);
}

function payForBuy(market: SymbolMarket, order: Order, price: Price, quantity: Quantity): void {
  const { quote } = order.trader;
  if (!order.locks) {
    // A market order pays from what was set aside for it.
    market.reserve.subtract(value);
    quote.locked.subtract(value);
    return;
  }
  if (order.lockPrice === price && order.lockFee === 0) {
    quote.locked.subtract(value);
    return;
  }
  market.lockAmount(order, quantity, locked);
  quote.locked.subtract(locked);
  quote.free.add(locked).subtract(value);
}

/** Stops a match between orders of one owner, as the taker's mode says. */
function prevent(market: SymbolMarket, taker: Order, maker: Order): void {
  const mode = taker.selfTradeMode;
  const preventedMatchId = market.nextPreventedMatchId();
  const price = maker.price;
  const quantity = Math.min(taker.remaining, maker.remaining) as Quantity;
  const fromMaker = mode === 'EXPIRE_TAKER' ? 0 : mode === 'DECREMENT' ? quantity : maker.remaining;
  const fromTaker = mode === 'EXPIRE_MAKER' ? 0 : mode === 'DECREMENT' ? quantity : taker.remaining;
  const lose = (order: Order, counter: Order, lost: number): void => {
    if (lost === 0) return;
    reduce(market, order, lost, preventedMatchId);
    const { tradeGroupId } = order.trader.account;
    reportPrevention(market, order, {
      preventedMatchId,
      lastPreventedQuantity: lost as Quantity,
      executionQuantity: quantity,
      executionPrice: price,
      counterOrderId: counter.orderId,
      tradeGroupId,
      isMaker: order === maker,
      mode,
    });
  };
  lose(maker, taker, fromMaker);
  lose(taker, maker, fromTaker);
}

/** Takes `lost` lots from an order without a trade, with what they lock. */
function reduce(market: SymbolMarket, order: Order, lost: number, preventedMatchId: number): void {
  if (order.locks) market.release(order, lost);
  if (order.isBuy) order.trader.openBuyQuantity -= lost;
  order.changeExtras({ prevented: (order.prevented + lost) as Quantity, preventedMatchId });
  if (order.place !== 'resting') return;
  const { remaining } = order;
  // What is hidden goes first, so that the order keeps what it shows and its place while it can.
  if (remaining > 0) market.book.shrink(order);
  else market.book.consume(order, order.shown);
}

function reportPrevention(market: SymbolMarket, order: Order, prevention: Prevention): void {
  const done = order.remaining === 0;
  if (done) {
    order.locks = false;
    market.end(order, 'EXPIRED_IN_MATCH');
  }
  market.report(order, 'TRADE_PREVENTION', { ...NO_CAUSE, prevention });
  if (done && order.list !== null) orderEnded(market, order);
}
