import type { Order, Trader } from './order.ts';
import type { PriceLevels } from './price-levels.ts';
import { NONE } from './records.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { SelfTradeMode } from './vocabulary.ts';
import { Wide } from './wide.ts';

/** True where orders of the two must not trade with each other. */
export function isSelfTrade(taker: Trader, maker: Trader): boolean {
  const one = taker.account;
  const other = maker.account;
  return one === other || (one.tradeGroupId !== null && one.tradeGroupId === other.tradeGroupId);
}

/** What a taker would trade if it came now. Valid until the next walk. */
export interface Walk {
  /** Lots that would be traded. */
  readonly quantity: number;
  /** What they would cost or bring, in units of the quote asset. */
  readonly value: Wide;
  /** Trades of which it would consist. */
  readonly parts: number;
}

interface Walking extends Walk {
  /** Lots still wanted. */
  wanted: number;
  quantity: number;
  parts: number;
  /** Units of the quote asset still to be spent or earned; null without such a bound. */
  budget: bigint | null;
}

const walking: Walking = { wanted: 0, quantity: 0, parts: 0, budget: null, value: new Wide() };
const part = new Wide();

/**
 * Goes through the book as a taker would and changes nothing: order by order, with iceberg parts in their turn and self-trade prevention as it would act. `limit` is the
 * worst price, 0 for none; `budget` bounds the value instead of the quantity; `size` is the whole order's, where only a part of it is walked.
 */
export function walkBook(
  market: SymbolMarket,
  taker: Trader,
  isBuy: boolean,
  mode: SelfTradeMode,
  limit: number,
  wanted: number,
  budget: bigint | null,
  size = wanted,
): Walk {
  if (market.external === null || budget === null) return walk(market, taker, isBuy, mode, limit, wanted, budget, size);
  // What a larger order pays more is known only when its size is: first as if it were the smallest, then as if it were what that came to.
  const most = walk(market, taker, isBuy, mode, limit, wanted, budget, 1).quantity;
  return walk(market, taker, isBuy, mode, limit, wanted, budget, most);
}

/** True where an offer from outside the book comes before the book's best price, 0 where the book has none. */
export function comesFirst(price: number, best: number, isBuy: boolean): boolean {
  return best === 0 || (isBuy ? price <= best : price >= best);
}

function walk(
  market: SymbolMarket,
  taker: Trader,
  isBuy: boolean,
  mode: SelfTradeMode,
  limit: number,
  wanted: number,
  budget: bigint | null,
  size: number,
): Walk {
  walking.wanted = wanted;
  walking.quantity = 0;
  walking.parts = 0;
  walking.budget = budget;
  walking.value.clear();
  const { external } = market;
  const side = isBuy ? market.book.asks : market.book.bids;
  let level = side.best;
  let index = 0;
  while (walking.wanted > 0) {
    const price = level === NONE ? 0 : side.priceOf(level);
    const offer = external === null ? null : external.offer(isBuy, index, limit, size);
    if (offer !== null && comesFirst(offer.price, price, isBuy)) {
      index += 1;
      if (offer.quantity > 0 && !walkPart(market, offer.paid, offer.quantity)) break;
      continue;
    }
    if (level === NONE || (limit > 0 && (isBuy ? price > limit : price < limit))) break;
    if (!walkLevel(market, side, level, taker, mode)) break;
    level = side.worse(level);
  }
  return walking;
}

/** Walks one level's queue; false where the walk ends there. */
function walkLevel(
  market: SymbolMarket,
  side: PriceLevels,
  level: number,
  taker: Trader,
  mode: SelfTradeMode,
): boolean {
  const { book } = market;
  const price = side.priceOf(level);
  /** Icebergs that come round again, with what is hidden of them. */
  let again: { readonly order: Order; hidden: number }[] = [];
  for (let order: Order | null = book.firstAt(side, level); order !== null; order = book.behind(order)) {
    if (walking.wanted <= 0) return false;
    if (mode !== 'NONE' && isSelfTrade(taker, order.trader)) {
      if (mode === 'EXPIRE_TAKER' || mode === 'EXPIRE_BOTH') return false;
      // Decrementing takes from both without a trade; bounded by value there is no quantity to take from.
      if (mode === 'DECREMENT' && walking.budget === null) walking.wanted -= Math.min(walking.wanted, order.remaining);
      continue;
    }
    if (!walkPart(market, price, order.shown)) return false;
    const hidden = order.remaining - order.shown;
    if (hidden > 0) again.push({ order, hidden });
  }
  while (again.length > 0 && walking.wanted > 0) {
    for (const entry of again) {
      const shown = Math.min(entry.hidden, entry.order.icebergQuantity);
      if (!walkPart(market, price, shown)) return false;
      entry.hidden -= shown;
    }
    again = again.filter((entry) => entry.hidden > 0);
  }
  return walking.wanted > 0;
}

/** Trades one shown part; false where nothing more is wanted or can be paid for. */
function walkPart(market: SymbolMarket, price: number, shown: number): boolean {
  const { tickLotUnits } = market.conversion;
  let lots = Math.min(shown, walking.wanted);
  let within = true;
  if (walking.budget !== null) {
    const perLot = BigInt(price) * BigInt(tickLotUnits);
    const affordable = walking.budget / perLot;
    if (affordable < BigInt(lots)) {
      lots = Number(affordable);
      within = false;
    }
    walking.budget -= perLot * BigInt(lots);
  }
  walking.value.add(part.setProduct(price, lots, tickLotUnits));
  walking.quantity += lots;
  walking.parts += 1;
  walking.wanted -= lots;
  return within && walking.wanted > 0;
}
